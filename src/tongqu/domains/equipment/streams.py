"""Streams of the log that equipment writes."""

from __future__ import annotations

import numpy as np

from tongqu.kernel.telemetry import Stream
from tongqu.kit.arrow import Decoded, Frames
from tongqu.protocols import jt808

POSITIONS_NUMBER = 1
PARTS_NUMBER = 2


def nothing(frames: Frames) -> Decoded:
    """Sub-packets carry no rows of their own: what they are parts of is logged again as a whole."""
    empty = jt808.positions(
        Frames(
            frames.data,
            frames.start[:0],
            frames.length[:0],
            frames.source[:0],
            frames.received_ms[:0],
            frames.log_offset[:0],
        )
    )
    return Decoded(empty.columns, np.empty(0, np.int32), np.empty(0, np.int32), [])


FIXED = 1 << 1
"""Status bit of a valid fix (JT/T 808-2019 table 25)."""
GRAVE = (0, 26, 29, 30)
DRIVING = (1, 2, 3, 13, 14, 15, 17, 18, 19, 20, 21, 22, 23, 27, 28)
"""Bits of the alarm word by our own grouping, as the standard ranks none: emergency, theft, collision and rollover;
what the driver does; the rest are faults of the device."""


def _mask(bits: tuple[int, ...]) -> int:
    return sum(1 << bit for bit in bits)


LEVELS = (0xFFFFFFFF & ~_mask(GRAVE + DRIVING), _mask(DRIVING), _mask(GRAVE))
STREAMS = (
    Stream(
        "equipment.jt808",
        POSITIONS_NUMBER,
        "tongqu.protocols.jt808:positions",
        fixed_mask=FIXED,
        alarm_levels=LEVELS,
    ),
    Stream("equipment.jt808_parts", PARTS_NUMBER, "tongqu.domains.equipment.streams:nothing"),
)
