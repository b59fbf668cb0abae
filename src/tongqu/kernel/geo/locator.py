"""The stake locator: places on routes for points, and points for stakes, kept up to date with the stored routes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from tongqu.kernel.geo import routes
from tongqu.kernel.geo.calibration import Mark
from tongqu.kernel.geo.geometry import Geometry
from tongqu.kernel.geo.routes import Route, normal_number
from tongqu.kernel.geo.stakes import (
    BRANCHES,
    DIRECTIONS,
    Direction,
    Stake,
    StakePlace,
    StakeText,
    format_place,
    format_stake,
)
from tongqu.kernel.geo.store import routes as store
from tongqu.kernel.store import Store, Work, system_actor
from tongqu.kit.errors import Invalid, Problem
from tongqu.kit.regions import covers

if TYPE_CHECKING:
    from tongqu.kernel.geo.linear import Answer, Places, StakeIndex

_LOOK_AGAIN_MS = 2_000
_PAST_MOMENTS = 4


@dataclass(frozen=True)
class View:
    """All routes at one moment: the index over their calibrated lines (None without any), and the routes by key."""

    index: StakeIndex | None
    routes: Mapping[int, Route]
    numbers: Mapping[str, tuple[Route, ...]]


@dataclass(frozen=True)
class Found:
    """What a stake names.

    Attributes:
        places: two on a long broken chain, one, or none; on a divided road as many for each carriageway.
        routes: the routes that the number may mean, where there are several and the region decides.
        reason: why there is no place.
    """

    places: tuple[StakePlace, ...] = ()
    routes: tuple[Route, ...] = ()
    reason: Problem | None = None


class Locator:
    """Places on routes for points, and points for stakes; the platform's `StakeLocator`.

    Built at first use; what changed since, in whatever process, is noticed within two seconds.

    Args:
        store: the record store, whose clock says what is valid.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._guard = threading.Lock()
        self._view: View | None = None
        self._revision, self._looked_ms = -1, 0
        self._until_ms: int | None = None
        self._past: OrderedDict[tuple[int, int], View] = OrderedDict()

    def locate(self, lon: float, lat: float, within_m: float = 60.0, *, at_ms: int | None = None) -> list[StakePlace]:
        """Places within a distance, nearest first; empty where no calibrated route is near."""
        view = self.view(at_ms)
        return [] if view.index is None else self.shown(view, view.index.near(lon, lat, reach_m=within_m))

    def locate_many(
        self, lon: ArrayLike, lat: ArrayLike, heading_deg: ArrayLike | None = None, within_m: float = 60.0
    ) -> tuple[View, Places | None]:
        """The best place of each of many points, as arrays over the view's tracks; None where no route is
        calibrated."""
        view = self.view()
        found = None if view.index is None else view.index.locate(lon, lat, heading_deg, reach_m=within_m)
        return view, found

    def find(self, given: StakeText, *, region: str | None = None, at_ms: int | None = None) -> Found:
        """The places that a stake names.

        Args:
            region: where the question is asked from; it decides between routes of one number where it can.

        Raises:
            Invalid: `geo.route_needed`: the stake was written without a route.
        """
        if given.number is None:
            raise Invalid("geo.route_needed", field="stake")
        view = self.view(at_ms)
        number = normal_number(given.number)
        known = view.numbers.get(number, ())
        if not known:
            return Found(reason=Problem("geo.no_route", "number", params={"number": number}))
        meant = _in_region(known, given.region or region)
        if given.region and not meant:
            params = {"number": number, "region": given.region}
            return Found(routes=known, reason=Problem("geo.no_route_there", "region", params=params))
        if len(meant or known) > 1:
            params = {"number": number, "regions": "、".join(route.region for route in meant or known)}
            return Found(routes=tuple(meant or known), reason=Problem("geo.which_region", "region", params=params))
        return self.on_route((meant or known)[0], given.stake, given.direction, at_ms=at_ms)

    def on_route(
        self, route: Route, stake: Stake, direction: Direction | None = None, *, at_ms: int | None = None
    ) -> Found:
        """The places that a stake names on one route, on one carriageway or on each."""
        return places_on(self.view(at_ms), route, stake, direction)

    def shown(self, view: View, places: Places) -> list[StakePlace]:
        """Arrays of places as values, those of no route left out; `view` is the one they were found in."""
        assert view.index is not None
        made = []
        for number in np.flatnonzero(places.line >= 0):
            route, direction, prefix = view.index.tracks[int(places.track[number])]
            branch, stake_m = BRANCHES[int(places.branch[number])], float(places.stake_m[number])
            made.append(
                StakePlace(
                    route,
                    view.routes[route].number,
                    view.routes[route].region,
                    stake_m,
                    branch,
                    direction,
                    float(places.offset_m[number]),
                    float(places.lon[number]),
                    float(places.lat[number]),
                    format_place(view.routes[route].number, format_stake(stake_m, prefix, branch), direction),
                    prefix,
                    bool(view.index.estimated[places.line[number]]),
                )
            )
        return made

    def refresh(self) -> None:
        """Look for changes at the next use, however short ago the last look was."""
        self._looked_ms = 0

    def view(self, at_ms: int | None = None) -> View:
        """All routes at a moment, now by default. It stays as it is while what is stored changes."""
        now_ms, view = self._store.clock.now_ms(), self._view
        if at_ms is None and view is not None and now_ms - self._looked_ms < _LOOK_AGAIN_MS:
            return view
        with self._guard, self._store.read(system_actor("geo")) as work:
            revision = store.revision(work)
            if at_ms is not None and at_ms < now_ms:
                return self._of_past(work, revision, at_ms)
            expired = self._until_ms is not None and now_ms >= self._until_ms
            if self._view is None or expired or self._revision != revision:
                self._view, self._revision = _read(work, now_ms), revision
                self._until_ms = store.next_change(work, now_ms)
            self._looked_ms = now_ms
            return self._view

    def _of_past(self, work: Work, revision: int, at_ms: int) -> View:
        key = (revision, at_ms)
        if key not in self._past:
            self._past[key] = _read(work, at_ms)
            while len(self._past) > _PAST_MOMENTS:
                self._past.popitem(last=False)
        return self._past[key]


