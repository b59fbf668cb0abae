"""How good forecasts were: each is held against the arrival once there is one, beside two baselines.

The error at a horizon of h minutes is that of the last forecast made at least h minutes before the vehicle arrived (and
not more than `MOST_OLDER_MS` earlier). Schedule-only says the planned time; last-delay says the planned time plus the
delay that was known when the forecast was made. All three are scored on the same arrivals.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tongqu.engines.arrivals.forecast import Forecast

HORIZONS_MIN = (2, 5, 10, 15, 20)
EVERY_MS = 30_000
MOST_OLDER_MS = 60_000
METHODS = ("forecast", "schedule", "last_delay")
BIN_MS, BINS = 10_000, 361
"""Errors are counted in bins of ten seconds, up to half an hour early or late."""
ENOUGH = 50
FADES = 0.9995
"""By each new error at a horizon the older ones count so much less: about the last two thousand make the band."""
BAND = (0.1, 0.9)
KEPT_MS = (HORIZONS_MIN[-1] + 3) * 60_000


@dataclass(frozen=True)
class Error:
    """Errors at a horizon: how many arrivals, and the mean absolute error of each method, in seconds."""

    horizon_min: int
    arrivals: int
    forecast_s: float
    schedule_s: float
    last_delay_s: float


@dataclass
class Accuracy:
    """Forecasts that wait for their arrival, and what the errors have been."""

    count: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(HORIZONS_MIN), np.int64))
    total_ms: NDArray[np.float64] = field(default_factory=lambda: np.zeros((len(HORIZONS_MIN), len(METHODS))))
    bins: NDArray[np.float64] = field(default_factory=lambda: np.zeros((len(HORIZONS_MIN), BINS)))
    _made: dict[int, deque[tuple[int, int, NDArray[np.int64], NDArray[np.int64]]]] = field(default_factory=dict)

    def made(self, told: Forecast, now_ms: int) -> None:
        """Keep forecasts until their calls are reached; at most one in `EVERY_MS` of each run."""
        for i, run in enumerate(told.run.tolist()):
            kept = self._made.setdefault(run, deque())
            if kept and now_ms - kept[-1][0] < EVERY_MS:
                continue
            part = slice(int(told.first[i]), int(told.first[i + 1]))
            if part.start == part.stop:
                continue
            kept.append((now_ms, int(told.call[part.start]), told.arrival_ms[part], told.last_delay_ms[part]))
            while now_ms - kept[0][0] > KEPT_MS:
                kept.popleft()

    def arrived(self, run: int, call: int, at_ms: int, planned_ms: int) -> None:
        """A vehicle arrived at a call."""
        kept = self._made.get(run)
        if not kept:
            return
        times = [one[0] for one in kept]
        for row, minutes in enumerate(HORIZONS_MIN):
            latest = at_ms - minutes * 60_000
            place = bisect_right(times, latest) - 1
            if place < 0 or latest - times[place] > MOST_OLDER_MS:
                continue
            _, first, arrival, last_delay = kept[place]
            if not first <= call < first + len(arrival):
                continue
            error = at_ms - int(arrival[call - first])
            self.count[row] += 1
            self.total_ms[row] += abs(error), abs(at_ms - planned_ms), abs(at_ms - int(last_delay[call - first]))
            self.bins[row] *= FADES
            self.bins[row, min(max(round(error / BIN_MS) + BINS // 2, 0), BINS - 1)] += 1.0

    def ended(self, run: int) -> None:
        """A run is over, or its vehicle was another: nothing is waited for."""
        self._made.pop(run, None)

    def errors(self) -> list[Error]:
        """By horizon; horizons without an arrival are left out."""
        return [
            Error(minutes, int(n), *(float(v) / int(n) / 1000.0 for v in total))
            for minutes, n, total in zip(HORIZONS_MIN, self.count, self.total_ms, strict=True)
            if n
        ]

    def band(self, lead_ms: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """P10 and P90 of the error for forecasts with so much time to go: to be added to the time told, ms.

        Between horizons they are interpolated, from 0 at no time to go; where too little was seen they are a sixth of
        the time to go and 20 s to both sides.
        """
        seen = self.bins.sum(axis=1) >= ENOUGH
        lead_s = np.maximum(lead_ms, 0) / 1000.0
        if not seen.any():
            spare = (20_000 + lead_s * 1000.0 / 6).astype(np.int64)
            return -spare, spare
        at_s = np.r_[0.0, np.array(HORIZONS_MIN)[seen] * 60.0]
        share = np.cumsum(self.bins[seen], axis=1) / self.bins[seen].sum(axis=1)[:, None]
        low, high = ((share < part).sum(axis=1) - BINS // 2 for part in BAND)
        found = (np.interp(lead_s, at_s, np.r_[0, one] * float(BIN_MS)).astype(np.int64) for one in (low, high))
        below, above = found
        return np.minimum(below, 0), np.maximum(above, 0)
