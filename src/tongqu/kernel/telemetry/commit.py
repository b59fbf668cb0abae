"""Group commit for asyncio: one write and one fdatasync for all frames that arrived while the last group was written.

    log = GroupCommit(LogWriter(folder, clock), loop)
    log.append(stream, source, received_ms, raw)
    log.after(transport.write, reply)      # called in the loop once everything appended before is on disk

Nothing is acknowledged early: a callback runs only when its group is durable. If the disk refuses, the group is kept
and tried again, `waiting_bytes` grows, and the caller stops reading its sockets (`full`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tongqu.kernel.telemetry.log import Batch, LogWriter

if TYPE_CHECKING:
    from tongqu.kernel.platform import Platform

log = logging.getLogger("tongqu.telemetry")
RETRY_S = 0.5
LINGER_S = 0.005
"""Least time between two groups of the log: at 10,000 frames/s a group then carries about fifty of them."""


class GroupCommit:
    """Feeds a `LogWriter` from an asyncio loop.

    Args:
        writer: the log; `GroupCommit` is its only user from now on.
        loop: the loop in which all methods are called and all callbacks run.
        linger_s: least time between two groups; bounds the processor time that small groups cost on a quick disk.
        full_bytes: from how many bytes not yet on disk on `full` is true.

    Attributes:
        error: why the last write failed, None while all is well.
    """

    def __init__(
        self,
        writer: LogWriter,
        loop: asyncio.AbstractEventLoop | None = None,
        *,
        linger_s: float = 0.002,
        full_bytes: int = 16 << 20,
    ) -> None:
        self.writer = writer
        self.error: OSError | None = None
        self.groups = 0
        self._loop = loop or asyncio.get_running_loop()
        self._linger_s = linger_s
        self._full_bytes = full_bytes
        self._callbacks: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []
        self._task: asyncio.Task[None] | None = None
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="log")

    @property
    def waiting_bytes(self) -> int:
        """Bytes that were appended and are not yet on disk."""
        return self.writer.end - self.writer.durable

    @property
    def full(self) -> bool:
        """Whether the caller should stop reading until the disk has caught up."""
        return self.waiting_bytes >= self._full_bytes

    def append(self, stream: int, source: int, received_ms: int, raw: bytes) -> int:
        """Put a frame into the next group; gives its offset."""
        offset = self.writer.append(stream, source, received_ms, raw)
        self._wake()
        return offset

    def append_refused(
        self, stream: int, source: int, received_ms: int, raw: bytes, reason: str, remote: str = ""
    ) -> int:
        """Put a refused piece of input into the next group; gives its offset."""
        offset = self.writer.append_refused(stream, source, received_ms, raw, reason, remote)
        self._wake()
        return offset

    def after(self, callback: Callable[..., Any], *args: Any) -> None:
        """Call back, in the loop and in the order of asking, once everything appended until now is durable."""
        self._callbacks.append((callback, args))
        self._wake()

    async def durable(self) -> None:
        """Wait until everything appended until now is durable."""
        done = self._loop.create_future()
        self.after(_finish, done)
        await done

    async def close(self) -> None:
        """Wait for the last group and close the log."""
        await self.durable()
        if self._task is not None:
            await self._task
        self._disk.shutdown()
        self.writer.close()

    def _wake(self) -> None:
        if self._task is None:
            self._task = self._loop.create_task(self._run())

    async def _run(self) -> None:
        try:
            while self._callbacks or self.waiting_bytes:
                if self._linger_s:
                    await asyncio.sleep(self._linger_s)
                batch, callbacks = self.writer.take(), self._callbacks
                self._callbacks = []
                await self._write(batch)
                self.groups += 1
                for callback, args in callbacks:
                    try:
                        callback(*args)
                    except Exception:
                        log.exception("a callback after a durable group failed")
        finally:
            self._task = None

    async def _write(self, batch: Batch) -> None:
        while True:
            try:
                await self._loop.run_in_executor(self._disk, self.writer.write, batch)
            except OSError as error:
                if self.error is None:
                    log.error("the log cannot be written, nothing is acknowledged until it can: %s", error)
                self.error = error
                await asyncio.sleep(RETRY_S)
            else:
                self.error = None
                return


@dataclass
class _Door:
    """The log of this process, while somebody writes to it."""

    commit: GroupCommit | None = None
    users: int = 0


@contextlib.asynccontextmanager
async def front_door(platform: Platform, linger_s: float = LINGER_S) -> AsyncIterator[GroupCommit]:
    """The one writer of the segment log, shared by all listeners of the gateway process; the last one out closes it."""
    if not platform.has(_Door):
        platform.provide(_Door())
    door = platform.service(_Door)
    if door.commit is None:
        door.commit = GroupCommit(
            LogWriter(platform.settings.log, platform.clock), asyncio.get_running_loop(), linger_s=linger_s
        )
    door.users += 1
    commit = door.commit
    try:
        yield commit
    finally:
        door.users -= 1
        if door.users == 0:
            door.commit = None
            await commit.close()
        else:
            await commit.durable()


def _finish(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)
