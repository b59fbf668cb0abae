"""What is done with a frame that is not plain: the tables behind the state machine.

A refused frame always leaves a quarantine row with bytes and reason, and a reply on the wire where its header can be
trusted so far; the session stays (vehicles reference, section 6 "Bad input must get").
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tongqu.domains.equipment.gateway.states import RULES, Do, Result, Said, State
from tongqu.protocols import jt808
from tongqu.protocols.jt808 import Reason

if TYPE_CHECKING:
    from tongqu.domains.equipment.gateway.connection import Connection
    from tongqu.domains.equipment.gateway.server import Gateway
    from tongqu.protocols.jt808 import Chunk, Head, Message

REGISTER, AUTHENTICATE, UNREGISTER = 0x0100, 0x0102, 0x0003
GENERAL_REPLY, HEARTBEAT, TIME, RESEND = 0x0001, 0x0002, 0x0004, 0x0005
LOCATION, BATCH, MEDIA = 0x0200, 0x0704, 0x0801
LEAST_LOCATION = 28
PLAIN = {HEARTBEAT: 0, LOCATION: LEAST_LOCATION}
"""Messages that need nothing but to be kept, and the least length of their bodies."""

SAID = {REGISTER: Said.REGISTER, AUTHENTICATE: Said.AUTHENTICATE, UNREGISTER: Said.UNREGISTER}
UPWARD = frozenset(message_id for message_id in jt808.MESSAGES if message_id < 0x8000)
"""Ids that a terminal may send: the platform's own have the top bit set (JT/T 808-2019 annex A)."""

ANSWERS_TO_ORDERS = frozenset({0x0104, 0x0107, 0x0201, 0x0500, 0x0608})
UNSUPPORTED_REASONS = frozenset({Reason.ENCRYPTED, Reason.UNKNOWN_ID})
OUTSIDE = "unauthenticated"
OTHER_PHONE = "other_phone"
UNKNOWN_HEADER = frozenset({Reason.SHORT, Reason.FRAME, Reason.ESCAPE, Reason.HEADER})


