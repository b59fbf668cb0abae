"""Live news of commands as server-sent events; each carries its revision, so a reader resumes where it was cut off."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import anyio
import orjson
from starlette.concurrency import run_in_threadpool

from tongqu.domains.equipment import store, views
from tongqu.domains.equipment.tables import COMMAND
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor

POLL_S = 0.3
ALIVE_S = 15.0
RECHECK_S = 10.0
FULL = 500


def resumed(last_event_id: str | None) -> int | None:
    """The revision a reader was at, None if it comes for the first time."""
    if last_event_id is None or not last_event_id.isdecimal() or len(last_event_id) > 18:
        return None
    return int(last_event_id)


@dataclass
class Reader:
    """One reader: sees what its actor may see, of one terminal (id or URN) or of all."""

    platform: Platform
    actor: Actor
    terminal: str | None
    after: int | None

    def news(self) -> list[dict[str, Any]]:
        """What has changed since the last call; a new reader begins with now."""
        with self.platform.store.read(self.actor) as work:
            newest = store.last_revision(work, COMMAND)
            if self.after is None:
                self.after = newest
            if newest <= self.after:
                return []
            rows = store.commands_after(work, self.after, FULL)
        self.after = rows[-1]["revision"] if len(rows) == FULL else newest
        return [row for row in rows if self.terminal in (None, row["terminal"], row["urn"])]


async def events(
    reader: Reader, gone: Callable[[], Awaitable[bool]], recheck: Callable[[], Actor | None]
) -> AsyncIterator[bytes]:
    """The bytes of the stream until the reader leaves or its actor may no longer listen."""
    yield b"retry: 2000\n\n"
    said_s = checked_s = time.monotonic()
    while not await gone():
        rows = await run_in_threadpool(reader.news)
        now = time.monotonic()
        for row in rows:
            said_s = now
            body = orjson.dumps(views.command(row), default=str)
            yield b"id: %d\nevent: command\ndata: %s\n\n" % (row["revision"], body)
        if now - said_s >= ALIVE_S:
            said_s = now
            yield b": alive\n\n"
        if now - checked_s >= RECHECK_S:
            checked_s = now
            actor = await run_in_threadpool(recheck)
            if actor is None:
                return
            reader.actor = actor
        await anyio.sleep(POLL_S)
