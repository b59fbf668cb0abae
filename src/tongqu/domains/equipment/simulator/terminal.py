"""One simulated terminal: a connection, its state, what it has sent and not had acknowledged.

What is not acknowledged in time is sent again after T(N+1) = T(N) × (N+1); after three repetitions, or when the
connection ends, it is kept and refilled with 0x0704 as soon as the terminal is back.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from tongqu.domains.equipment.simulator import wire
from tongqu.domains.equipment.simulator.device import AREA_ALARM, Device
from tongqu.domains.equipment.simulator.values import Fix, Identity
from tongqu.protocols import jt808
from tongqu.protocols.jt808 import Splitter, peek
from tongqu.protocols.jt808.wire import bcd_of_time

if TYPE_CHECKING:
    from tongqu.domains.equipment.simulator.fleet import Fleet
    from tongqu.protocols.jt808 import Head

REGISTER, AUTHENTICATE, UNREGISTER = 0x0100, 0x0102, 0x0003
GENERAL_REPLY, REGISTER_REPLY = 0x8001, 0x8100
STORED_MOST = 20_000


class Mood(IntEnum):
    """Where a terminal stands."""

    OFFLINE = 0
    DIALING = 1
    GREETING = 2  # registers or authenticates
    ONLINE = 3
    ENDED = 4


class Waiting:
    """A message that waits for its general reply."""

    __slots__ = ("bodies", "body", "due_ms", "message_id", "serial", "tries", "wait_ms")

    def __init__(
        self, serial: int, message_id: int, body: bytes, bodies: list[bytes], due_ms: int, wait_ms: int
    ) -> None:
        self.serial, self.message_id, self.body, self.bodies = serial, message_id, body, bodies
        self.due_ms, self.wait_ms, self.tries = due_ms, wait_ms, 0


class SimulatedTerminal(asyncio.Protocol):
    """A terminal of a fleet.

    Attributes:
        own_interval_ms: reporting interval it was told, 0 where its source decides.
        stored: bodies of positions that wait for a refill.
        tries: dials since it was last online, for the back-off.
    """

    __slots__ = (
        "_acknowledgement",
        "_header",
        "_serial",
        "_splitter",
        "_transport",
        "_waiting",
        "code",
        "device",
        "fleet",
        "heard_ms",
        "identity",
        "index",
        "last",
        "mood",
        "next_dial_ms",
        "own_interval_ms",
        "said_ms",
        "stored",
        "track_interval_ms",
        "track_until_ms",
        "tries",
    )

    def __init__(self, fleet: Fleet, index: int, identity: Identity) -> None:
        self.fleet, self.index, self.identity = fleet, index, identity
        self.mood = Mood.OFFLINE
        self.code = identity.auth_code
        self.device: Device | None = None
        self.stored: deque[bytes] = deque(maxlen=STORED_MOST)
        self.tries = 0
        self.next_dial_ms = self.said_ms = self.heard_ms = 0
        self.own_interval_ms = self.track_interval_ms = self.track_until_ms = 0
        self.last: Fix | None = None
        self._header = wire.Header(identity.phone, identity.version)
        self._acknowledgement = 25 if identity.version >= 2019 else 20
        self._serial = 0
        self._splitter: Splitter | None = None
        self._transport: Any = None
        self._waiting: deque[Waiting] = deque()

    @property
    def interval_ms(self) -> int:
        if self.track_interval_ms and self.fleet.now_ms < self.track_until_ms:
            return self.track_interval_ms
        return self.own_interval_ms or self.fleet.source.interval_ms(self.index)

    # what asyncio calls

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self.mood = Mood.GREETING
        self.heard_ms = self.fleet.now_ms
        self._greet()

    def connection_lost(self, _: Exception | None) -> None:
        self._transport, self._splitter = None, None
        self.stored.extendleft(body for one in reversed(self._waiting) for body in reversed(one.bodies))
        self._waiting.clear()
        self.fleet.lost(self)

    def data_received(self, data: bytes) -> None:
        if self._splitter is None or not self._splitter.held_bytes:
            if len(data) == self._acknowledgement and data[1] == 0x80 and data[2] == 0x01 and b"\x7d" not in data:
                at = self._acknowledgement - 7
                self._acknowledged(data[at] << 8 | data[at + 1], data[at + 4])
                return
            self._splitter = self._splitter or Splitter()
        chunks = self._splitter.feed(data)
        for chunk in chunks:
            head = peek(chunk.raw)
            if head.ok:
                self._hear(head)

    # talking

    def send(self, message_id: int, body: bytes) -> int:
        """Send a message that waits for no reply; gives its serial number."""
        self._serial = serial = (self._serial + 1) & 0xFFFF
        if self._transport is None:
            return serial
        if len(body) <= 1023:
            self._transport.write(self._header.frame(message_id, serial, body))
        else:
            who = self.identity
            frames = jt808.encode(message_id, body, phone=who.phone, serial=serial, version=who.version)
            self._serial = (serial + len(frames) - 1) & 0xFFFF
            self._transport.write(b"".join(frames))
        self.said_ms = self.fleet.now_ms
        return serial

    def _ask(self, message_id: int, body: bytes, bodies: list[bytes]) -> None:
        """Send a message that is kept until its reply comes."""
        serial = self.send(message_id, body)
        wait_ms = self.fleet.reply_ms
        self._waiting.append(Waiting(serial, message_id, body, bodies, self.fleet.now_ms + wait_ms, wait_ms))

    def _greet(self) -> None:
        who = self.identity
        body: dict[str, Any]
        if self.code is None:
            body = {
                "province": int(who.region[:2]),
                "city": int(who.region[2:].ljust(4, "0")),
                "maker": who.maker,
                "model": who.model,
                "terminal_id": who.terminal_id,
                "plate_colour": who.plate_colour,
                "plate": who.plate,
            }
            self.send(REGISTER, jt808.encode_body(REGISTER, body, version=who.version))
            return
        body = {"auth_code": self.code}
        if who.version >= 2019:
            body |= {"imei": who.imei, "software_version": who.software}
        self.send(AUTHENTICATE, jt808.encode_body(AUTHENTICATE, body, version=who.version))

    def report(self, fix: Fix, bcd: bytes) -> None:
        """A fix is due: say it, or keep it while there is nobody to say it to."""
        self.last = fix
        crossing = None
        if self.device is not None and self.device.areas:
            crossing = self.device.crossing(fix.lon, fix.lat)
            if crossing is not None:
                fix = fix._replace(alarm=fix.alarm | AREA_ALARM)
        body = wire.position(fix, bcd, crossing)
        counts = self.fleet.counts
        counts.sent += 1
        if self.mood is Mood.ONLINE:
            self._ask(wire.LOCATION, body, [body])
            return
        if len(self.stored) == STORED_MOST:
            counts.dropped += 1
        self.stored.append(body)

    def remember(self, past: Sequence[tuple[int, Fix]]) -> None:
        """Take up fixes of a time before it was online; they are refilled when it is."""
        self.stored.extend(wire.position(fix, bcd_of_time(at_ms)) for at_ms, fix in past)

    def position_now(self) -> bytes:
        """Body of a position at this instant."""
        fix = self.fleet.source.fix(self.index)
        return wire.position(fix, self.fleet.seconds.bcd(self.fleet.now_ms))

    # hearing

    def _hear(self, head: Head) -> None:
        if head.message_id == GENERAL_REPLY and len(head.body) >= 5:
            body = head.body
            if self.mood is Mood.GREETING:
                self._greeted(body[4])
            else:
                self._acknowledged(body[0] << 8 | body[1], body[4])
        elif head.message_id == REGISTER_REPLY:
            self._registered(jt808.decode_head(head).body)
        elif self.mood is Mood.ONLINE:
            self.fleet.counts.commands += 1
            if self.device is None:
                self.device = Device(self)
            self.device.obey(jt808.decode_head(head))

    def _registered(self, body: dict[str, Any]) -> None:
        if body.get("registered") != 0:
            self.fleet.refused(self, f"0x8100 {body.get('registered')}")
            return
        self.code = body["auth_code"]
        self._greet()

    def _greeted(self, result: int) -> None:
        if result:
            self.fleet.refused(self, f"0x8001 {result}")
            self.code = None  # the code is not known there (any more): register the next time
            return
        self.mood, self.tries = Mood.ONLINE, 0
        self.fleet.counts.online += 1
        self._refill()

    def _acknowledged(self, serial: int, result: int) -> None:
        if self.mood is not Mood.ONLINE:
            if self.mood is Mood.GREETING:
                self._greeted(result)
            return
        self.heard_ms = self.fleet.now_ms
        waiting = self._waiting
        if not waiting:
            return
        if waiting[0].serial == serial:
            one = waiting.popleft()
        else:
            found = next((one for one in waiting if one.serial == serial), None)
            if found is None:
                return
            one = found
            waiting.remove(one)
        counts = self.fleet.counts
        if result in (0, 4):
            counts.acknowledged += len(one.bodies)
        else:
            counts.rejected += len(one.bodies)
        if one.message_id == wire.BATCH:
            counts.refilled += len(one.bodies)
            self._refill()

    def _refill(self) -> None:
        """One batch of what was kept; the next follows its reply."""
        bodies = [self.stored.popleft() for _ in range(min(len(self.stored), wire.BATCH_MOST))]
        if bodies:
            self._ask(wire.BATCH, wire.batch(bodies, refill=True), bodies)

    # time

    def tick(self, now_ms: int) -> None:
        """Once a second: repeat, give up, keep the connection alive."""
        if self.mood is not Mood.ONLINE:
            if self.mood is Mood.GREETING and now_ms - self.heard_ms > self.fleet.reply_ms * 3:
                self._transport.abort()
            return
        if self._waiting and self._waiting[0].due_ms <= now_ms:
            for one in [one for one in self._waiting if one.due_ms <= now_ms]:
                one.tries += 1
                if one.tries > self.fleet.repeats:
                    self._transport.abort()
                    return
                one.wait_ms *= one.tries + 1
                one.due_ms = now_ms + one.wait_ms
                self._transport.write(self._header.frame(one.message_id, one.serial, one.body))
                self.fleet.counts.resent += 1
        if now_ms - self.said_ms > self.fleet.heartbeat_ms:
            self.send(wire.HEARTBEAT, b"")

    def track(self, interval_s: int, duration_s: int) -> None:
        """Report at another interval for a while; 0 ends it (0x8202)."""
        self.track_interval_ms = interval_s * 1000
        self.track_until_ms = self.fleet.now_ms + duration_s * 1000
        self.fleet.hurry(self)

    def cut(self) -> None:
        """Lose the network at once."""
        if self._transport is not None:
            self._transport.abort()

    def restart(self, seconds: float) -> None:
        """Go down and come back after a while."""
        self.next_dial_ms = self.fleet.now_ms + round(seconds * 1000)
        if self._transport is not None:
            self._transport.close()
