"""Lines of a receiver: what is sound goes into the log, what is not into quarantine, what is new to the clerk."""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from tongqu.domains.navigation.categories import plausible
from tongqu.domains.navigation.streams import AIS_NUMBER
from tongqu.domains.navigation.values import POSITION_TYPES, SHIP_TYPES, Counts, Heard
from tongqu.protocols import nmea

log = logging.getLogger("tongqu.navigation")
WINDOW_MS: Final = 5_000
"""How long the same payload of the same sender is one report heard twice (by two receivers)."""
RECORDING_MS: Final = 60_000
"""A receiver whose GPS differs by more from our clock plays a recording: its own time counts."""
WAITING: Final = 20_000
"""Messages that may wait for the registry, while ships are met for the first time."""
MMSI = "mmsi"
"""Reason of refusal: the sender's number is none that a station may have."""
BUSY = "busy"
"""Reason of refusal: too many unknown senders at once."""


class Log(Protocol):
    """What of the group commit is used."""

    def append(self, stream: int, source: int, received_ms: int, raw: bytes) -> int: ...

    def append_refused(
        self, stream: int, source: int, received_ms: int, raw: bytes, reason: str, remote: str = ""
    ) -> int: ...


@dataclass(slots=True)
class Receiver:
    """A receiver that is talking.

    Attributes:
        clock_ms: time that its own stream gives, 0 while it gives none or agrees with our clock.
        talkers: its connections, each with parts and a clock of its own.
    """

    id: str
    remote: str
    counts: Counts = field(default_factory=Counts)
    assembler: nmea.Assembler = field(default_factory=nmea.Assembler)
    clock_ms: int = 0
    mark_ms: int = 0
    talkers: list[Receiver] = field(default_factory=list)


