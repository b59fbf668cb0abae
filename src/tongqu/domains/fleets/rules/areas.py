"""Where vehicles may and may not be, and how fast there: areas that people draw, each for its time."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from tongqu.domains.fleets import store
from tongqu.domains.fleets.rules import dated
from tongqu.domains.fleets.rules.speed import judged
from tongqu.domains.fleets.service.areas import shape_of
from tongqu.domains.fleets.tables import AreaKind
from tongqu.kernel.platform import Platform
from tongqu.kernel.rules import Change
from tongqu.kernel.rules.batch import Batch, Subjects
from tongqu.kernel.rules.logic import FOREVER_MS, Areas, Condition, Logic, Measure, geofence, inside
from tongqu.kernel.store import system_actor
from tongqu.kit.geometry import polygons

ACTOR = system_actor("fleets.areas")
LOOK_S = 1.0
Flags = NDArray[np.bool_]


@dataclass
class Drawn:
    """Areas of one kind as rules ask them."""

    rows: list[store.Row]
    areas: Areas
    _applies: tuple[Subjects, Flags] | None = field(default=None)

    def applies(self, subjects: Subjects) -> Flags:
        """Shape (areas, subjects): which areas concern whom."""
        if self._applies is None or self._applies[0] is not subjects:
            self._applies = (subjects, np.array([_concerned(row, subjects) for row in self.rows]))
        return self._applies[1]

    def concerns(self, batch: Batch, row: Any, area: Any) -> Flags:
        found: Flags = self.applies(batch.subjects)[area, batch.slot[row]]
        return found

    def inside(self, batch: Batch) -> NDArray[np.int64]:
        """Number of the area each row is in, 0 for none."""
        return inside(batch, self.areas, self.concerns)

    def assigned(self, batch: Batch) -> NDArray[np.int64]:
        """Number of the first area that concerns the subject of each row at its time, wherever it is; 0 for none."""
        found = np.zeros(len(batch), dtype=np.int64)
        applies = self.applies(batch.subjects)
        for i in reversed(range(len(self.rows))):
            at = batch["time_ms"]
            mine = applies[i][batch.slot] & (self.areas.from_ms[i] <= at) & (at < self.areas.to_ms[i])
            found[mine] = self.areas.tag[i]
        return found


def _concerned(row: store.Row, subjects: Subjects) -> Flags:
    if row["vehicles"]:
        return np.isin(subjects.urns().astype(str), row["vehicles"])
    concerned = np.ones(len(subjects), dtype=np.bool_)
    if row["categories"]:
        concerned &= subjects.of_category(row["categories"])
    if row["organisation"]:
        number = subjects.view.organisations.get(row["organisation"], -1)
        slots = subjects.view.slots(subjects.key)
        concerned &= (slots >= 0) & (subjects.view.organisation[np.maximum(slots, 0)] == number)
    return concerned


class AreaBook:
    """All areas, read anew when there are others; asked by the rules' thread, at most once a second."""

    def __init__(self, platform: Platform) -> None:
        self._store = platform.store
        self._guard = threading.Lock()
        self._looked_s = -1e9
        self._revision = -1
        self._drawn: dict[str, Drawn] = {}
        self._by_number: dict[int, store.Row] = {}

    def of(self, kind: AreaKind) -> Drawn | None:
        """Areas of a kind; None if there are none."""
        with self._guard:
            now = time.monotonic()
            if now - self._looked_s >= LOOK_S:
                self._looked_s = now
                self._read()
            return self._drawn.get(kind.value)

    def named(self, number: int) -> store.Row:
        return self._by_number.get(number, {})

    def _read(self) -> None:
        with self._store.read(ACTOR) as work:
            revision = store.area_revision(work)
            if revision == self._revision:
                return
            rows = store.areas(work, 0)
        self._revision = revision
        self._by_number = {row["number"]: row for row in rows}
        kinds = {row["kind"] for row in rows}
        self._drawn = {kind: _drawn([row for row in rows if row["kind"] == kind]) for kind in kinds}


