"""Which loader a file is for: each says how sure it is, the surest wins; what none knows is refused with the list."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tongqu.kernel.imports.loader import Loader
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor
from tongqu.kit.errors import Forbidden, Invalid, NotFound, TooLarge
from tongqu.kit.text import text

HEAD_BYTES = 64 << 10
LEAST = 0.1
MOST_UNPACKED_GB = 16
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


@dataclass(frozen=True)
class Recognised:
    """A file and the loader it goes to, 1 for certain."""

    loader: Loader
    sure: float


def loaders(platform: Platform) -> dict[str, Loader]:
    """The loaders of all modules, by id."""
    return {one.id: one for module in platform.modules for one in module.loaders}


def title(loader_id: str) -> dict[str, str]:
    """What a kind of file is called."""
    module, _, name = loader_id.partition(".")
    return text(f"{module}.loaders.{name}.title")


def described(platform: Platform, actor: Actor) -> list[dict[str, Any]]:
    """The kinds of files an actor may load."""
    return [
        {"id": one.id, "title": title(one.id), "suffixes": list(one.suffixes)}
        for one in loaders(platform).values()
        if actor.may(one.permission)
    ]


def recognise(platform: Platform, actor: Actor, path: Path, name: str, wanted: str | None = None) -> Recognised:
    """The loader for a file.

    Args:
        path: the file, under its own name (its ending helps).
        name: as errors name it.
        wanted: id of a loader that is to take it, however it looks.

    Raises:
        Invalid: `imports.empty_file`, `imports.broken_zip`, `imports.unknown_file`.
        NotFound: `imports.unknown_loader`; Forbidden: `web.no_permission`.
    """
    known = loaders(platform)
    head = _head(path, name)
    if wanted is not None:
        if wanted not in known:
            raise NotFound("imports.unknown_loader", loader=wanted, known=", ".join(known))
        return _allowed(actor, Recognised(known[wanted], 1.0))
    found = [Recognised(one, _sureness(one, path, head)) for one in known.values()]
    best = max(found, key=lambda one: one.sure, default=None)
    if best is None or best.sure < LEAST:
        kinds = {language: "、".join(title(one)[language] for one in known) for language in ("zh", "en")}
        raise Invalid("imports.unknown_file", name=name, known=kinds["zh"], known_en=kinds["en"].replace("、", ", "))
    return _allowed(actor, best)


def _sureness(loader: Loader, path: Path, head: bytes) -> float:
    try:
        return loader.recognise(path, head)
    except Exception:  # a loader that stumbles over a strange file does not know it
        return 0.0


def _allowed(actor: Actor, found: Recognised) -> Recognised:
    if not actor.may(found.loader.permission):
        raise Forbidden("web.no_permission", permission=found.loader.permission)
    return found


def _head(path: Path, name: str) -> bytes:
    with path.open("rb") as opened:
        head = opened.read(HEAD_BYTES)
    if not head:
        raise Invalid("imports.empty_file", name=name)
    if head.startswith(_ZIP):
        try:
            with zipfile.ZipFile(path) as archive:
                archive.namelist()
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise Invalid("imports.broken_zip", name=name, reason=str(error)) from error
    return head


def members(path: Path) -> list[str]:
    """Names of the files in a zip archive; none where it is no archive or a broken one."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return []


def check_archive(path: Path, name: str) -> None:
    """Read an archive through once: a member that is cut or damaged is named before anything is taken in.

    Raises:
        Invalid: `imports.broken_member`.
    """
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if sum(one.file_size for one in members) > MOST_UNPACKED_GB << 30:
                raise TooLarge("imports.zip_bomb")
            for member in members:
                _read_through(archive, member, name)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Invalid("imports.broken_zip", name=name, reason=str(error)) from error


def _read_through(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> None:
    try:
        with archive.open(member) as opened:
            while opened.read(1 << 20):
                pass
    # RuntimeError: it is encrypted; NotImplementedError: packed in a way that nobody uses.
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise Invalid("imports.broken_member", name=name, member=member.filename) from error
