"""Figures over the latest values: counted from what the actor sees, region by region and category by category."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tongqu.kernel.store import Actor
from tongqu.kernel.telemetry.movers import STALE, MoversView, Shown

PLACE_DIGITS = 12
DEEPEST = 6


@dataclass(frozen=True)
class Figures:
    """How many movers there are, and in which state.

    Attributes:
        count: all with a position.
        online: those whose last fix is not too old; moving and stopped together.
        stale: those whose last fix is too old.
        alarm: those whose device reports an alarm of level 1 or graver.
    """

    count: int
    online: int
    stale: int
    alarm: int


@dataclass(frozen=True)
class Overview:
    """Figures of a region, of each category in it, and of each region one level below."""

    at_ms: int
    region: str | None
    total: Figures
    categories: dict[int, Figures]
    regions: dict[str, Figures]


def overview(movers: MoversView, actor: Actor, region: str | None) -> Overview:
    """Count the movers an actor sees in a region (everywhere if None) by where they are now."""
    shown, members = movers.select(actor, region=region)
    stale = shown.state[members] == STALE
    alarm = shown.level[members] > 0
    category = shown.view.category[members].astype(np.int64)
    below = _below(shown, members, region)
    return Overview(
        shown.at_ms,
        region,
        Figures(len(members), int(len(members) - stale.sum()), int(stale.sum()), int(alarm.sum())),
        {int(code): figures for code, figures in _by(category, stale, alarm).items()},
        {str(code): figures for code, figures in _by(below, stale, alarm).items() if code},
    )


def _below(shown: Shown, members: NDArray[np.int64], region: str | None) -> NDArray[np.int64]:
    """For each mover the region one level below `region` that it is in, as a number; 0 for nowhere."""
    digits = min(DEEPEST, len(region) + 2 if region else 2)
    return np.asarray(shown.place[members] // 10 ** (PLACE_DIGITS - digits))


def _by(group: NDArray[np.int64], stale: NDArray[np.bool_], alarm: NDArray[np.bool_]) -> dict[int, Figures]:
    values, inverse = np.unique(group, return_inverse=True)
    count = np.bincount(inverse, minlength=len(values))
    old = np.bincount(inverse, weights=stale, minlength=len(values)).astype(int)
    ringing = np.bincount(inverse, weights=alarm, minlength=len(values)).astype(int)
    return {
        int(value): Figures(int(n), int(n - o), int(o), int(a))
        for value, n, o, a in zip(values, count, old, ringing, strict=True)
    }
