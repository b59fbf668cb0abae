"""A bit of the alarm word as logic: an alarm from its edge on, until the bit is off for a minute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from tongqu.kernel.rules import Change, Transition
from tongqu.kernel.rules.batch import Batch
from tongqu.kernel.rules.kernels import CLEARED, IDLE, OPEN, OUT, RAISED
from tongqu.kernel.rules.logic import State, Timeless, transitions

EDGE = np.dtype([("phase", "i1"), ("onset", "i8"), ("off", "i8")])
QUIET_MS = 60_000
"""A bit that comes again so soon is the same alarm: devices flicker."""


@njit(cache=True, nogil=True)
def edges(slot, time, bit, speed, lon, lat, region, offset, state, quiet_ms, stands, out):  # type: ignore[no-untyped-def]
    """One that stands is over for the device when the bit is off, and for the platform when somebody has seen it."""
    n = 0
    for i in range(slot.size):
        s = slot[i]
        t = time[i]
        change = 0
        at = t
        if bit[i]:
            state[s].off = 0
            if state[s].phase == IDLE:
                state[s].phase = OPEN
                state[s].onset = t
                change = RAISED
        elif state[s].phase == OPEN:
            if state[s].off == 0:
                state[s].off = t
            if t - state[s].off >= quiet_ms:
                state[s].phase = IDLE
                at = state[s].off
                change = 0 if stands else CLEARED
        if change:
            out[n].slot = s
            out[n].change = change
            out[n].onset = state[s].onset
            out[n].at = at
            out[n].value = speed[i]
            out[n].limit = 0.0
            out[n].lon = lon[i]
            out[n].lat = lat[i]
            out[n].region = region[i]
            out[n].first = offset[i]
            out[n].latest = offset[i]
            out[n].tag = 0
            n += 1
    return n


def describe(one: Any, change: Change) -> Mapping[str, Any]:
    if change is Change.RAISED:
        return {"speed_kmh": round(float(one["value"]), 1)}
    return {"duration_s": int(one["at"] - one["onset"]) // 1000}


@dataclass(frozen=True)
class Edge(Timeless):
    """A bit of `alarm`.

    Args:
        mask: of the bit.
        stands: the bit's end says only that the reply has come.
    """

    mask: int
    stands: bool
    state: np.dtype[Any] = EDGE

    def step(self, state: State, batch: Batch) -> tuple[State, list[Transition]]:
        bit = (batch["alarm"] & np.uint32(self.mask)) != 0
        if not bit.any() and not state["phase"].any():
            return state, []
        out = np.empty(len(batch) + 1, dtype=OUT)
        count = edges(
            batch.slot, batch["time_ms"], bit, batch["speed_kmh"], batch["lon"], batch["lat"], batch["region"],
            batch["log_offset"], state, QUIET_MS, self.stands, out,
        )  # fmt: skip
        return state, transitions(out[:count], batch.subjects, describe)
