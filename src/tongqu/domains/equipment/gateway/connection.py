"""One TCP connection of a terminal: bytes in, frames out, the state it is in. Everything costly is elsewhere.

A frame that needs nothing but to be kept takes the short way through `take`: looked at once, put into the log, its
reply asked for. There is no task, no future and no line of a log for each frame.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tongqu.domains.equipment.gateway.replies import Replies
from tongqu.domains.equipment.gateway.states import State
from tongqu.protocols.jt808 import Splitter, encode, peek

if TYPE_CHECKING:
    from tongqu.domains.equipment.gateway.orders import Order
    from tongqu.domains.equipment.gateway.registry import Terminal
    from tongqu.domains.equipment.gateway.server import Gateway
    from tongqu.protocols.jt808 import Head

"""Bytes of the shortest frame: two flags, 12 of header, one of checksum."""


class Connection(asyncio.Protocol):
    """A connection and, once it is authenticated, the session on it.

    Attributes:
        state: see `states`.
        terminal: whose session it is, while there is one.
        key: number of the terminal in things, 0 while it is unknown.
        session: id of the session.
        phone: identity in the header, as on the wire; version: edition of the header.
        seen_ms: when bytes came last.
        frames, refused: how many were taken and refused in this session.
        refusals: refused frames before authentication.
        orders: commands that wait for an answer, by each serial number they were sent with.
        closing_ms: since when it is being closed, 0 while it is not.
    """

    __slots__ = (
        "_backlog",
        "_out",
        "_serial",
        "_splitter",
        "closing_ms",
        "frames",
        "gateway",
        "key",
        "opened_ms",
        "orders",
        "phone",
        "refusals",
        "refused",
        "remote",
        "replies",
        "seen_ms",
        "session",
        "state",
        "terminal",
        "transport",
        "version",
    )

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.transport: Any = None
        self.state = State.CONNECTED
        self.terminal: Terminal | None = None
        self.key = 0
        self.session: str | None = None
        self.phone = ""
        self.version = 0
        self.replies: Replies | None = None
        self.remote = ""
        self.seen_ms = self.opened_ms = self.closing_ms = 0
        self.frames = self.refused = self.refusals = 0
        self.orders: dict[int, Order] | None = None
        self._serial = -1
        self._splitter = Splitter()
        self._backlog: list[Any] | None = None
        self._out = b""

    # what asyncio calls

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.gateway.made(self)

    def connection_lost(self, _: Exception | None) -> None:
        self.gateway.lost(self)
        self.transport = None

    def pause_writing(self) -> None:
        self.gateway.end(self, "slow_reader", at_once=True)

    def data_received(self, data: bytes) -> None:
        gateway = self.gateway
        self.seen_ms = now_ms = gateway.now_ms()
        if self._splitter.whole(data):
            self.take(data, now_ms)
        else:
            self._take_all(self._splitter.feed(data), now_ms)

    # frames

    def take(self, raw: bytes, now_ms: int) -> None:
        """One whole frame."""
        gateway = self.gateway
        head = peek(raw)
        if (
            self.state is State.ONLINE
            and head.ok
            and head.phone == self.phone
            and len(head.body) >= gateway.plain.get(head.message_id, 4096)
            and not head.part_total
        ):
            self.frames += 1
            commit = gateway.commit
            commit.append(gateway.stream, self.key, now_ms, raw)
            commit.after(self.acknowledge, head.serial, head.message_id, 0)
            if commit.full:
                gateway.hold_back(self)
            return
        gateway.desk.frame(self, raw, head, now_ms)

    def _take_all(self, chunks: list[Any], now_ms: int) -> None:
        for index, chunk in enumerate(chunks):
            if self.state is State.CLOSED:
                return
            if self.state is State.DECIDING:
                self._backlog = [*(self._backlog or ()), *chunks[index:]]
                return
            if chunk.reason is None:
                self.take(chunk.raw, now_ms)
            else:
                self.gateway.desk.stray(self, chunk, now_ms)

    def hold(self) -> None:
        """Read no further until the registry has decided."""
        self.state = State.DECIDING
        self.transport.pause_reading()

    def go_on(self, state: State) -> None:
        """The registry has decided: take what was waiting, then read again."""
        self.state = state
        waiting, self._backlog = self._backlog, None
        if waiting:
            self._take_all(waiting, self.seen_ms)
        if self.state not in (State.DECIDING, State.CLOSED) and self.transport is not None:
            self.transport.resume_reading()

    # replies

    def next_serial(self) -> int:
        self._serial = serial = (self._serial + 1) & 0xFFFF
        return serial

    def framed(self, message_id: int, body: bytes) -> tuple[list[int], list[bytes]]:
        """The frames of a message to this terminal, with the serial number of each."""
        first = self.next_serial()
        frames = encode(message_id, body, phone=self.phone, serial=first, version=self.version)
        self._serial = (first + len(frames) - 1) & 0xFFFF
        return [(first + number) & 0xFFFF for number in range(len(frames))], frames

    def acknowledge(self, serial: int, message_id: int, result: int) -> None:
        """General reply to the terminal of this session; replies of one group leave together."""
        if self.replies is not None:
            self._serial = own = (self._serial + 1) & 0xFFFF
            self.send(self.replies.general(own, serial, message_id, result))

    def answer(self, head: Head, result: int) -> None:
        """General reply to whoever sent a frame, addressed as the frame was, a session being open or not."""
        if self.terminal is None:
            self.speak_as(head)
        if head.phone == self.phone:
            self.acknowledge(head.serial, head.message_id, result)
        else:
            other = Replies(head.phone, head.version)
            self.send(other.general(self.next_serial(), head.serial, head.message_id, result))

    def speak_as(self, head: Head) -> None:
        """From now on this connection speaks for the identity of the frame."""
        if self.phone != head.phone or self.version != head.version:
            self.phone, self.version = head.phone, head.version
            self.replies = Replies(head.phone, head.version)

    def send(self, frame: bytes) -> None:
        """Put a frame into what leaves at the end of this turn of the loop."""
        if self.transport is None or self.transport.is_closing():
            return
        if self._out:
            self._out += frame
        else:
            self._out = frame
            self.gateway.speaks(self)

    def flush(self) -> None:
        out, self._out = self._out, b""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(out)
