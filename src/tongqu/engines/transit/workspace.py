"""Working memory of a search (`raptor`): its labels and what else it writes while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tongqu.engines.transit.layout import INF, Layout

Ints = NDArray[np.int32]


@dataclass
class Workspace:
    """Labels of one search at a time; reused, so that a search need not allocate.

    Attributes:
        rounds: most rides of a search.
        arrival, ready: labels by round and stop.
        row, boarded_row, boarded_at, walked_from: how each label came about.
        best_arrival, best_ready: earliest so far, by round (row 0 only, unless a window is searched).
        bound, ahead: least seconds to the destination from each cluster and from each stop.
        kept: walks from one stop that lead on.
    """

    stops: int
    patterns: int
    clusters: int
    rounds: int
    arrival: Ints = field(init=False)
    ready: Ints = field(init=False)
    row: Ints = field(init=False)
    boarded_row: Ints = field(init=False)
    boarded_at: Ints = field(init=False)
    walked_from: Ints = field(init=False)
    best_arrival: Ints = field(init=False)
    best_ready: Ints = field(init=False)
    touched: Ints = field(init=False)
    counts: Ints = field(init=False)
    queue: Ints = field(init=False)
    egress: Ints = field(init=False)
    bound: Ints = field(init=False)
    ahead: Ints = field(init=False)
    kept: Ints = field(init=False)
    best: Ints = field(init=False)
    found: Ints = field(init=False)

    def __post_init__(self) -> None:
        shape = (self.rounds + 1, self.stops)
        self.arrival, self.ready = np.full(shape, INF, np.int32), np.full(shape, INF, np.int32)
        self.row, self.boarded_row = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
        self.boarded_at, self.walked_from = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
        self.best_arrival, self.best_ready = np.full(shape, INF, np.int32), np.full(shape, INF, np.int32)
        self.touched = np.zeros((2 * (self.rounds + 1), self.stops), np.int32)
        self.counts = np.zeros(2 * (self.rounds + 1), np.int32)
        self.queue = np.zeros((4, self.patterns + 1), np.int32)
        self.queue[1] = INF
        self.queue[2] = -1
        self.egress = np.full(self.stops, INF, np.int32)
        self.bound = np.zeros(self.clusters, np.int32)
        self.ahead = np.zeros(self.stops, np.int32)
        self.kept = np.zeros(self.stops + 1, np.int32)
        self.best = np.full(self.rounds + 1, INF, np.int32)
        self.found = np.full((2, self.rounds + 1), INF, np.int32)

    def arrays(self) -> tuple[Any, ...]:
        """What the compiled functions take."""
        return (
            self.arrival, self.ready, self.row, self.boarded_row, self.boarded_at, self.walked_from,
            self.best_arrival, self.best_ready, self.touched, self.counts, self.queue, self.egress, self.bound,
            self.ahead, self.kept, self.best, self.found,
        )  # fmt: skip

    def fits(self, layout: Layout, clusters: int, rounds: int) -> bool:
        """Whether a day can be searched with it."""
        return (
            self.stops == layout.stops
            and self.patterns >= layout.patterns
            and self.clusters == clusters
            and self.rounds >= rounds
        )
