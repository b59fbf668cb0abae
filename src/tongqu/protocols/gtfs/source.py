"""The files of a feed as bytes, from a zip (also with its files in a folder) or a folder; bombs are refused."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tongqu.kit.errors import Invalid, TooLarge
from tongqu.protocols.gtfs.spec import FILES, NOT_TABLES


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a feed may unpack to.

    Attributes:
        total_bytes: of all files together.
        file_bytes: of one file.
        files: entries in the zip.
        ratio: unpacked to packed, of a file above 10 MB; text packs 5 to 30 times, bombs thousands.
    """

    total_bytes: int = 8 << 30
    file_bytes: int = 4 << 30
    files: int = 2_000
    ratio: float = 200.0


@dataclass(frozen=True)
class Source:
    """The bytes of each file of a feed, read when asked for.

    Attributes:
        name: name of the zip or folder without its ending.
        sha256: of the zip's bytes; of a folder, of its files' names and bytes in order.
        inner: the folder inside the zip in which the files lie, or an empty text.
        names: files of the feed that are there, by their name in the specification's form (``stops.txt``).
        strays: other files there.
    """

    name: str
    sha256: str
    inner: str
    names: tuple[str, ...]
    strays: tuple[str, ...]
    _read: dict[str, Path | tuple[bytes | Path, str]] = field(repr=False)

    def read(self, name: str, limits: Limits | None = None) -> bytes:
        """The bytes of one file."""
        limits = limits or Limits()
        where = self._read[name]
        if isinstance(where, Path):
            return where.read_bytes()
        try:
            with _opened(where[0]) as archive, archive.open(where[1]) as stream:
                data = stream.read(limits.file_bytes + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise Invalid("gtfs.file_damaged", file=name) from error
        if len(data) > limits.file_bytes:
            raise TooLarge("gtfs.file_too_large", file=name)
        return data


def open_source(path: Path | str | bytes, limits: Limits | None = None, name: str | None = None) -> Source:
    """Find the files of a feed.

    Args:
        path: a zip, a folder, or the bytes of a zip.
        limits: what it may unpack to.
        name: what to call the feed; its file's name where none is given.

    Raises:
        Invalid: it is no readable zip, or has none of the specification's files.
        TooLarge: it would unpack to more than the limits.
    """
    limits = limits or Limits()
    if isinstance(path, bytes):
        return _zip(path, hashlib.sha256(path).hexdigest(), name or "feed", limits)
    path = Path(path)
    if not path.exists():
        raise Invalid("gtfs.no_such_file", path=path.name)
    if path.is_dir():
        return _folder(path, name or path.name)
    return _zip(path, _sha256(path), name or path.stem, limits)


def _folder(path: Path, name: str) -> Source:
    found = {str(file.relative_to(path)): file for file in sorted(path.rglob("*")) if file.is_file()}
    inner, names = _place(list(found))
    digest = hashlib.sha256()
    for file in names:
        digest.update(file.encode() + b"\0" + found[inner + file].read_bytes())
    strays = tuple(sorted(set(found) - {inner + file for file in names}))
    return Source(name, digest.hexdigest(), inner, names, strays, {file: found[inner + file] for file in names})


def _zip(data: bytes | Path, sha256: str, name: str, limits: Limits) -> Source:
    try:
        with _opened(data) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Invalid("gtfs.not_a_zip", name=name) from error
    _refuse_bombs(entries, limits)
    found = {entry.filename: entry for entry in entries if "__MACOSX/" not in entry.filename}
    inner, names = _place(list(found))
    if any(found[inner + file].flag_bits & 1 for file in names):
        raise Invalid("gtfs.encrypted", name=name)
    strays = tuple(sorted(set(found) - {inner + file for file in names}))
    return Source(name, sha256, inner, names, strays, {file: (data, inner + file) for file in names})


def _refuse_bombs(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(entries) > limits.files:
        raise TooLarge("gtfs.too_many_files", files=len(entries))
    if sum(entry.file_size for entry in entries) > limits.total_bytes:
        raise TooLarge("gtfs.unpacks_too_large", limit_mb=limits.total_bytes >> 20)
    for entry in entries:
        if entry.file_size > limits.file_bytes:
            raise TooLarge("gtfs.file_too_large", file=entry.filename)
        if entry.file_size > 10 << 20 and entry.file_size > limits.ratio * max(1, entry.compress_size):
            raise TooLarge("gtfs.bomb", file=entry.filename)


def _place(paths: list[str]) -> tuple[str, tuple[str, ...]]:
    """The folder with the most files of the specification, and which they are; the shallowest where two are equal."""
    folders: dict[str, list[str]] = {}
    for path in paths:
        folder, slash, file = path.rpartition("/")
        if (file.removesuffix(".txt") in FILES and file.endswith(".txt")) or file in NOT_TABLES:
            folders.setdefault(folder + slash, []).append(file)
    if not folders:
        return "", ()
    inner = min(folders, key=lambda folder: (-len(folders[folder]), folder.count("/"), folder))
    return inner, tuple(sorted(folders[inner]))


@contextmanager
def _opened(data: bytes | Path) -> Iterator[zipfile.ZipFile]:
    source: IO[bytes] = io.BytesIO(data) if isinstance(data, bytes) else data.open("rb")
    with source, zipfile.ZipFile(source) as archive:
        yield archive


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
