"""The files themselves: named by the SHA-256 of their content, written once, never changed.

Everything here works on the folder `documents` of the data folder and needs no unit of work; a path never comes from
a client.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tongqu.kernel.platform import Platform
from tongqu.kit.errors import TooLarge
from tongqu.kit.ids import new_id

BLOCK = 1 << 20


@dataclass(frozen=True)
class Content:
    """What is in a kept file: SHA-256 (hex) and size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Vault:
    """Content-addressed files below a folder."""

    folder: Path

    def path(self, sha256: str) -> Path:
        """Where the content with this hash lies, if it is kept."""
        return self.folder / "content" / sha256[:2] / sha256

    def part(self, upload: str) -> Path:
        """Where the bytes of an unfinished upload lie."""
        return self.folder / "uploads" / f"{upload}.part"

    def keep(self, source: bytes | Path | BinaryIO, most: int | None = None) -> Content:
        """Store content durably; the same content is stored once.

        Args:
            source: bytes, a file to copy, or an open binary file read from where it stands.
            most: bytes at most.

        Raises:
            TooLarge: `documents.too_large`.
        """
        if isinstance(source, Path):
            with source.open("rb") as opened:
                return self.keep(opened, most)
        stream = io.BytesIO(source) if isinstance(source, bytes) else source
        incoming = self.folder / "incoming"
        incoming.mkdir(parents=True, exist_ok=True)
        draft = incoming / new_id()
        digest, size = hashlib.sha256(), 0
        try:
            with draft.open("wb") as out:
                while block := stream.read(BLOCK):
                    size += len(block)
                    if most is not None and size > most:
                        raise TooLarge("documents.too_large", most_mb=most // BLOCK)
                    digest.update(block)
                    out.write(block)
                out.flush()
                os.fsync(out.fileno())
            content = Content(digest.hexdigest(), size)
            self.adopt(draft, content)
        finally:
            draft.unlink(missing_ok=True)
        return content

    def adopt(self, file: Path, content: Content) -> None:
        """Take a complete, durable file of the same file system in; the file itself stays where it is."""
        target = self.path(content.sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.link(file, target)
        os.utime(target)  # young again: a sweep leaves it to whoever is about to register it
        _sync_folder(target.parent)

    def measure(self, file: Path) -> Content:
        """Hash and size of a file."""
        digest, size = hashlib.sha256(), 0
        with file.open("rb") as opened:
            while block := opened.read(BLOCK):
                digest.update(block)
                size += len(block)
        return Content(digest.hexdigest(), size)

    def kept(self) -> Iterator[str]:
        """Hashes of all kept content."""
        for folder in sorted((self.folder / "content").glob("??")):
            yield from sorted(path.name for path in folder.iterdir())

    def sweep(self, known: Collection[str], before_s: float) -> int:
        """Remove content that nothing names and that was last taken in before an instant; gives how many."""
        removed = 0
        for sha256 in self.kept():
            path = self.path(sha256)
            if sha256 not in known and path.stat().st_mtime < before_s:
                path.unlink()
                removed += 1
        return removed


def vault(platform: Platform) -> Vault:
    """The vault of an installation; every process may use it."""
    return Vault(platform.settings.data / "documents")


def write_part(path: Path, offset: int, data: bytes) -> None:
    """Write bytes of an upload at their place, durably; whatever a broken write left behind them is cut off."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("r+b" if path.exists() else "w+b") as out:
        out.truncate(offset)
        out.seek(offset)
        out.write(data)
        out.flush()
        os.fsync(out.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
