"""Whole buffers of wire frames and the columns decoded from them: the shape between log and decoder.

A stream's decoder has the form ``Frames -> Decoded``. Both are plain numpy so that a protocol can
offer one without knowing the kernel, and so that the kernel can hand a memory-mapped log segment
over without a copy. ``to_arrow`` turns columns into an Arrow batch for notebooks and DuckDB.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Frames:
    """Raw frames in one buffer; row i is ``data[start[i]:start[i] + length[i]]``, as received.

    Attributes:
        data: the bytes, uint8.
        start: offset of each frame in ``data``, int64.
        length: bytes of each frame, int32.
        source: registry number of the source (terminal) of each frame, int64.
        received_ms: when each frame arrived, UTC milliseconds, int64.
        log_offset: where each frame's record stands in the segment log, int64.
    """

    data: NDArray[np.uint8]
    start: NDArray[np.int64]
    length: NDArray[np.int32]
    source: NDArray[np.int64]
    received_ms: NDArray[np.int64]
    log_offset: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.start)

    def raw(self, index: int) -> bytes:
        """The bytes of frame ``index``, as received."""
        begin = int(self.start[index])
        return self.data[begin : begin + int(self.length[index])].tobytes()

    @classmethod
    def of(
        cls,
        raws: Iterable[bytes],
        *,
        source: Iterable[int] | None = None,
        received_ms: Iterable[int] | None = None,
        log_offset: Iterable[int] | None = None,
    ) -> "Frames":
        """Frames from separate byte strings; columns not given are zero (``log_offset``: the row)."""
        parts = list(raws)
        count = len(parts)
        length = np.fromiter((len(part) for part in parts), dtype=np.int32, count=count)
        start = np.zeros(count, dtype=np.int64)
        if count > 1:
            np.cumsum(length[:-1], out=start[1:])
        return cls(
            data=np.frombuffer(b"".join(parts), dtype=np.uint8),
            start=start,
            length=length,
            source=_column(source, count),
            received_ms=_column(received_ms, count),
            log_offset=np.arange(count, dtype=np.int64) if log_offset is None else _column(log_offset, count),
        )


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a decoder made of ``Frames``: rows as columns, and the frames it refused.

    Attributes:
        columns: name -> array, all of one length (the rows).
        frame: row -> index of its frame in ``Frames``, int32.
        reject_frame: index in ``Frames`` of each refused frame, int32.
        reject_reason: why, one stable code for each entry of ``reject_frame``.
    """

    columns: Mapping[str, NDArray[np.generic]]
    frame: NDArray[np.int32]
    reject_frame: NDArray[np.int32]
    reject_reason: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.frame)


def to_arrow(columns: Mapping[str, NDArray[np.generic]]) -> "pa.RecordBatch":
    """An Arrow record batch of the columns; numeric arrays are shared, not copied."""
    import pyarrow as pa

    return pa.RecordBatch.from_arrays([pa.array(array) for array in columns.values()], names=list(columns))


def _column(values: Iterable[int] | None, count: int) -> NDArray[np.int64]:
    if values is None:
        return np.zeros(count, dtype=np.int64)
    column = np.fromiter(values, dtype=np.int64)
    if len(column) != count:
        raise ValueError(f"a column has {len(column)} values for {count} frames")
    return column
