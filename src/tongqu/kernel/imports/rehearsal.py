"""A place to try an import in: a copy of the record store, so that a trial locks and leaves nothing.

A large store, or one of another engine, is not copied: there each part of a trial is rolled back, and what one part
would have made is not there for the next.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor, Store, Work

MOST_COPIED = 1 << 30


class _RollBackError(Exception):
    """Ends a unit of work whose writes must not stay."""


@dataclass
class Stage:
    """Where rows are applied.

    Attributes:
        store: the record store itself, or a copy.
        roll_back: undo every unit of work at its end.
    """

    store: Store
    roll_back: bool = False

    @contextmanager
    def write(self, actor: Actor) -> Iterator[Work]:
        """A unit of work on the stage."""
        try:
            with self.store.write(actor) as work:
                yield work
                if self.roll_back:
                    raise _RollBackError
        except _RollBackError:
            return


@contextmanager
def rehearsal(platform: Platform, folder: Path) -> Iterator[Stage]:
    """A stage for a trial; its copy lies in `folder` and is removed."""
    source = Path(make_url(platform.store.url).database or "") if platform.store.is_sqlite else None
    if source is None or not source.is_file() or source.stat().st_size > MOST_COPIED:
        yield Stage(platform.store, roll_back=True)
        return
    copy = folder / "rehearsal.sqlite"
    _copy(source, copy)
    store = Store(f"sqlite:///{copy}", platform.clock)
    try:
        yield Stage(store)
    finally:
        store.close()
        for name in ("", "-wal", "-shm"):
            copy.with_name(copy.name + name).unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    """One consistent state of the records; writers go on meanwhile."""
    with sqlite3.connect(source) as live:
        live.execute("VACUUM INTO ?", (str(target),))
    live.close()
