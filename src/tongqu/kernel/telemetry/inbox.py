"""Frames that come in files: a job writes them as a small log of its own, the owner of the history makes rows of them.

The gateway is the only writer of the segment log, and a job has no DuckDB. So a job puts frames into a folder
`inbox/{name}`, a segment log like the large one; the telemetry writer takes such folders in between two pieces of the
live log, by the same way (decoder, duplicates, binding, flags), and leaves the counts in `inbox/{name}.json`. A folder
that was half taken in when the process died is taken in again: rows are known by their natural key. The rows carry no
log offset, for the frame is in the file that was loaded.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from tongqu.kernel.platform import Platform
from tongqu.kernel.telemetry.log import LogWriter
from tongqu.kernel.telemetry.reader import LogReader
from tongqu.kit.errors import Unavailable
from tongqu.kit.ids import new_id
from tongqu.kit.time import Clock

NO_FRAME = -1
"""Log offset of rows whose frame is not in the log."""
POLL_S = 0.1
WAIT_S = 900.0
_FLUSH_EVERY = 2_000


@dataclass(frozen=True)
class TakenIn:
    """What came of a folder: new rows, rows that were there already, frames that gave none."""

    rows: int = 0
    repeated: int = 0
    refused: int = 0


@dataclass
class AtRest:
    """Takes folders in at once, in a process that owns the history of a platform at rest."""

    take: Callable[[Path], TakenIn]


class Outgoing:
    """Frames on their way into the inbox."""

    def __init__(self, writer: LogWriter) -> None:
        self._writer = writer
        self._count = 0

    def append(self, stream: int, source: int, received_ms: int, raw: bytes) -> None:
        self._writer.append(stream, source, received_ms, raw)
        self._count += 1
        if self._count % _FLUSH_EVERY == 0:
            self._writer.flush()


def folder_of(platform: Platform) -> Path:
    return platform.settings.data / "inbox"


@contextmanager
def outgoing(platform: Platform, clock: Clock) -> Iterator[tuple[Outgoing, Path]]:
    """Open a new folder to put frames into; on leaving the block it is handed in, on an error thrown away.

    Gives the frames' door and the folder's later name, for `delivered`.
    """
    name = new_id()
    draft, target = folder_of(platform) / f"{name}.writing", folder_of(platform) / name
    writer = LogWriter(draft, clock)
    try:
        yield Outgoing(writer), target
        writer.flush()
    except BaseException:
        writer.close()
        shutil.rmtree(draft, ignore_errors=True)
        raise
    writer.close()
    draft.rename(target)


def delivered(platform: Platform, folder: Path, check: Callable[[], None] = lambda: None) -> TakenIn:
    """Wait until a folder has been taken in.

    Raises:
        Unavailable: `telemetry.not_taken_in`: the owner of the history has not done it in time; it will.
    """
    if platform.has(AtRest):
        return platform.service(AtRest).take(folder)
    told = folder.with_suffix(".json")
    until = time.monotonic() + WAIT_S
    while not told.exists():
        check()
        if time.monotonic() > until:
            raise Unavailable("telemetry.not_taken_in")
        time.sleep(POLL_S)
    found = TakenIn(**orjson.loads(told.read_bytes()))
    told.unlink(missing_ok=True)
    return found


@dataclass
class Intake:
    """A folder that is being taken in, a piece at a time."""

    folder: Path
    offset: int = 0
    counts: TakenIn = TakenIn()

    def __post_init__(self) -> None:
        self.reader = LogReader(self.folder)

    def add(self, rows: int, repeated: int, refused: int, offset: int) -> None:
        before = self.counts
        self.counts = TakenIn(before.rows + rows, before.repeated + repeated, before.refused + refused)
        self.offset = offset

    def finish(self) -> TakenIn:
        """Say what came of it and let the folder go."""
        told = self.folder.with_suffix(".json")
        draft = told.with_suffix(".new")
        draft.write_bytes(orjson.dumps(asdict(self.counts)))
        draft.replace(told)
        shutil.rmtree(self.folder, ignore_errors=True)
        return self.counts


def waiting(inbox: Path) -> Path | None:
    """The folder that waits longest."""
    try:
        found = [path for path in inbox.iterdir() if path.is_dir() and path.suffix != ".writing"]
    except FileNotFoundError:
        return None
    return min(found, key=lambda path: path.stat().st_mtime, default=None)