class Desk:
    """Handles what `Connection.take` passes on."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self._doing: dict[Do, Callable[[Connection, bytes, Head, int], None]] = {
            Do.ADMIT: self._admit,
            Do.CHECK: self._check,
            Do.LEAVE: self._leave,
            Do.TAKE: self._take,
            Do.UNSUPPORTED: self._unsupported,
            Do.REFUSE: self._outside,
        }
        self._taking: dict[int, Callable[[Connection, bytes, Head, int], None]] = {
            GENERAL_REPLY: self._general_reply,
            TIME: self._time,
            RESEND: self._resend,
            LOCATION: self._short_location,
            BATCH: self._batch,
            MEDIA: self._media,
        }

    # what arrives

    def frame(self, connection: Connection, raw: bytes, head: Head, now_ms: int) -> None:
        """A whole frame, in whatever state the connection is."""
        if connection.state is State.CLOSED:
            return
        if not head.ok:
            self._bad(connection, raw, head, now_ms, str(head.reason))
            return
        message_id = head.message_id
        said = SAID.get(message_id, Said.KNOWN if message_id in UPWARD else Said.UNKNOWN)
        introduces = said in (Said.REGISTER, Said.AUTHENTICATE)
        if connection.state is State.ONLINE and head.phone != connection.phone and not introduces:
            self._refuse(connection, raw, head, now_ms, OTHER_PHONE, Result.FAILED)
            return
        self._doing[RULES[connection.state][said]](connection, raw, head, now_ms)

    def stray(self, connection: Connection, chunk: Chunk, now_ms: int) -> None:
        """Bytes outside of any frame, or too many without a flag: no header to answer to."""
        gateway = self.gateway
        if connection.state is State.CLOSED:
            return
        gateway.commit.append_refused(
            gateway.stream, connection.key, now_ms, chunk.raw, str(chunk.reason), connection.remote
        )
        connection.refused += 1
        if chunk.reason == Reason.OVERFLOW:
            gateway.end_when_durable(connection, "overflow")
        else:
            self.count_refusal(connection)

    # refusals

    def _bad(self, connection: Connection, raw: bytes, head: Head, now_ms: int, reason: str) -> None:
        result = Result.UNSUPPORTED if reason in UNSUPPORTED_REASONS else Result.BAD_MESSAGE
        usable = head.reason not in UNKNOWN_HEADER
        if connection.state is State.ONLINE and head.phone != connection.phone:
            usable = False
        self._refuse(connection, raw, head if usable else None, now_ms, reason, result)

    def _refuse(
        self, connection: Connection, raw: bytes, head: Head | None, now_ms: int, reason: str, result: int
    ) -> None:
        gateway = self.gateway
        gateway.commit.append_refused(gateway.stream, connection.key, now_ms, raw, reason, connection.remote)
        connection.refused += 1
        if head is not None:
            gateway.commit.after(connection.answer, head, result)
        self.count_refusal(connection)

    def count_refusal(self, connection: Connection) -> None:
        """One more refusal before authentication; too many end the connection."""
        if connection.state is State.ONLINE:
            return
        connection.refusals += 1
        if connection.refusals >= self.gateway.options.refusals:
            self.gateway.end_when_durable(connection, OUTSIDE)

    def _outside(self, connection: Connection, raw: bytes, head: Head, now_ms: int) -> None:
        self._refuse(connection, raw, head, now_ms, OUTSIDE, Result.FAILED)

    def _unsupported(self, connection: Connection, raw: bytes, head: Head, now_ms: int) -> None:
        self._refuse(connection, raw, head, now_ms, str(Reason.UNKNOWN_ID), Result.UNSUPPORTED)

    # coming and going

    def _admit(self, connection: Connection, raw: bytes, head: Head, now_ms: int) -> None:
        message = self._decode(connection, head)
        if not message.ok:
            self._bad(connection, raw, head, now_ms, str(message.reason))
            return
        self._keep(connection, raw, now_ms)
        self.gateway.entrance.register(connection, raw, head, message.body, now_ms)

    def _check(self, connection: Connection, raw: bytes, head: Head, now_ms: int) -> None:
        message = self._decode(connection, head)
        if not message.ok:
            self._bad(connection, raw, head, now_ms, str(message.reason))
            return
        self.gateway.entrance.authenticate(connection, raw, head, message.body, now_ms)

    def refuse_code(self, connection: Connection, raw: bytes, head: Head, now_ms: int, reason: str) -> None:
        """Authentication failed: who it says it is cannot be believed."""
        self._refuse(connection, raw, head, now_ms, reason, Result.FAILED)

    def _leave(self, connection: Connection, raw: bytes, head: Head, now_ms: int) -> None:
        self._keep(connection, raw, now_ms)
        self.gateway.entrance.unregister(connection, head)

    # messages of a session

    def _take(self, connection: Connection, raw: bytes, head: Head, now_ms: int) -> None:
        if head.part_total:
            self.gateway.parts.take(connection, raw, head, now_ms)
            return
        self.whole(connection, raw, head, now_ms)

    def whole(self, connection: Connection, raw: bytes, head: Head, now_ms: int) -> None:
        """A complete message: one frame, or the synthetic frame of merged parts."""
        handler = self._taking.get(head.message_id)
        if handler is not None:
            handler(connection, raw, head, now_ms)
            return
        if head.message_id in PLAIN:
            self._keep_and_acknowledge(connection, raw, head, now_ms)
            return
        message = self._decode(connection, head)
        if not message.ok:
            self._bad(connection, raw, head, now_ms, str(message.reason))
            return
        self._keep_and_acknowledge(connection, raw, head, now_ms)
        if head.message_id in ANSWERS_TO_ORDERS:
            self.gateway.orders.reply(connection, head.message_id, message)

    def _keep(self, connection: Connection, raw: bytes, now_ms: int) -> None:
        gateway = self.gateway
        gateway.commit.append(gateway.stream, connection.key, now_ms, raw)
        connection.frames += 1
        if gateway.commit.full:
            gateway.hold_back(connection)

    def _keep_and_acknowledge(self, connection: Connection, raw: bytes, head: Head, now_ms: int) -> None:
        self._keep(connection, raw, now_ms)
        self.gateway.commit.after(connection.acknowledge, head.serial, head.message_id, Result.OK)

    def _general_reply(self, connection: Connection, raw: bytes, head: Head, now_ms: int) -> None:
        body = bytes(head.body)
        if len(body) < 5:
            self._bad(connection, raw, head, now_ms, str(Reason.BODY))
            return
        self._keep(connection, raw, now_ms)
        self.gateway.orders.general_reply(
            connection, int.from_bytes(body[0:2], "big"), int.from_bytes(body[2:4], "big"), body[4]
        )

    def _time(self, connection: Connection, raw: bytes, head: Head, now_ms: int) -> None:
        self._keep(connection, raw, now_ms)
        self.gateway.commit.after(self.gateway.tell_time, connection)

    def _resend(self, connection: Connection, raw: bytes, head: Head, now_ms: int) -> None:
        message = self._decode(connection, head)
        if not message.ok:
            self._bad(connection, raw, head, now_ms, str(message.reason))
            return
        self._keep_and_acknowledge(connection, raw, head, now_ms)
        self.gateway.orders.resend_parts(connection, message.body)

    def _short_location(self, connection: Connection, raw: bytes, head: Head, now_ms: int) -> None:
        if len(head.body) < LEAST_LOCATION:
            self._bad(connection, raw, head, now_ms, str(Reason.BODY))
        else:  # a merged one
            self._keep_and_acknowledge(connection, raw, head, now_ms)

    def _batch(self, connection: Connection, raw: bytes, head: Head, now_ms: int) -> None:
        if batch_fits(bytes(head.body)):
            self._keep_and_acknowledge(connection, raw, head, now_ms)
        else:
            self._bad(connection, raw, head, now_ms, str(Reason.BODY))

    def _media(self, connection: Connection, raw: bytes, head: Head, now_ms: int) -> None:
        if len(head.body) < 36:
            self._bad(connection, raw, head, now_ms, str(Reason.BODY))
            return
        self._keep(connection, raw, now_ms)
        media_id = int.from_bytes(bytes(head.body[:4]), "big")
        self.gateway.commit.after(self.gateway.confirm_media, connection, media_id)

    @staticmethod
    def _decode(connection: Connection, head: Head) -> Message:
        """The whole message, read as this device is known to write."""
        terminal = connection.terminal
        if terminal is None:
            return jt808.decode_head(head)
        edition = terminal.protocol if head.version == 2013 and terminal.protocol == 2011 else 0
        return jt808.decode_head(head, terminal.profile, version=edition)


def batch_fits(body: bytes) -> bool:
    """Whether the lengths inside a 0x0704 body add up: {count WORD, type BYTE, {length WORD, 0x0200 body} × count}.

    An entry that is no position is for the decoder to refuse: the others count.
    """
    if len(body) < 3:
        return False
    count, at, end = int.from_bytes(body[0:2], "big"), 3, len(body)
    while at + 2 <= end:
        length = int.from_bytes(body[at : at + 2], "big")
        at += 2 + length
        count -= 1
    return at == end and count == 0
