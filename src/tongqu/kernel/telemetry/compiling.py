"""The way of a row from the log to what is shown, compiled ahead by one row that walks it."""

from __future__ import annotations

import numpy as np

from tongqu.kernel.module import Module
from tongqu.kernel.platform import Platform
from tongqu.kernel.telemetry.log import LogWriter
from tongqu.kernel.telemetry.rows import empty
from tongqu.kernel.telemetry.service import Telemetry
from tongqu.kernel.telemetry.stream import Stream
from tongqu.kit.arrow import Decoded, Frames

_STREAM = Stream("telemetry.specimen", 65535, f"{__name__}:rows_of")


def rows_of(frames: Frames) -> Decoded:
    """A row for each frame."""
    n = len(frames)
    rows = empty(n)
    columns = {**rows, "source": frames.source, "time_ms": frames.received_ms}
    return Decoded(columns | {"refill": np.zeros(n, np.bool_)}, np.arange(n, dtype=np.int32), np.empty(0, np.int32), [])


def compile_writer(platform: Platform) -> None:
    """Write one frame into the log of an empty platform and turn it into a row; numba keeps what was compiled."""
    module = Module("telemetry", "tongqu.kernel.telemetry", "platform", streams=(_STREAM,))
    alone = Platform(platform.settings, platform.clock, platform.store, (module,))
    log = LogWriter(platform.settings.log, platform.clock)
    log.append(_STREAM.number, 1, platform.clock.now_ms(), b"\0")
    log.close()
    telemetry = Telemetry(alone)
    telemetry.prepare()
    telemetry.writer.catch_up()
    telemetry.history.close()