def view_of(work: Work, route_id: int) -> View:
    """One route as it stands in this unit of work, with what it has changed itself.

    Raises:
        NotFound: `geo.unknown_route`.
    """
    from tongqu.kernel.geo import linear

    of = routes.route(work, route_id)
    lines = [
        linear.Line(
            line.id, route_id, line.direction, line.prefix, line.part, routes.line_points(line.geometry), line.marks
        )
        for line in routes.lines_of(work, route_id)
    ]
    return View(linear.build(lines), {of.id: of}, {of.number: (of,)})


def places_on(view: View, route: Route, stake: Stake, direction: Direction | None = None) -> Found:
    """The places that a stake names on one route of a view, on one carriageway or on each."""
    tracks = _tracks(view.index, route.id, stake.prefix, direction)
    name = format_stake(stake.stake_m, stake.prefix, stake.branch, _decimals(stake.stake_m))
    if view.index is None or not tracks:
        return Found(reason=Problem("geo.not_calibrated", "number", params={"number": route.number}))
    found = [(track, answer) for track in tracks for answer in view.index.answers(track, stake.stake_m)]
    if stake.branch:
        letter = BRANCHES.index(stake.branch)
        chosen = [(track, answer) for track, answer in found if answer.branch == letter]
        if found and not chosen:
            return Found(reason=Problem("geo.no_branch", "stake", params={"stake": name}))
        found = chosen
    if not found:
        return Found(reason=_why_not(view.index, tracks[0], stake.stake_m, name))
    return Found(tuple(_place(view, route, track, stake.stake_m, answer) for track, answer in found))


def _read(work: Work, at_ms: int) -> View:
    from tongqu.kernel.geo import linear  # numba is loaded only where stakes are looked up

    marks: dict[int, list[Mark]] = {}
    for row in store.marks_at(work, at_ms):
        marks.setdefault(row["line"], []).append(routes.mark_of(row))
    lines = [
        linear.Line(
            row["id"],
            row["route"],
            row["direction"],
            row["prefix"],
            row["part"],
            routes.line_points(Geometry.of_columns(row)),
            tuple(marks.get(row["id"], ())),
        )
        for row in store.lines_at(work, at_ms)
    ]
    known = [routes.route_of(row) for row in store.routes(work)]
    numbers: dict[str, list[Route]] = {}
    for route in known:
        numbers.setdefault(route.number, []).append(route)
    return View(
        linear.build(lines), {route.id: route for route in known}, {key: tuple(value) for key, value in numbers.items()}
    )


def _in_region(known: tuple[Route, ...], region: str | None) -> tuple[Route, ...]:
    """The routes that count in a region: those of the region itself, else those of one above or below it."""
    if region is None:
        return ()
    exact = tuple(route for route in known if route.region == region)
    return exact or tuple(route for route in known if covers(route.region, region) or covers(region, route.region))


def _tracks(index: StakeIndex | None, route: int, prefix: str, direction: Direction | None) -> list[int]:
    """Tracks that a prefix and a direction mean: ZK and YK are carriageways where no alignment has that letter."""
    if index is None:
        return []
    by_name = {(way, letter): index.track_index((route, way, letter)) for way in DIRECTIONS for letter in {prefix, ""}}
    prefixed = any(by_name[way, prefix] >= 0 for way in DIRECTIONS)
    letter = prefix if prefixed else "" if prefix in ("Z", "Y") else prefix
    ways = DIRECTIONS if direction in (None, "both") else (direction, "both")
    found = [by_name.get((way, letter), -1) for way in ways]
    return [track for track in found if track >= 0]


def _place(view: View, route: Route, track: int, stake_m: float, answer: Answer) -> StakePlace:
    assert view.index is not None
    _, direction, prefix = view.index.tracks[track]
    branch = BRANCHES[answer.branch]
    written = format_stake(stake_m, prefix, branch, _decimals(stake_m))
    return StakePlace(
        route.id,
        route.number,
        route.region,
        stake_m,
        branch,
        direction,
        0.0,
        answer.lon,
        answer.lat,
        format_place(route.number, written, direction),
        prefix,
        bool(view.index.estimated[answer.line]),
    )


def _why_not(index: StakeIndex, track: int, stake_m: float, name: str) -> Problem:
    """Why a stake has no place: it lies in a short broken chain or an interruption, or beyond the ends."""
    reaches = slice(index.track_start[track], index.track_start[track + 1])
    low, high = index.reach_low[reaches], index.reach_high[reaches]
    if stake_m < low.min() or stake_m > high.max():
        params = {"stake": name, "first": format_stake(float(low.min())), "last": format_stake(float(high.max()))}
        return Problem("geo.beyond_end", "stake", params=params)
    params = {
        "stake": name,
        "before": format_stake(float(high[high < stake_m].max())),
        "after": format_stake(float(low[low > stake_m].min())),
    }
    return Problem("geo.in_short_chain", "stake", params=params)


def _decimals(stake_m: float) -> int:
    return 0 if abs(stake_m - round(stake_m)) < 1e-6 else 1
