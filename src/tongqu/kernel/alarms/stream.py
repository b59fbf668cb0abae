"""Live news of alarms as server-sent events; each carries its revision, so a reader resumes where it was cut off."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from tongqu.kernel.alarms import store
from tongqu.kernel.alarms.schemas import shown
from tongqu.kernel.alarms.values import Alarm
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor, system_actor
from tongqu.kernel.web.stream import FULL, RevisionWatch

PLATFORM = system_actor("alarms")


class AlarmWatch(RevisionWatch):
    """The newest revision of all alarms."""

    newest = staticmethod(store.last_revision)


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
