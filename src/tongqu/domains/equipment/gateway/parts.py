"""Messages in sub-packets: each part is stored and acknowledged, the whole is logged again as one frame.

Parts go into the log under a stream number of their own. Only when the last one has come is there a message: it is
written behind its parts as one synthetic frame, in the same group, before that last part is acknowledged. After a
crash the open parts are read back from the end of the log, so what was acknowledged part by part is not lost.
Missing parts are asked for with 0x8003 and given up in the end, with a quarantine row that holds what did come.
"""

from __future__ import annotations

import logging
import mmap
from collections.abc import Iterator
from pathlib import Path
from struct import Struct
from typing import TYPE_CHECKING

import msgspec

from tongqu.kernel.telemetry.log import segments
from tongqu.kernel.telemetry.record import HEADER_BYTES, MAGIC, PREFIX_BYTES, Record, unpack
from tongqu.protocols import jt808
from tongqu.protocols.jt808 import Assembled, Assembler, Lost, ResendRequest

if TYPE_CHECKING:
    from tongqu.domains.equipment.gateway.connection import Connection
    from tongqu.domains.equipment.gateway.server import Gateway
    from tongqu.protocols.jt808 import Head

log = logging.getLogger("tongqu.equipment")
RESEND_REQUEST = 0x8003
PARTS_LOST = "parts_lost"
LOST_BYTES = 1 << 19
"""Bytes of a lost message that its quarantine row keeps at most; all of them are in the log."""
LOOK_BACK_BYTES = 128 << 20
_HEADER = Struct("<IIBBH")
_Key = tuple[str, int, int]


class Parts:
    """All messages that are coming in in parts, over all connections: a refill may continue on the next one."""

    def __init__(self, gateway: Gateway, first_wait_s: float) -> None:
        self.gateway = gateway
        self.assembler = Assembler(first_wait_s=first_wait_s)
        self._raw: dict[_Key, dict[int, bytes]] = {}

    def take(self, connection: Connection, raw: bytes, head: Head, now_ms: int) -> None:
        """One part of a session's message."""
        gateway = self.gateway
        gateway.commit.append(gateway.part_stream, connection.key, now_ms, raw)
        connection.frames += 1
        whole = self._add(raw, head, now_ms)
        if whole is None:
            gateway.commit.after(connection.acknowledge, head.serial, head.message_id, 0)
            return
        merged = jt808.merge_frame(whole.head, whole.head.body)
        # The answer to the whole goes to the part that completed it; the frame in the log carries the first serial.
        answered = msgspec.structs.replace(whole.head, serial=head.serial)
        gateway.desk.whole(connection, merged, answered, now_ms)

    def _add(self, raw: bytes, head: Head, now_ms: int) -> Assembled | None:
        key = (head.phone, head.message_id, head.first_serial)
        held_bytes = self.assembler.held_bytes
        whole = self.assembler.add(head, now_ms)
        if whole is not None:
            self._raw.pop(key, None)
        elif self.assembler.held_bytes > held_bytes:  # else it is a repetition
            self._raw.setdefault(key, {})[head.part_index] = raw
        return whole

    def tick(self, now_ms: int) -> None:
        """Ask for what is missing; record what is given up."""
        for due in self.assembler.due(now_ms):
            if isinstance(due, ResendRequest):
                self._ask(due)
            else:
                self._lose(due, now_ms)

    def _ask(self, request: ResendRequest) -> None:
        terminal = self.gateway.registry.find(request.phone)
        if terminal is not None and terminal.connection is not None:
            self.gateway.say(terminal.connection, RESEND_REQUEST, request.body())

    def _lose(self, lost: Lost, now_ms: int) -> None:
        gateway = self.gateway
        held = self._raw.pop((lost.phone, lost.message_id, lost.first_serial), {})
        terminal = gateway.registry.find(lost.phone)
        raw = b"".join(held[index] for index in sorted(held))[:LOST_BYTES]
        remote = terminal.connection.remote if terminal is not None and terminal.connection is not None else ""
        key = terminal.key if terminal is not None else 0
        gateway.commit.append_refused(gateway.stream, key, now_ms, raw, PARTS_LOST, remote)

    def recover(self, folder: Path, now_ms: int) -> int:
        """Take in the open parts at the end of the log; gives how many messages they complete.

        A message that was complete before is logged once more; its positions are the same by their natural key.
        """
        completed = 0
        oldest_ms = now_ms - round(1000 * sum(jt808.retry_delays_s(self.assembler.first_wait_s)))
        for record in records_at_end(folder, self.gateway.part_stream, LOOK_BACK_BYTES):
            if record.received_ms < oldest_ms:
                continue
            head = jt808.peek(record.raw)
            whole = self._add(record.raw, head, now_ms) if head.ok else None
            if whole is not None:
                merged = jt808.merge_frame(whole.head, whole.head.body)
                self.gateway.commit.append(self.gateway.stream, record.source, record.received_ms, merged)
                completed += 1
        if completed or len(self.assembler):
            log.info("parts at the end of the log: %d messages complete, %d open", completed, len(self.assembler))
        return completed


def records_at_end(folder: Path, stream: int, look_back_bytes: int) -> Iterator[Record]:
    """The records of one stream in the last bytes of a log, oldest first.

    Reading begins at the segment that holds the first of these bytes, for only there a record is known to begin.
    """
    wanted, size = [], 0
    for segment in reversed(segments(folder)):
        wanted.append(segment)
        size += segment.path.stat().st_size
        if size >= look_back_bytes:
            break
    for segment in reversed(wanted):
        with segment.path.open("rb") as file:
            if segment.path.stat().st_size < HEADER_BYTES:
                continue
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                yield from _of_stream(data, segment.first, stream)


def _of_stream(data: mmap.mmap, first: int, stream: int) -> Iterator[Record]:
    at, end = 0, len(data)
    while at + HEADER_BYTES <= end:
        length, _, magic, _, number = _HEADER.unpack_from(data, at)
        if magic != MAGIC:
            return  # damage: what is behind it is for the reader of the history
        stop = at + PREFIX_BYTES + length
        if number == stream:
            found = unpack(data[at:stop], 0, first + at)
            if found is not None:
                yield found[0]
        at = stop
