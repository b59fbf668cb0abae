"""The movers: which of the latest values an actor sees, and how they are shown."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tongqu.kernel.store import Actor
from tongqu.kernel.telemetry import kernels
from tongqu.kernel.telemetry.directory import Directory, View, region_range
from tongqu.kernel.telemetry.latest import E7, Latest, Snapshot
from tongqu.kernel.telemetry.sight import COUNTY_DIGITS, Sight, sight_of, within
from tongqu.kernel.telemetry.stream import Stream
from tongqu.kit.errors import Invalid
from tongqu.kit.time import Clock

MOVING, STOPPED, STALE = 0, 1, 2
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Shown:
    """Latest values with what follows from them, by slot, at one moment.

    Attributes:
        state: `MOVING`, `STOPPED` or `STALE` (no fix for a while).
        level: of the device's own alarm scale, 0 none to 3.
        place: region by which movers are filtered: where it is, else its home (12 digits).
        there: has a position, and is not a source that is fitted to something (which stands for it).
    """

    view: View
    snapshot: Snapshot
    state: NDArray[np.uint8]
    level: NDArray[np.uint8]
    place: NDArray[np.int64]
    there: NDArray[np.bool_]
    at_ms: int


class MoversView:
    """What is shown of the latest values.

    Args:
        offline_ms: a mover without a fix for so long is stale.
        stopped_kmh: below this speed it stands.
    """

    def __init__(
        self,
        latest: Latest,
        directory: Directory,
        streams: tuple[Stream, ...],
        clock: Clock,
        *,
        offline_ms: int = 300_000,
        stopped_kmh: float = 1.0,
    ) -> None:
        self.latest = latest
        self.directory = directory
        self._clock = clock
        self._offline_ms = offline_ms
        self._stopped_kmh = stopped_kmh
        self._levels = np.zeros((max((stream.number for stream in streams), default=0) + 1, 3), dtype=np.uint32)
        for stream in streams:
            self._levels[stream.number] = stream.alarm_levels
        self._guard = threading.Lock()
        self._shown: Shown | None = None
        self._sights: OrderedDict[Any, Sight] = OrderedDict()

    def shown(self) -> Shown:
        """Everything as it is now; the same for everybody who asks within a second without news."""
        view, now = self.directory.view, self._clock.now_ms()
        self.latest.ensure(len(view))
        snapshot = self.latest.snapshot()
        with self._guard:
            old = self._shown
            if old is not None and old.snapshot is snapshot and old.view is view and 0 <= now - old.at_ms < 1000:
                return old
            self._shown = self.derived(view, snapshot, now)
            return self._shown

    def derived(self, view: View, snapshot: Snapshot, now: int) -> Shown:
        """Latest values and what follows from them at a moment."""
        columns = snapshot.columns
        state = np.where(columns["speed_kmh"] < self._stopped_kmh, STOPPED, MOVING).astype(np.uint8)
        state[columns["time_ms"] < now - self._offline_ms] = STALE
        masks = self._levels[np.minimum(columns["stream"], len(self._levels) - 1)]
        level = np.zeros(len(snapshot), dtype=np.uint8)
        for number in range(3):
            level[(columns["alarm"] & masks[:, number]) != 0] = number + 1
        place = columns["region"].astype(np.int64) * 10 ** (12 - COUNTY_DIGITS)
        nowhere = np.flatnonzero(place[: len(view)] == 0)
        place[nowhere] = view.home[nowhere]
        there = columns["time_ms"] > 0
        there[view.fitted(now)] = False
        return Shown(view, snapshot, state, level, place, there, now)

    def sight(self, actor: Actor, view: View | None = None) -> Sight:
        """What an actor sees; kept as long as neither its grants nor the directory change."""
        view = view or self.directory.view
        key = (actor.grants, view.version)
        with self._guard:
            found = self._sights.get(key)
            if found is None:
                found = self._sights[key] = sight_of(actor, view)
                while len(self._sights) > 200:
                    self._sights.popitem(last=False)
            return found

    def candidates(self, shown: Shown, sight: Sight, region: str | None, kinds: tuple[str, ...]) -> NDArray[np.int64]:
        """Slots that have a position, are seen, and lie in a region and are of certain kinds, where these are given."""
        size = len(shown.view)
        columns = shown.snapshot.columns
        mask = shown.there[:size] & sight.slots(columns["region"][:size])
        if region:
            mask &= within(shown.place[:size], (region_range(region),))
        if kinds:
            wanted = [shown.view.kinds[kind] for kind in kinds if kind in shown.view.kinds]
            mask &= np.isin(shown.view.kind, wanted)
        return np.flatnonzero(mask)

    def select(
        self,
        actor: Actor,
        box: Box | None = None,
        region: str | None = None,
        kinds: tuple[str, ...] = (),
        past: Shown | None = None,
    ) -> tuple[Shown, NDArray[np.int64]]:
        """Slots of the movers that an actor sees in a box (west, south, east, north in degrees).

        Args:
            past: a picture of the past instead of now; presence is that of then.
        """
        shown = past or self.shown()
        members = self.candidates(shown, self.sight(actor, shown.view), region, kinds)
        return shown, clip(shown, members, box)

    def columns(self, shown: Shown, members: NDArray[np.int64]) -> dict[str, Any]:
        """Movers as columns for JSON."""
        view, values = shown.view, shown.snapshot.columns
        kinds = np.array([*view.kinds, ""], dtype=object)
        return {
            "urn": view.urn[members].tolist(),
            "key": view.key[members],
            "label": view.label[members].tolist(),
            "kind": kinds[view.kind[members]].tolist(),
            "category": view.category[members],
            "lon": shown.snapshot.lon_e7[members] / E7,
            "lat": shown.snapshot.lat_e7[members] / E7,
            "speed_kmh": np.round(values["speed_kmh"][members].astype(np.float64), 1),
            "heading_deg": values["heading_deg"][members],
            "time_ms": values["time_ms"][members],
            "state": shown.state[members],
            "alarm": shown.level[members],
        }


def clip(shown: Shown, members: NDArray[np.int64], box: Box | None) -> NDArray[np.int64]:
    """Those of the slots that lie in a box."""
    if box is None:
        return members
    west, south, east, north = (round(edge * E7) for edge in box)
    return np.asarray(kernels.in_box(members, shown.snapshot.lon_e7, shown.snapshot.lat_e7, west, south, east, north))


def parse_box(text: str | None) -> Box | None:
    """A box of four numbers `west,south,east,north`.

    Raises:
        Invalid: `telemetry.bad_box`.
    """
    if not text:
        return None
    try:
        west, south, east, north = (float(edge) for edge in text.split(","))
    except ValueError as error:
        raise Invalid("telemetry.bad_box", field="bbox", value=text) from error
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise Invalid("telemetry.bad_box", field="bbox", value=text)
    return west, south, east, north
