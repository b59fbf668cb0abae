"""The kinds of logic that rules are made of: threshold with hysteresis, dwell, geofence, rate, silence, window.

A rule says what it looks at in arrays (`Measure`), the state machines of `kernels` do the rest. Each logic is a
function `(state, batch) -> (state, transitions)`; `state` has one record per subject, all zero for one never seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from tongqu.kernel.rules import kernels
from tongqu.kernel.rules.batch import Batch, Subjects
from tongqu.kernel.rules.values import Change, Transition
from tongqu.kit.geometry import polygons

State = NDArray[Any]
Describe = Callable[[Any, Change], Mapping[str, Any]]
"""What a transition says, from a record of `kernels.OUT`: as it began, or what came of it."""
_CHANGE = {kernels.RAISED: Change.RAISED, kernels.CLEARED: Change.CLEARED, kernels.WITHDRAWN: Change.WITHDRAWN}
FOREVER_MS = 1 << 60


class Logic(Protocol):
    """What a rule does with rows."""

    @property
    def state(self) -> np.dtype[Any]:
        """Type of the record kept per subject; a subject never seen is all zeros. The field `phase` is 2 while an alarm
        is open, whose onset stands in `onset`."""
        ...

    def step(self, state: State, batch: Batch) -> tuple[State, list[Transition]]:
        """Take rows; the state is changed in place and given back."""
        ...

    def tick(self, state: State, watermark_ms: int, subjects: Subjects) -> list[Transition]:
        """What the passing of time alone brings about, by the newest time of any row."""
        ...


class Measure(NamedTuple):
    """What a condition looks at, an entry per row of the batch.

    Attributes:
        on, off: whether the row begins the condition, and whether it ends it.
        value, limit: what is measured and what it is measured against.
        tag: number of what it is about (an area): another one is another alarm.
    """

    on: NDArray[np.bool_]
    off: NDArray[np.bool_]
    value: NDArray[np.float64]
    limit: NDArray[np.float64]
    tag: NDArray[np.int64] | None = None


def transitions(out: NDArray[Any], subjects: Subjects, describe: Describe) -> list[Transition]:
    """Records of `kernels.OUT` as transitions."""
    found = []
    for one in out:
        change = _CHANGE[int(one["change"])]
        frames = (one["first"], one["latest"]) if change is Change.RAISED else (one["latest"],)
        found.append(
            Transition(
                subject=int(subjects.key[one["slot"]]),
                change=change,
                onset_ms=int(one["onset"]),
                at_ms=int(one["at"]),
                lon=float(one["lon"]),
                lat=float(one["lat"]),
                region=int(one["region"]),
                values=describe(one, change),
                evidence=tuple(dict.fromkeys(int(frame) for frame in frames)),
            )
        )
    return found


def _out(rows: int) -> NDArray[Any]:
    return np.empty(3 * rows + 4, dtype=kernels.OUT)


def _place(batch: Batch) -> tuple[Any, ...]:
    return batch["lon"], batch["lat"], batch["region"], batch["log_offset"]


class Timeless:
    """A logic that only rows move."""

    def tick(self, state: State, watermark_ms: int, subjects: Subjects) -> list[Transition]:
        return []


@dataclass(frozen=True)
class Condition(Timeless):
    """A condition that must last (dwell) before it counts.

    Args:
        measure: what is looked at.
        describe: what an alarm says.
        raise_ms: how long it must hold.
        clear_ms: how long it must have ended.
        gap_ms: after so long without a row nothing is known of what was before.
    """

    measure: Callable[[Batch], Measure]
    describe: Describe
    raise_ms: int = 0
    clear_ms: int = 0
    gap_ms: int = 300_000
    state: np.dtype[Any] = kernels.CONDITION

    def step(self, state: State, batch: Batch) -> tuple[State, list[Transition]]:
        look = self.measure(batch)
        if not look.on.any() and not state["phase"].any():  # nothing begins, nothing is under way
            if len(batch):
                state["last"][batch.slot] = batch["time_ms"]
                state["latest"][batch.slot] = batch["log_offset"]
            return state, []
        out = _out(len(batch))
        tag = np.zeros(len(batch), dtype=np.int64) if look.tag is None else look.tag
        count = kernels.condition(
            batch.slot, batch["time_ms"], look.on, look.off, look.value, look.limit, tag, *_place(batch), state,
            self.raise_ms, self.clear_ms, self.gap_ms, out,
        )  # fmt: skip
        return state, transitions(out[:count], batch.subjects, self.describe)


def threshold(
    measure: Callable[[Batch], tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]],
    describe: Describe,
    *,
    raise_ms: int,
    clear_ms: int = 0,
    gap_ms: int = 300_000,
) -> Condition:
    """A value above a limit, with hysteresis: `measure` gives value, the limit that begins and the one that ends it."""

    def look(batch: Batch) -> Measure:
        value, begins, ends = measure(batch)
        return Measure(value > begins, ~(value > ends), value, ends)

    return Condition(look, describe, raise_ms, clear_ms, gap_ms)


class Areas(NamedTuple):
    """Areas of a geofence, an entry each.

    Attributes:
        packed: their polygons.
        tag: number of the area, above 0.
        from_ms, to_ms: when it holds.
    """

    packed: polygons.Polygons
    tag: NDArray[np.int64]
    from_ms: NDArray[np.int64]
    to_ms: NDArray[np.int64]


def inside(batch: Batch, areas: Areas, concerns: Callable[[Batch, Any, Any], NDArray[np.bool_]]) -> NDArray[np.int64]:
    """Number of the first area that holds each row at its time and concerns its subject, 0 for none.

    Args:
        concerns: `(batch, row, area) -> mask`: which pairs of row and area count.
    """
    found = np.zeros(len(batch), dtype=np.int64)
    row, area = polygons.all_holding(areas.packed, batch["lon"], batch["lat"])
    at = batch["time_ms"][row]
    counts = (areas.from_ms[area] <= at) & (at < areas.to_ms[area])
    row, area = row[counts], area[counts]
    if len(row):
        counts = concerns(batch, row, area)
        row, area = row[counts], area[counts]
        found[row[::-1]] = areas.tag[area[::-1]]  # the first one last, so that it stays
    return found


def geofence(
    where: Callable[[Batch], NDArray[np.int64]],
    describe: Describe,
    *,
    raise_ms: int = 0,
    clear_ms: int = 0,
    gap_ms: int = 600_000,
) -> Condition:
    """To be where `where` gives a number above 0; another number is another alarm."""

    def look(batch: Batch) -> Measure:
        area = where(batch)
        within = area > 0
        nothing = np.zeros(len(batch))
        return Measure(within, ~within, nothing, nothing, area)

    return Condition(look, describe, raise_ms, clear_ms, gap_ms)


@dataclass(frozen=True)
class Silence:
    """No row for too long after one that says there should be some.

    Args:
        armed: which rows say so.
        limit_ms: how long is too long.
    """

    armed: Callable[[Batch], NDArray[np.bool_]]
    describe: Describe
    limit_ms: int
    state: np.dtype[Any] = kernels.SILENCE

    def step(self, state: State, batch: Batch) -> tuple[State, list[Transition]]:
        out = _out(len(batch))
        armed = self.armed(batch).astype(np.int8)
        count = kernels.silence(batch.slot, batch["time_ms"], armed, *_place(batch), state, self.limit_ms, out)
        return state, transitions(out[:count], batch.subjects, self.describe)

    def tick(self, state: State, watermark_ms: int, subjects: Subjects) -> list[Transition]:
        due = (state["armed"] == 1) & (state["phase"] == 0) & (watermark_ms - state["last"] >= self.limit_ms)
        if not due.any():
            return []
        out = _out(len(state))
        count = kernels.silent_by(state, watermark_ms, self.limit_ms, out)
        return transitions(out[:count], subjects, self.describe)


@dataclass(frozen=True)
class Rate(Timeless):
    """So many events (2 to 16) within a time.

    Args:
        event: which rows are one.
    """

    event: Callable[[Batch], NDArray[np.bool_]]
    describe: Describe
    count: int
    window_ms: int
    state: np.dtype[Any] = kernels.RATE

    def __post_init__(self) -> None:
        if not 2 <= self.count <= kernels.RING:
            raise ValueError(f"a rate counts 2 to {kernels.RING} events, not {self.count}")

    def step(self, state: State, batch: Batch) -> tuple[State, list[Transition]]:
        out = _out(len(batch))
        event = self.event(batch)
        count = kernels.rate(
            batch.slot, batch["time_ms"], event, *_place(batch), state, self.count, self.window_ms, out
        )
        return state, transitions(out[:count], batch.subjects, self.describe)


@dataclass(frozen=True)
class Window(Timeless):
    """A sum over windows of fixed length above a limit: hours driven a day.

    Args:
        amount: what a row adds per second until the next one.
        limit: in the unit of amount × seconds.
        period_ms: length of a window; phase_ms: how much earlier than UTC they begin (8 h for days in China).
        gap_ms: what lies longer apart adds nothing.
    """

    amount: Callable[[Batch], NDArray[np.float64]]
    describe: Describe
    limit: float
    period_ms: int
    phase_ms: int = 0
    gap_ms: int = 300_000
    state: np.dtype[Any] = kernels.WINDOW

    def step(self, state: State, batch: Batch) -> tuple[State, list[Transition]]:
        out = _out(2 * len(batch))
        count = kernels.window(
            batch.slot, batch["time_ms"], self.amount(batch), *_place(batch), state, self.limit, self.period_ms,
            self.phase_ms, self.gap_ms, out,
        )  # fmt: skip
        return state, transitions(out[:count], batch.subjects, self.describe)
