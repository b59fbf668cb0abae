"""How long the way from stop to stop takes now, learnt from the vehicles that went it, whatever their line.

A running time is told as its deviation from the plan, y = observed / planned - 1. It is held to be g + z + noise:

- g, the pace of all links: sums of observed and of planned seconds, each weighed by exp(-age / `ALL_FADES_S`), with
  `ALL_PRIOR_S` planned seconds that went as planned;
- z, of one link: a Kalman filter (Kalman 1960; for buses Shalaby and Farhan 2004) of a value that goes back to 0 with
  exp(-age / `FADES_S`) and varies by `SPREAD` (an Ornstein-Uhlenbeck process). So what was observed long ago, or once
  on a short link, is shrunk to g, and g to the timetable. The noise of an observation is `STOP_S` seconds of stops and
  lights over its planned seconds, and `NOISE` of the whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ALL_FADES_S, ALL_PRIOR_S = 1_200.0, 1_800.0
FADES_S = 1_800.0
SPREAD = 0.30
STOP_S, NOISE = 18.0, 0.12
LEAST_PLANNED_S = 20.0
"""Links planned shorter than this are told as if they were so long: their plan is rounded."""
MOST = 4.0


@dataclass
class Links:
    """What is known of some links.

    Attributes:
        z, variance, at_s: the filter of each link, and when it last took something in (s).
        observed_s, planned_s, all_at_s: sums behind the pace of all.
    """

    z: Floats
    variance: Floats
    at_s: Floats
    observed_s: float = 0.0
    planned_s: float = 0.0
    all_at_s: float = field(default=-np.inf)

    @classmethod
    def unknown(cls, count: int) -> Links:
        return cls(np.zeros(count), np.full(count, SPREAD**2), np.zeros(count))

    def pace(self) -> float:
        """g: by how much all links take longer than planned, as a part of it."""
        return (self.observed_s + ALL_PRIOR_S) / (self.planned_s + ALL_PRIOR_S) - 1.0

    def learn(self, link: int, at_s: float, observed_s: float, planned_s: float) -> float:
        """Take a running time in; gives by how many seconds it was longer than what was expected just before."""
        planned = max(planned_s, LEAST_PLANNED_S)
        excess = observed_s - planned_s
        fade = np.exp(-max(at_s - self.at_s[link], 0.0) / FADES_S)
        z = self.z[link] * fade
        variance = SPREAD**2 + (self.variance[link] - SPREAD**2) * fade**2
        pace = self.pace()
        y = min(max(excess / planned, -0.8), MOST)
        noise = (STOP_S / planned) ** 2 + NOISE**2
        gain = variance / (variance + noise)
        innovation = y - pace - z
        self.z[link], self.variance[link] = z + gain * innovation, (1.0 - gain) * variance
        self.at_s[link] = max(at_s, self.at_s[link])
        fade_all = np.exp(-max(at_s - self.all_at_s, 0.0) / ALL_FADES_S)
        self.observed_s = self.observed_s * fade_all + min(planned_s + excess, planned * (1 + MOST))
        self.planned_s = self.planned_s * fade_all + planned_s
        self.all_at_s = max(at_s, self.all_at_s)
        return float(innovation * planned)

    def taken_over(self, rows: NDArray[np.int64]) -> Links:
        """The same for other numbers of links: `rows` is where each was here, -1 for one that is new."""
        new = Links.unknown(len(rows))
        known = rows >= 0
        for mine, theirs in ((new.z, self.z), (new.variance, self.variance), (new.at_s, self.at_s)):
            mine[known] = theirs[rows[known]]
        new.observed_s, new.planned_s, new.all_at_s = self.observed_s, self.planned_s, self.all_at_s
        return new
