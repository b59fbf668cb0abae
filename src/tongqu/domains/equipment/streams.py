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


STREAMS = (
    Stream("equipment.jt808", POSITIONS_NUMBER, "tongqu.protocols.jt808:positions"),
    Stream("equipment.jt808_parts", PARTS_NUMBER, "tongqu.domains.equipment.streams:nothing"),
)
