"""Playing a capture through a real socket, each terminal on a connection of its own, in its own time or faster.

The bytes are sent as they were recorded, but for one thing: an authentication code that this platform has just given
replaces the recorded one, which another platform gave. A capture that begins in the middle of a session is logged in
first.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tongqu.domains.equipment.simulator.capture import Step
from tongqu.kit.errors import Refused, Unavailable
from tongqu.protocols import jt808
from tongqu.protocols.jt808 import Head, Splitter, peek

REGISTER, AUTHENTICATE, REGISTER_REPLY, GENERAL_REPLY = 0x0100, 0x0102, 0x8100, 0x8001
LOGIN = frozenset({REGISTER, AUTHENTICATE})
TERMINAL_REPLY = 0x0001
REPLIES = frozenset({GENERAL_REPLY, REGISTER_REPLY, 0x8004, 0x8800})
WINDOW = 32
"""Frames on their way without an answer; a recorded terminal would have sent on as well."""
REPLY_S = 15.0
AUTH_CODE = "REPLAY"


@dataclass
class Played:
    """What came of a replay: frames sent, and general replies by their result."""

    sent: int = 0
    answered: int = 0
    refused: int = 0
    phones: list[str] = field(default_factory=list)


async def play(
    steps: Sequence[Step], host: str, port: int, speed: float, each: Callable[[Played], None] | None = None
) -> Played:
    """Play a capture.

    Args:
        steps: what to send, in order.
        speed: how much faster than recorded; 0 as fast as the platform answers.
        each: called after each frame.

    Raises:
        Unavailable: `equipment.no_connection`.
        Refused: `equipment.refused_by_platform`.
    """
    by_phone: dict[str, list[tuple[Step, Head]]] = {}
    unreadable: list[Step] = []
    for step in steps:
        head = peek(step.raw)
        if head.usable:
            by_phone.setdefault(head.phone, []).append((step, head))
        else:
            unreadable.append(step)
    played = Played(phones=list(by_phone))
    began = time.monotonic()
    lines = [_Line(phone, told, played, began, speed, each) for phone, told in by_phone.items()]
    if lines:
        lines[0].told += [(step, peek(step.raw)) for step in unreadable]
        lines[0].told.sort(key=lambda pair: pair[0].at_s)
    await asyncio.gather(*(line.run(host, port) for line in lines))
    return played


class _Line:
    """One terminal's part of the capture."""

    def __init__(
        self,
        phone: str,
        told: list[tuple[Step, Head]],
        played: Played,
        began: float,
        speed: float,
        each: Callable[[Played], None] | None,
    ) -> None:
        self.phone, self.told, self.played = phone, told, played
        self._began, self._speed, self._each = began, speed, each
        self._splitter = Splitter()
        self._code: str | None = None
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter
        self._heard: list[Head] = []
        self._unanswered = 0

    async def run(self, host: str, port: int) -> None:
        try:
            self._reader, self._writer = await asyncio.open_connection(host, port)
        except OSError as error:
            raise Unavailable("equipment.no_connection", host=host, port=port, reason=str(error)) from error
        try:
            first = next((head for _, head in self.told if head.usable), None)
            if first is not None and first.message_id not in LOGIN:
                await self._log_in(first)
            for step, head in self.told:
                await self._due(step)
                await self._say(step, head)
            await self._settle(0)
        finally:
            self._writer.close()

    async def _due(self, step: Step) -> None:
        """Wait until a step is due, hearing what the platform says meanwhile."""
        due = self._began + step.at_s / self._speed if self._speed else 0.0
        while (left := due - time.monotonic()) > 0:
            await self._hear(left)

    async def _say(self, step: Step, head: Head) -> None:
        raw = step.raw
        if head.message_id == AUTHENTICATE and self._code is not None and head.ok:
            body = jt808.decode_head(head).body | {"auth_code": self._code}
            raw = jt808.encode(AUTHENTICATE, body, phone=head.phone, serial=head.serial, version=head.version)[0]
        self._writer.write(raw)
        await self._writer.drain()
        self.played.sent += 1
        if head.message_id in LOGIN:
            await self._admitted(head)
        elif head.ok and head.message_id != TERMINAL_REPLY:
            self._unanswered += 1
            await self._settle(WINDOW)
        if self._each is not None:
            self._each(self.played)

    async def _log_in(self, first: Head) -> None:
        """Log in a terminal whose capture begins later."""
        body = {"auth_code": AUTH_CODE, "imei": "0" * 15, "software_version": "replay"}
        if first.version < 2019:
            body = {"auth_code": AUTH_CODE}
        version = 2019 if first.version >= 2019 else 2013
        for frame in jt808.encode(AUTHENTICATE, body, phone=first.phone, serial=0, version=version):
            self._writer.write(frame)
        reply = await self._reply(GENERAL_REPLY)
        if reply.body[4]:
            raise Refused("equipment.refused_by_platform", phone=self.phone, reason=f"0x8001 {reply.body[4]}")

    async def _admitted(self, head: Head) -> None:
        reply = await self._reply(REGISTER_REPLY if head.message_id == REGISTER else GENERAL_REPLY)
        result = reply.body[2] if reply.message_id == REGISTER_REPLY else reply.body[4]
        if result:
            reason = f"0x{reply.message_id:04X} {result}"
            raise Refused("equipment.refused_by_platform", phone=self.phone, reason=reason)
        if reply.message_id == REGISTER_REPLY:
            self._code = jt808.decode_head(reply).body["auth_code"]

    async def _settle(self, most: int) -> None:
        """Wait until no more than so many frames are unanswered.

        Raises:
            Refused: the platform hung up or does not answer.
        """
        until = time.monotonic() + REPLY_S
        while True:
            for head in self._heard:
                if head.message_id in REPLIES:
                    self._count(head)
                    self._unanswered -= 1
            self._heard.clear()
            if self._unanswered <= most:
                return
            await self._hear_until(until)

    async def _reply(self, message_id: int) -> Head:
        """The reply to a login (a general one instead of another is an answer too).

        Raises:
            Refused: the platform hung up or does not answer.
        """
        await self._settle(0)
        until = time.monotonic() + REPLY_S
        while True:
            for head in self._heard:
                if head.message_id in (message_id, GENERAL_REPLY):
                    self._heard.remove(head)
                    self._count(head)
                    return head
            await self._hear_until(until)

    def _count(self, head: Head) -> None:
        self.played.answered += 1
        if head.message_id == GENERAL_REPLY and head.body[4] not in (0, 4):
            self.played.refused += 1

    async def _hear_until(self, until: float) -> None:
        left = until - time.monotonic()
        if left <= 0 or not await self._hear(left):
            raise Refused("equipment.refused_by_platform", phone=self.phone, reason="no answer")

    async def _hear(self, seconds: float) -> bool:
        """Read for a while; False if the platform hung up."""
        try:
            data = await asyncio.wait_for(self._reader.read(65536), seconds)
        except TimeoutError:
            return True
        except ConnectionError:
            return False
        self._heard += [peek(chunk.raw) for chunk in self._splitter.feed(data) if chunk.ok]
        return bool(data)
