"""Live news of commands as server-sent events; each carries its revision, so a reader resumes where it was cut off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from tongqu.domains.equipment import store, views
from tongqu.domains.equipment.tables import COMMAND
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor
from tongqu.kernel.web.stream import FULL


@dataclass
class Reader:
    """One reader: sees what its actor may see, of one terminal (id or URN) or of all."""

    platform: Platform
    actor: Actor
    terminal: str | None
    after: int

    def begin(self) -> list[dict[str, Any]]:
        """Nothing: a new reader begins with now."""
        with self.platform.store.read(self.actor) as work:
            self.after = store.last_revision(work, COMMAND)
        return []

    def news(self) -> list[dict[str, Any]]:
        """What has changed since the last call."""
        with self.platform.store.read(self.actor) as work:
            newest = store.last_revision(work, COMMAND)
            if newest <= self.after:
                return []
            rows = store.commands_after(work, self.after, FULL)
        self.after = rows[-1]["revision"] if len(rows) == FULL else newest
        return [row for row in rows if self.terminal in (None, row["terminal"], row["urn"])]


def packed(row: dict[str, Any]) -> bytes:
    """One event of the stream."""
    return b"id: %d\nevent: command\ndata: %s\n\n" % (row["revision"], orjson.dumps(views.command(row), default=str))
