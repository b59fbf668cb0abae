"""Messages in parts: put together out of order, asked for again when parts are missing, given up in the end.

Source: JT/T 808-2013 §4, -2019 §4.4: parts carry consecutive serials; `0x8003` (from the platform) and `0x0005`
(from a 2019 terminal) ask for missing parts by the serial of the first; the wait before the next request is
T(N+1) = T(N) x (N+1).
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tongqu.protocols.jt808.frame import REGISTRATION, Head, registration_version

RETRIES: Final = 3
FIRST_WAIT_S: Final = 10.0
_REPEAT_MS: Final = 600_000  # how long repetitions of a completed message are known as such
_PART_COST: Final = 128  # bytes a part costs besides its body
_IDS_2013: Final = 255  # counted with a BYTE
_IDS_2019: Final = 509  # counted with a WORD, and one frame must hold the request


def retry_delays_s(first_s: float = FIRST_WAIT_S, retries: int = RETRIES) -> Iterator[float]:
    """How long to wait for an answer, then after each repetition: 10 s gives 10, 20, 60, 240 s."""
    wait = first_s
    yield wait
    for count in range(1, retries + 1):
        wait *= count + 1
        yield wait


@dataclass(frozen=True, slots=True)
class Assembled:
    """A message whose parts have all come.

    Attributes:
        head: header of the first part as whole message: `body` is the joined body, no part numbers, the serial
            is that of the first part.
        serials: serials of all parts, in order of the parts.
    """

    head: Head
    serials: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ResendRequest:
    """Parts to ask for again.

    Attributes:
        phone: identity of the sender, as in its header.
        version: version of its header, for the layout of the request.
        message_id: the message in parts.
        first_serial: serial of its first part.
        part_indexes: parts that are missing, as many as one request can carry.
        attempt: 1 for the first request.
    """

    phone: str
    version: int
    message_id: int
    first_serial: int
    part_indexes: tuple[int, ...]
    attempt: int

    def body(self) -> dict[str, Any]:
        """Body of 0x8003 (or of 0x0005, seen from a terminal)."""
        return {"first_serial": self.first_serial, "part_indexes": list(self.part_indexes)}


@dataclass(frozen=True, slots=True)
class Lost:
    """A message that was given up.

    Attributes:
        phone, message_id, first_serial: which message.
        part_total: parts it had.
        missing: parts that never came.
        held_bytes: bytes of the parts that did come and are dropped.
        cause: `timeout`, `memory` (more was held than allowed), `size` (longer than a message may be) or
            `replaced` (another message began under the same serial).
    """

    phone: str
    message_id: int
    first_serial: int
    part_total: int
    missing: tuple[int, ...]
    held_bytes: int
    cause: str


@dataclass(slots=True)
class _Open:
    head: Head  # of any part: phone, version, id
    first_serial: int
    total: int
    parts: dict[int, bytes]
    wait_ms: float
    due_ms: float
    attempt: int = 0
    size: int = 0

    def missing(self) -> Iterator[int]:
        return (index for index in range(1, self.total + 1) if index not in self.parts)


_Key = tuple[str, int, int]


@dataclass
class Assembler:
    """Collects parts by sender, message id and serial of the first part; memory and time are bounded.

    Attributes:
        first_wait_s: T(0): silence after which missing parts are asked for.
        retries: requests before a message is given up.
        max_bytes: bytes held for all messages together, overhead included; beyond, the oldest is given up.
        max_message_bytes: longest message that is put together.
        max_open: messages that may be open at once.
    """

    first_wait_s: float = FIRST_WAIT_S
    retries: int = RETRIES
    max_bytes: int = 64 << 20
    max_message_bytes: int = 4 << 20
    max_open: int = 10_000
    held_bytes: int = field(default=0, init=False)
    _open: OrderedDict[_Key, _Open] = field(default_factory=OrderedDict, init=False)
    _done: OrderedDict[_Key, tuple[float, tuple[int, ...]]] = field(default_factory=OrderedDict, init=False)
    _too_long: OrderedDict[_Key, float] = field(default_factory=OrderedDict, init=False)
    _lost: list[Lost] = field(default_factory=list, init=False)

    def __len__(self) -> int:
        return len(self._open)

    def add(self, head: Head, now_ms: float) -> Assembled | None:
        """Take one part; the whole message if it was the last that was missing.

        A part that came before, also of a message just completed, changes nothing. Losses that this part causes
        are given by the next `due`.
        """
        key = (head.phone, head.message_id, head.first_serial)
        if head.part_total <= 1:
            return Assembled(_whole(head, head.serial, head.body), (head.serial,))
        if key not in self._open and self._repeats_done(key, head, now_ms):
            return None
        if now_ms - self._too_long.get(key, -math.inf) <= _REPEAT_MS:
            return None
        held = self._open.get(key)
        if held is not None and held.total != head.part_total:
            self._give_up(key, "replaced")
            held = None
        if held is None:
            wait_ms = self.first_wait_s * 1000
            held = _Open(head, head.first_serial, head.part_total, {}, wait_ms, now_ms + wait_ms)
            self._open[key] = held
        if head.part_index not in held.parts:
            held.parts[head.part_index] = head.body
            held.size += len(head.body) + _PART_COST
            self.held_bytes += len(head.body) + _PART_COST
        held.due_ms = now_ms + held.wait_ms
        if len(held.parts) == held.total:
            return self._finish(key, now_ms)
        self._keep_bounds(key, now_ms)
        return None

    def due(self, now_ms: float) -> list[ResendRequest | Lost]:
        """Requests to send now, and messages given up since the last call."""
        answers: list[ResendRequest | Lost] = []
        for key in [key for key, held in self._open.items() if held.due_ms <= now_ms]:
            held = self._open[key]
            if held.attempt >= self.retries:
                self._give_up(key, "timeout")
                continue
            held.attempt += 1
            held.wait_ms *= held.attempt + 1
            held.due_ms = now_ms + held.wait_ms
            answers.append(_request(held))
        answers += self._lost
        self._lost = []
        return answers

    def next_due_ms(self) -> float | None:
        """When `due` will next have something to say; None if nothing is open."""
        if self._lost:
            return 0.0
        return min((held.due_ms for held in self._open.values()), default=None)

    def forget(self, phone: str) -> None:
        """Give up what a sender has open, because its session ended for good."""
        for key in [key for key in self._open if key[0] == phone]:
            self._give_up(key, "timeout")

    def _finish(self, key: _Key, now_ms: float) -> Assembled:
        held = self._open.pop(key)
        self.held_bytes -= held.size
        self._done[key] = (now_ms, tuple(hash(held.parts[index]) for index in range(1, held.total + 1)))
        while len(self._done) > self.max_open:
            self._done.popitem(last=False)
        body = b"".join(held.parts[index] for index in range(1, held.total + 1))
        serials = tuple((held.first_serial + index) & 0xFFFF for index in range(held.total))
        return Assembled(_whole(held.head, held.first_serial, body), serials)

    def _repeats_done(self, key: _Key, head: Head, now_ms: float) -> bool:
        """Whether this part repeats one of a message just completed.

        By content, not by number alone: a terminal that restarted may begin again with the same serials. Once a
        part has differed, all parts belong to the new message.
        """
        done = self._done.get(key)
        if done is None or now_ms - done[0] > _REPEAT_MS:
            return False
        parts = done[1]
        return len(parts) == head.part_total and parts[head.part_index - 1] == hash(head.body)

    def _keep_bounds(self, key: _Key, now_ms: float) -> None:
        if self._open[key].size > self.max_message_bytes:
            self._give_up(key, "size")
            self._too_long[key] = now_ms
            while len(self._too_long) > self.max_open:
                self._too_long.popitem(last=False)
        while self._open and (self.held_bytes > self.max_bytes or len(self._open) > self.max_open):
            self._give_up(next(iter(self._open)), "memory")

    def _give_up(self, key: _Key, cause: str) -> None:
        held = self._open.pop(key)
        self.held_bytes -= held.size
        missing = tuple(held.missing())
        self._lost.append(
            Lost(held.head.phone, held.head.message_id, held.first_serial, held.total, missing, held.size, cause)
        )


def _request(held: _Open) -> ResendRequest:
    head = held.head
    limit = _IDS_2019 if head.version >= 2019 else _IDS_2013
    missing = tuple(index for index, _ in zip(held.missing(), range(limit), strict=False))
    return ResendRequest(head.phone, head.version, head.message_id, held.first_serial, missing, held.attempt)


def _whole(head: Head, first_serial: int, body: bytes) -> Head:
    version = head.version
    if head.message_id == REGISTRATION and len(head.phone) == 12:
        version = registration_version(len(body))
    return Head(
        head.message_id,
        head.phone,
        version,
        first_serial,
        head.encryption,
        0,
        0,
        body,
        merged=head.part_total > 1,
        protocol_version=head.protocol_version,
    )


@dataclass
class Answers:
    """Which sent message an answer belongs to.

    A terminal may answer a message in parts with the serial of any of them (some take the last, the standard
    means the first), so every serial leads to the same message. At most `limit` are remembered per owner of
    this object; the oldest goes first.
    """

    limit: int = 1024
    _sent: OrderedDict[int, Hashable] = field(default_factory=OrderedDict, init=False)

    def sent(self, token: Hashable, serials: Sequence[int]) -> None:
        """Remember that the frames with these serials carry the message known to the caller as `token`."""
        for serial in serials:
            self._sent.pop(serial, None)
            self._sent[serial] = token
        while len(self._sent) > self.limit:
            self._sent.popitem(last=False)

    def match(self, reply_serial: int) -> Hashable | None:
        """The message that this serial answers; its other serials are forgotten with it. None if unknown."""
        token = self._sent.get(reply_serial)
        if token is not None:
            for serial in [serial for serial, other in self._sent.items() if other == token]:
                del self._sent[serial]
        return token
