"""Server-sent events that several rooms share: a reader resumes where it was cut off, and only as long as it may."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse

from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor, Work, system_actor
from tongqu.kernel.web.caller import authenticator

POLL_S = 0.3
ALIVE_S = 15.0
RECHECK_S = 10.0
FULL = 500
WATCHER = system_actor("stream")
Row = TypeVar("Row")


class Reader(Protocol[Row]):
    """One reader of a stream: sees what its actor may see, from a revision on.

    `begin` gives the rows of somebody who comes for the first time, `news` what changed since the last call, at most
    `FULL` rows; both in the order of their revisions, scoped to `actor`.
    """

    actor: Actor

    def begin(self) -> list[Row]: ...

    def news(self) -> list[Row]: ...


@dataclass
class RevisionWatch(ABC):
    """The newest revision of all rows of a room, read at most once per poll for all readers of the process.

    A room has a class of its own, which is its service, and says in `newest` where the revision is read.
    """

    platform: Platform
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _read_s: float = -1e9
    _revision: int = 0

    @staticmethod
    @abstractmethod
    def newest(work: Work) -> int:
        """The newest revision of the room's rows, 0 if it has none yet."""

    def revision(self) -> int:
        with self._guard:
            now = time.monotonic()
            if now - self._read_s >= POLL_S / 2:
                with self.platform.store.read(WATCHER) as work:
                    self._revision = self.newest(work)
                self._read_s = now
            return self._revision


def resume_from(last_event_id: str | None) -> int | None:
    """The revision a reader names in `Last-Event-ID`; None if it comes for the first time."""
    known = last_event_id is not None and last_event_id.isascii() and last_event_id.isdecimal()
    return int(last_event_id) if known and last_event_id is not None and len(last_event_id) < 19 else None


def streamed(
    request: Request, reader: Reader[Row], pack: Callable[[Row], bytes], *, resumed: bool
) -> StreamingResponse:
    """The answer of a stream route (WHATWG HTML, server-sent events).

    Args:
        request: the connection that listens.
        reader: whose news.
        pack: one event of the stream for a row, with its revision as `id`.
        resumed: the reader said where it was; otherwise it first gets what `begin` gives.
    """
    return StreamingResponse(
        events(reader, pack, resumed, request.is_disconnected, lambda: authenticator(request)),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def events(
    reader: Reader[Row],
    pack: Callable[[Row], bytes],
    resumed: bool,
    gone: Callable[[], Awaitable[bool]],
    recheck: Callable[[], Actor | None],
) -> AsyncIterator[bytes]:
    """The bytes of the stream until the reader leaves or its actor may no longer listen.

    Args:
        reader, pack, resumed: as for `streamed`.
        gone: whether the connection was closed.
        recheck: the actor as of now, None when it has signed out.
    """
    yield b"retry: 2000\n\n"
    if not resumed:
        for row in await run_in_threadpool(reader.begin):
            yield pack(row)
    said_s = checked_s = time.monotonic()
    while not await gone():
        rows = await run_in_threadpool(reader.news)
        now = time.monotonic()
        for row in rows:
            yield pack(row)
        if rows:
            said_s = now
        elif now - said_s >= ALIVE_S:
            said_s = now
            yield b": alive\n\n"
        if now - checked_s >= RECHECK_S:
            checked_s = now
            actor = await run_in_threadpool(recheck)
            if actor is None:
                return
            reader.actor = actor
        if len(rows) < FULL:
            await anyio.sleep(POLL_S)
