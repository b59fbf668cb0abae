"""The stream splitter: bytes of a TCP connection to frames, over any cut of the reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tongqu.protocols.jt808.wire import Reason

LIMIT_BYTES: Final = 65_536
LEAST_FRAME: Final = 15
"""Bytes of the shortest frame: flags, a header of 2011 without a body, the checksum."""
_FLAG: Final = b"\x7e"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of the stream: a frame from 7E to 7E as received, or bytes that are none, with the reason."""

    raw: bytes
    reason: Reason | None = None

    @property
    def ok(self) -> bool:
        return self.reason is None

    @property
    def close(self) -> bool:
        """Whether the connection must be closed: so much without a flag is no stream of JT/T 808."""
        return self.reason is Reason.OVERFLOW


class Splitter:
    """Splits on the flag before anything is unescaped. One flag may close a frame and open the next.

    Bytes before the first flag are one refused chunk. More than `limit` bytes without a flag are refused with
    `overflow`, and the caller is told to close; what was held is in that chunk and the splitter starts anew.
    """

    __slots__ = ("_held", "_limit", "_open", "_size")

    def __init__(self, limit: int = LIMIT_BYTES) -> None:
        self._limit = limit
        self._held: list[bytes] = []
        self._size = 0
        self._open = False

    @property
    def held_bytes(self) -> int:
        """Bytes of an unfinished frame."""
        return self._size

    def whole(self, data: bytes) -> bool:
        """Whether bytes are just one frame from flag to flag with nothing held before it; it is not fed then.

        By far the most reads are, and this is quicker than `feed`.
        """
        if self._size or data[0] != 0x7E or len(data) < LEAST_FRAME or data.find(_FLAG, 1) != len(data) - 1:
            return False
        self._open = True
        return True

    def feed(self, data: bytes) -> list[Chunk]:
        """The chunks that end in these bytes, in order."""
        if _FLAG not in data:
            self._held.append(data)
            self._size += len(data)
            return [self._overflow()] if self._size > self._limit else []
        first, *rest = data.split(_FLAG)
        tail = rest.pop()
        chunks = []
        head = b"".join((*self._held, first))
        if head:
            chunks.append(self._chunk(head))
        self._open = True
        chunks += [self._chunk(part) for part in rest if part]
        self._held = [tail] if tail else []
        self._size = len(tail)
        if self._size > self._limit:
            chunks.append(self._overflow())
        return chunks

    def _chunk(self, inside: bytes) -> Chunk:
        if not self._open:
            return Chunk(inside, Reason.FRAME)
        if len(inside) > self._limit:
            return Chunk(_FLAG + inside + _FLAG, Reason.OVERFLOW)
        return Chunk(_FLAG + inside + _FLAG)

    def _overflow(self) -> Chunk:
        chunk = Chunk((_FLAG if self._open else b"") + b"".join(self._held), Reason.OVERFLOW)
        self._held, self._size, self._open = [], 0, False
        return chunk