class Desk:
    """Takes lines. Everything here runs in the loop's thread.

    Args:
        commit: the log.
        keys: number of the thing of each ship known.
        meet: asked to register senders: `(mmsis, receiver id)`; answers through `met`.
    """

    def __init__(self, commit: Log, keys: dict[int, int], meet: Any) -> None:
        self.commit = commit
        self.keys = keys
        self.heard: dict[int, Heard] = {}
        self._meet = meet
        self._asked: set[int] = set()
        self._waiting: dict[int, list[tuple[int, bytes]]] = {}
        self._waits = 0
        self._recent: OrderedDict[str, tuple[int, int, str]] = OrderedDict()
        self._stations: set[int] = set()

    def lines(self, receiver: Receiver, lines: list[bytes], now_ms: int) -> None:
        """Lines without their ends."""
        for line in lines:
            text = line.decode("latin-1")
            if not text.strip():
                continue
            receiver.counts.lines += 1
            for group in receiver.assembler.feed(text, now_ms):
                self._group(receiver, group, now_ms)

    def due(self, receiver: Receiver, now_ms: int) -> None:
        """Give up parts that have waited too long, and reports that can no longer be heard twice."""
        for group in receiver.assembler.due(now_ms):
            self._group(receiver, group, now_ms)
        while self._recent:
            payload, (_, noted_ms, _) = next(iter(self._recent.items()))
            if now_ms - noted_ms <= WINDOW_MS:
                return
            del self._recent[payload]

    def ended(self, receiver: Receiver, now_ms: int) -> None:
        """A receiver has hung up: parts that wait for others are refused."""
        for group in receiver.assembler.flush():
            self._group(receiver, group, now_ms)

    def met(self, keys: dict[int, int] | None, asked: list[int]) -> None:
        """The registry has answered: what waited for these senders goes into the log."""
        self.keys |= keys or {}
        for mmsi in asked:
            self._asked.discard(mmsi)
            waiting = self._waiting.pop(mmsi, [])
            self._waits -= len(waiting)
            key = self.keys.get(mmsi, 0)
            for received_ms, raw in waiting:
                if key:
                    self.commit.append(AIS_NUMBER, key, received_ms, raw)
                else:
                    self.commit.append_refused(AIS_NUMBER, 0, received_ms, raw, BUSY)

    def take_heard(self) -> list[Heard]:
        """What is new of all senders, to be written down."""
        found, self.heard = list(self.heard.values()), {}
        return found

    def _group(self, receiver: Receiver, group: nmea.Group, now_ms: int) -> None:
        if not group.sentences[0].ais:
            self._other(receiver, group, now_ms)
            return
        receiver.counts.sentences += len(group.sentences)
        message = nmea.decode_group(group)
        reason = None if message.reason is None else str(message.reason)
        if reason is None and not plausible(message.mmsi or 0):
            reason = MMSI
        if reason is not None:
            self._refuse(receiver, group, reason, now_ms)
            return
        at_ms = self._at(receiver, group, now_ms)
        if self._doubled(receiver, group, at_ms, now_ms):
            receiver.counts.doubled += 1
            return
        receiver.counts.messages += 1
        self._note(receiver, group, message, at_ms)
        if message.type in POSITION_TYPES:
            self._record(receiver, group, message, at_ms, now_ms)

    def _other(self, receiver: Receiver, group: nmea.Group, now_ms: int) -> None:
        """A sentence of another instrument: its time counts where it has one. What is no sentence is refused."""
        sentence = group.sentences[0]
        fix = nmea.fix_of(sentence)
        if fix is not None and fix.valid and fix.time_ms is not None:
            receiver.clock_ms = fix.time_ms if abs(fix.time_ms - now_ms) > RECORDING_MS else 0
        mark_ms = nmea.mark_of(sentence)
        if mark_ms is not None:
            receiver.mark_ms = mark_ms
        if group.reason is not None and sentence.start != "$":
            self._refuse(receiver, group, str(group.reason), now_ms)

    def _at(self, receiver: Receiver, group: nmea.Group, now_ms: int) -> int:
        """When a message was heard: by its TAG block, by the mark before it, by the receiver's GPS, by our clock."""
        mark_ms, receiver.mark_ms = receiver.mark_ms, 0
        return group.heard_ms or mark_ms or receiver.clock_ms or now_ms

    def _doubled(self, receiver: Receiver, group: nmea.Group, at_ms: int, now_ms: int) -> bool:
        """Whether another receiver heard it a moment ago; what one receiver hears twice was sent twice."""
        before = self._recent.pop(group.payload, None)
        self._recent[group.payload] = (at_ms, now_ms, receiver.id)
        if before is None or before[2] == receiver.id or abs(at_ms - before[0]) > WINDOW_MS:
            return False
        self._recent[group.payload] = before
        return True

    def _note(self, receiver: Receiver, group: nmea.Group, message: nmea.Message, at_ms: int) -> None:
        """Keep what is new of a sender; one that has said neither who nor where she is is not kept."""
        mmsi = message.mmsi or 0
        known = mmsi in self.keys or mmsi in self._asked
        station = message.type in (4, 21) or (message.type not in SHIP_TYPES and not known)
        if station and message.type in (4, 11, 21):
            self._stations.add(mmsi)
        if station and mmsi not in self._stations:
            return
        key = -mmsi if station else mmsi
        heard = self.heard.get(key)
        if heard is None:
            heard = self.heard[key] = Heard(mmsi, receiver.id, station=station)
            if not station:
                self.ask(mmsi, receiver.id)
        heard.take(message, group, at_ms)

    def _record(self, receiver: Receiver, group: nmea.Group, message: nmea.Message, at_ms: int, now_ms: int) -> None:
        mmsi = message.mmsi or 0
        raw = framed(group, receiver.id, at_ms)
        key = self.keys.get(mmsi)
        if key is not None:
            self.commit.append(AIS_NUMBER, key, now_ms, raw)
            return
        if self._waits >= WAITING:
            self.commit.append_refused(AIS_NUMBER, 0, now_ms, raw, BUSY, receiver.remote)
            return
        self._waiting.setdefault(mmsi, []).append((now_ms, raw))
        self._waits += 1

    def ask(self, mmsi: int, receiver_id: str) -> None:
        """Have a sender registered, once."""
        if mmsi not in self._asked and mmsi not in self.keys:
            self._asked.add(mmsi)
            self._meet(mmsi, receiver_id)

    def _refuse(self, receiver: Receiver, group: nmea.Group, reason: str, now_ms: int) -> None:
        receiver.counts.refused += 1
        receiver.counts.last_reason = reason
        raw = "\r\n".join(group.lines).encode("latin-1")[:2000]
        self.commit.append_refused(AIS_NUMBER, 0, now_ms, raw, reason, receiver.remote)


def framed(group: nmea.Group, receiver_id: str, at_ms: int) -> bytes:
    """A message as it is logged: its sentences, the first behind a TAG block that says who heard it and when, unless
    it has one that does."""
    lines = list(group.lines)
    if group.sentences[0].tag is None or group.heard_ms is None:
        if lines[0].startswith("\\"):
            lines[0] = lines[0].split("\\", 2)[2]
        lines[0] = f"\\{nmea.sentence('$', f's:{receiver_id},c:{at_ms}')[1:]}\\{lines[0]}"
    return "\r\n".join(lines).encode("latin-1")
