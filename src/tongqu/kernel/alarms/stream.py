"""Live news of alarms as server-sent events; each carries its revision, so a reader resumes where it was cut off."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import orjson

from tongqu.kernel.alarms import store
from tongqu.kernel.alarms.schemas import shown
from tongqu.kernel.alarms.values import Alarm
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor, system_actor
from tongqu.kernel.web.stream import FULL, POLL_S

PLATFORM = system_actor("alarms")


@dataclass
class AlarmWatch:
    """The newest revision of all alarms, read at most once per poll for all readers of the process."""

    platform: Platform
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _read_s: float = -1e9
    _revision: int = 0

    def revision(self) -> int:
        with self._guard:
            now = time.monotonic()
            if now - self._read_s >= POLL_S / 2:
                with self.platform.store.read(PLATFORM) as work:
                    self._revision = store.last_revision(work)
                self._read_s = now
            return self._revision


@dataclass
class Reader:
    """One reader of the stream: sees what its actor may see, from a revision on."""

    platform: Platform
    actor: Actor
    after: int
    _seen: int = -1

    def begin(self) -> list[Alarm]:
        """What waits for a person now, for a reader that comes for the first time."""
        with self.platform.store.read(PLATFORM) as work:
            newest = store.last_revision(work)
        with self.platform.store.read(self.actor) as work:
            found = store.still_waiting(work, FULL)
        self.after = self._seen = newest
        return found

    def news(self) -> list[Alarm]:
        """What has changed since the last call."""
        newest = self.platform.service(AlarmWatch).revision()
        if newest <= max(self.after, self._seen):
            return []
        with self.platform.store.read(self.actor) as work:
            rows = store.changed_since(work, self.after, FULL)
        if rows:
            self.after = rows[-1].revision
        self._seen = self.after if len(rows) == FULL else newest
        return rows


def packed(alarm: Alarm) -> bytes:
    """One event of the stream."""
    return b"id: %d\nevent: alarm\ndata: %s\n\n" % (alarm.revision, orjson.dumps(shown(alarm), default=str))
