"""Live news of jobs as server-sent events; each carries its revision, so a reader resumes where it was cut off."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

import orjson

from tongqu.kernel.jobs import store
from tongqu.kernel.jobs.schemas import shown
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor
from tongqu.kernel.web.stream import FULL, POLL_S


@dataclass
class ChangeWatch:
    """The newest revision of all jobs, read at most once per poll for all readers of the process."""

    platform: Platform
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _read_s: float = -1e9
    _revision: int = 0

    def revision(self) -> int:
        with self._guard:
            now = time.monotonic()
            if now - self._read_s >= POLL_S / 2:
                with self.platform.store.read(store.PLATFORM) as work:
                    self._revision = store.revision(work)
                self._read_s = now
            return self._revision


@dataclass
class Reader:
    """One reader of the stream: sees what its actor may see, from a revision on."""

    platform: Platform
    actor: Actor
    after: int
    _seen: int = -1

    def begin(self) -> list[dict[str, Any]]:
        """What is open now, for a reader that comes for the first time."""
        with self.platform.store.read(self.actor) as work:
            self.after = self._seen = store.revision(work)
            return store.still_open(work)

    def news(self) -> list[dict[str, Any]]:
        """What has changed since the last call."""
        if self.platform.service(ChangeWatch).revision() <= max(self.after, self._seen):
            return []
        with self.platform.store.read(self.actor) as work:
            newest = store.revision(work)
            rows = store.changed_since(work, self.after, FULL)
        if rows:
            self.after = rows[-1]["revision"]
        self._seen = self.after if len(rows) == FULL else newest
        return rows


def packed(row: dict[str, Any]) -> bytes:
    """One event of the stream."""
    body = orjson.dumps(shown(row), default=str)
    return b"id: %d\nevent: job\ndata: %s\n\n" % (row["revision"], body)
