"""The bulk path: a buffer of frames to columns of positions in one compiled pass.

Unescape, checksum, header, fields, mileage and natural key in one loop over each frame; the rows are those of
`codec.decode` and `codec.positions_of`. Loaded when first used, because numba takes its time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tongqu.kit.arrow import Decoded, Frames, to_arrow
from tongqu.protocols.jt808.bulk_loop import run
from tongqu.protocols.jt808.bulk_tables import MONTH_START, REASONS, tables_for
from tongqu.protocols.jt808.profiles import STANDARD, Profile

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

_MIN_ENTRY: Final = 30  # length word and basic block of a batch entry
_OVERHEAD: Final = 15  # flags, short header and checksum: what a batch costs besides its entries

COLUMNS: Final[dict[str, Any]] = {
    "source": np.int64,
    "time_ms": np.int64,
    "lon": np.float64,
    "lat": np.float64,
    "altitude_m": np.int32,
    "speed_kmh": np.float32,
    "heading_deg": np.int16,
    "alarm": np.uint32,
    "status": np.uint32,
    "mileage_km": np.float64,
    "key": np.uint64,
    "refill": np.bool_,
}


def positions(frames: Frames, profile: Profile | None = None) -> Decoded:
    """All positions of the frames.

    A frame of another message gives no row and no reject; neither does a sub-packet, whose message stands in the
    log as one merged frame. A batch with an entry that does not decode gives the rows of the others and one
    reject, so that it is found in quarantine too.

    Args:
        frames: raw frames, each from 7E to 7E.
        profile: device model of all of them, for clashing item ids.
    """
    capacity = int(np.maximum(1, (frames.length.astype(np.int64) - _OVERHEAD) // _MIN_ENTRY).sum())
    columns: dict[str, Any] = {name: np.empty(capacity, dtype) for name, dtype in COLUMNS.items()}
    row_frame = np.empty(capacity, np.int32)
    reject_frame = np.empty(len(frames), np.int32)
    reject_code = np.empty(len(frames), np.uint8)
    scratch = np.empty(int(frames.length.max(initial=0)), np.uint8)
    rows, rejects = run(
        _read_only(frames.data), frames.start, frames.length, frames.source, MONTH_START,
        tables_for(profile or STANDARD), scratch, _read_only(scratch), *columns.values(),
        row_frame, reject_frame, reject_code,
    )  # fmt: skip
    return Decoded(
        columns={name: column[:rows] for name, column in columns.items()},
        frame=row_frame[:rows],
        reject_frame=reject_frame[:rejects],
        reject_reason=[REASONS[code] for code in reject_code[:rejects]],
    )


def decode_buffer(buffer: bytes | NDArray[np.uint8], profile: Profile | None = None) -> pa.RecordBatch:
    """All positions of a recorded byte stream as an Arrow record batch, for a notebook.

    Bytes outside flags are skipped. The columns are those of `positions` without `source`, and `offset`, where the
    frame of the row begins in the buffer. The schema's metadata has the number of `frames` and of `refused` ones.
    """
    data = np.frombuffer(buffer, np.uint8) if isinstance(buffer, bytes | bytearray | memoryview) else buffer
    frames = split(data)
    decoded = positions(frames, profile)
    columns: dict[str, Any] = {"offset": frames.start[decoded.frame], **decoded.columns}
    del columns["source"]
    counts = {"frames": str(len(frames)), "refused": str(len(decoded.reject_frame))}
    return to_arrow(columns).replace_schema_metadata(counts)


def split(data: NDArray[np.uint8]) -> Frames:
    """The frames of a byte stream; a flag may close one frame and open the next."""
    flags = np.flatnonzero(data == 0x7E)
    filled = np.flatnonzero(np.diff(flags) > 1)
    start = flags[filled].astype(np.int64)
    length = (flags[filled + 1] - flags[filled] + 1).astype(np.int32)
    zeros = np.zeros(len(start), np.int64)
    return Frames(data, start, length, zeros, zeros, start)


def _read_only(data: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same bytes, of the one array type that the loop is compiled for."""
    view = data.view()
    view.flags.writeable = False
    return view