def _drawn(rows: list[store.Row]) -> Drawn:
    shapes = [[np.asarray(ring.coords) for ring in _rings(shape_of(row))] for row in rows]
    end = [FOREVER_MS if row["valid_to_ms"] is None else row["valid_to_ms"] for row in rows]
    return Drawn(
        rows,
        Areas(
            polygons.pack(shapes),
            np.array([row["number"] for row in rows], dtype=np.int64),
            np.array([row["valid_from_ms"] for row in rows], dtype=np.int64),
            np.array(end, dtype=np.int64),
        ),
    )


def _rings(shape: Any) -> list[Any]:
    return [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]


def book(platform: Platform) -> AreaBook:
    """The book of this process."""
    if not platform.has(AreaBook):
        platform.provide(AreaBook(platform))
    return platform.service(AreaBook)


def _nowhere(batch: Batch) -> NDArray[np.int64]:
    return np.zeros(len(batch), dtype=np.int64)


def _said(known: AreaBook) -> Any:
    def describe(one: Any, change: Change) -> Mapping[str, Any]:
        if change is not Change.RAISED:
            return {"duration_s": int(one["at"] - one["onset"]) // 1000}
        area = known.named(int(one["tag"]))
        about = {"area": area.get("name", ""), "area_id": area.get("id", "")}
        return about | ({"cause": area["cause"]} if area.get("cause") else {})

    return describe


def entered(platform: Platform) -> Logic:
    """In an area that is forbidden."""
    known = book(platform)

    def where(batch: Batch) -> NDArray[np.int64]:
        drawn = known.of(AreaKind.KEEP_OUT)
        return _nowhere(batch) if drawn is None else drawn.inside(batch)

    hold = dated.seconds("area_s", platform.clock.now_ms())
    return geofence(where, _said(known), raise_ms=hold, clear_ms=hold)


def _outside(platform: Platform, kind: AreaKind, hold_ms: int) -> Condition:
    known = book(platform)

    def where(batch: Batch) -> NDArray[np.int64]:
        drawn = known.of(kind)
        if drawn is None:
            return _nowhere(batch)
        return np.where(drawn.inside(batch) > 0, 0, drawn.assigned(batch))

    return geofence(where, _said(known), raise_ms=hold_ms, clear_ms=hold_ms)


def left(platform: Platform) -> Logic:
    """Outside the area that one has to stay in."""
    return _outside(platform, AreaKind.KEEP_IN, dated.seconds("area_s", platform.clock.now_ms()))


def off_route(platform: Platform) -> Logic:
    """Off the planned route: outside all corridors one has at that time."""
    return _outside(platform, AreaKind.CORRIDOR, dated.seconds("off_route_s", platform.clock.now_ms()))


def area_speed(platform: Platform) -> Logic:
    """Too fast where the speed is limited for a time: fog, works."""
    known = book(platform)
    now = platform.clock.now_ms()
    tolerance = dated.setting("overspeed_tolerance", now)
    said = _said(known)

    def look(batch: Batch) -> Measure:
        drawn = known.of(AreaKind.SPEED)
        area = _nowhere(batch) if drawn is None else drawn.inside(batch)
        limit = np.full(len(batch), np.nan)
        for number in np.unique(area[area > 0]).tolist():
            limit[area == number] = known.named(number)["limit_kmh"]
        value, begins, ends = judged(limit, batch, tolerance)
        return Measure(value > begins, ~(value > ends), value, ends, area)

    def describe(one: Any, change: Change) -> Mapping[str, Any]:
        speeds = {"peak_kmh": round(float(one["value"]), 1)}
        if change is Change.RAISED:
            speeds = {"speed_kmh": round(float(one["value"]), 1), "limit_kmh": round(float(one["limit"]), 1)}
        return {**speeds, **said(one, change)}

    return Condition(
        look, describe, raise_ms=dated.seconds("area_s", now), clear_ms=30_000, gap_ms=dated.seconds("gap_s", now)
    )
