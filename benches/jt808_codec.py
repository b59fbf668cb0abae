"""Speed of the JT/T 808 codec: one frame at a time, and a buffer in one pass, on the same frames.

The frame is a 0x0200 with a 2019 header and six items, 74 bytes with its flags. Rates are per second of
processor time of one thread, so that a neighbour on the machine does not count. "One at a time" is `decode`: raw
bytes to values, unescape and checksum included, on one core. "Bulk" is `positions`: a buffer of raw frames to
columns. Before anything is timed the rows of both are compared. `decode` is also timed where its specialised
functions do not help: every frame of another shape, and an item that is a structure.
"""

from __future__ import annotations

import math
import sys
import time

from bench import Row, repeat, report

from tongqu.kit.arrow import Frames
from tongqu.protocols import jt808

COUNT = 20_000
REPEAT = 25  # of the frames, in the buffer of the bulk path


def frames() -> list[bytes]:
    """Positions of 5,000 terminals on their way, each value different from frame to frame."""
    made = []
    for number in range(COUNT):
        body = {
            "alarm": 0,
            "status": 0x000C0003,
            "latitude_deg": 31 + (number * 7919 % 900_000) / 1e6,
            "longitude_deg": 120 + (number * 104_729 % 900_000) / 1e6,
            "altitude_m": number % 400,
            "speed_kmh": number % 1100 / 10,
            "heading_deg": number * 37 % 360,
            "time_ms": 1_760_000_000_000 + number // 5000 * 1000,
            "extras": {
                "mileage_km": number * 13 % 5_000_000 / 10,
                "fuel_l": number % 4000 / 10,
                "recorder_speed_kmh": number % 1100 / 10,
                "signals": 0,
                "signal_strength": number % 32,
                "satellites": number % 24,
            },
        }
        made += jt808.encode(0x0200, body, phone=str(10_000_000_000 + number % 5000), serial=number & 0xFFFF)
    return made


def per_second(work, units: int) -> float:
    """Units per second of processor time of one run of `work`: one thread, so per core."""
    start = time.process_time()
    work()
    return units / (time.process_time() - start)


def each(function, raws: list[bytes]) -> None:
    """Call the function on every frame, and keep nothing, as a stream would."""
    for raw in raws:
        function(raw)


def compare(raws: list[bytes]) -> None:
    """Rows of the bulk path and of the slow one must be the same, or nothing here means anything."""
    decoded = jt808.positions(Frames.of(raws))
    rows = [row for raw in raws for row in jt808.positions_of(jt808.decode(raw))]
    if len(rows) != len(decoded) or len(decoded.reject_frame):
        raise SystemExit("the two paths give different rows")
    for name, column in decoded.columns.items():
        if name == "source":
            continue
        wanted = [column.dtype.type(row[name]) for row in rows]
        same = all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in zip(column, wanted, strict=True))
        if not same:
            raise SystemExit(f"the two paths differ in {name}")


def main() -> int:
    raws = frames()
    sizes = {len(raw) for raw in raws}
    compare(raws)
    buffer = Frames.of(raws * REPEAT)
    stream = b"".join(raws * REPEAT)
    tyres = bytes.fromhex("6632") + bytes(40) + b"\x01" + bytes(9)
    structured = [_with_item(raw, tyres) for raw in raws[:4000]]
    rows = [
        Row(
            "0x0200 with six items, one at a time",
            200_000,
            repeat(lambda: per_second(lambda: each(jt808.decode, raws), len(raws))),
            "frames/s/core",
            note="checksum and unescape included, as decoded values; shapes of frames known",
        ),
        Row(
            "the same, bulk path, equal rows",
            4_000_000,
            repeat(lambda: per_second(lambda: jt808.positions(buffer), len(buffer))),
            "rows/s/core",
            note=f"{len(buffer):,} frames in one call; compiled beforehand",
        ),
        Row(
            "decode_buffer: split, decode, Arrow",
            None,
            repeat(lambda: per_second(lambda: jt808.decode_buffer(stream), len(buffer))),
            "rows/s/core",
        ),
        Row(
            "peek: what a gateway needs of a frame",
            None,
            repeat(lambda: per_second(lambda: each(jt808.peek, raws), len(raws))),
            "frames/s/core",
        ),
        Row(
            "one at a time, with a list of tyres",
            None,
            repeat(lambda: per_second(lambda: each(jt808.decode, structured), len(structured))),
            "frames/s/core",
            note="no specialised function: fields one by one from the tables",
        ),
    ]
    return report(
        rows,
        data=f"{COUNT:,} distinct synthetic 0x0200 frames, 2019 header, six items, {min(sizes)}-{max(sizes)} bytes",
        peer="SmallChi/JT808 (C#) states about 980,000 frames/s on an i7-8700K; no .NET here to run it beside ours",
    )


def _with_item(raw: bytes, item: bytes) -> bytes:
    head = jt808.peek(raw)
    (made,) = jt808.encode(0x0200, head.body + item, phone=head.phone, serial=head.serial)
    return made


if __name__ == "__main__":
    sys.exit(main())
