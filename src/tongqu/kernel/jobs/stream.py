"""Live news of jobs as server-sent events; each carries its revision, so a reader resumes where it was cut off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from tongqu.kernel.jobs import store
from tongqu.kernel.jobs.schemas import shown
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor
from tongqu.kernel.web.stream import FULL, RevisionWatch


class ChangeWatch(RevisionWatch):
    """The newest revision of all jobs."""

    newest = staticmethod(store.revision)


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
