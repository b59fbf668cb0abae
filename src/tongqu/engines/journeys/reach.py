"""What can be reached by public transport: arrivals at stops spread over streets; areas and percentiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tongqu.engines.journeys.planner import Planner
from tongqu.engines.journeys.values import Place, Wishes
from tongqu.engines.streets import isochrones, search
from tongqu.engines.streets.graph import Floats
from tongqu.engines.streets.prepared import Prepared, Spots
from tongqu.engines.streets.stops import Stops, metres


@dataclass(frozen=True)
class Area:
    """What is reached in time.

    Attributes:
        geometry: a shapely (multi)polygon in degrees. stops: how many stops one is at in time.
    """

    geometry: Any
    stops: int


@dataclass(frozen=True)
class Reach:
    """Reach from one place, over one departure or the departures of a window.

    Attributes:
        planner: what it is computed with: the one the traveller is answered by.
    """

    planner: Planner

    def stop_seconds(self, origin: Place, wishes: Wishes, depart_ms: int) -> Floats:
        """Seconds from leaving a place to being at each stop, ridden or walked; infinite where not reached."""
        access = self.planner.near(origin, wishes, False)
        stops = len(self.planner.placed)
        if not access:
            return np.full(stops, np.inf)
        seconds = self.planner.router.one_to_all(access, depart_ms, wishes.max_transfers, wishes.change_s)
        found = np.where(seconds < 0, np.inf, seconds.astype(np.float64))
        for one in access:
            found[one.stop] = min(found[one.stop], one.seconds)
        return found

    def place_seconds(self, origin: Place, targets: Stops, wishes: Wishes, depart_ms: int) -> Floats:
        """Seconds to each of many places (stood on streets like stops), the walk from the last stop included.

        Where a place lies off the streets, or is reached from a stop that does, the walk is the beeline's.
        """
        planner = self.planner
        prepared = planner.streets.prepared(planner.walker.profile)
        at_stops = self.stop_seconds(origin, wishes, depart_ms)
        spots, start = _starts(planner, prepared, origin, at_stops)
        state_s = isochrones.spread_limited(prepared, spots, start, float(wishes.max_walk_s))
        by_point, _ = search.at_points(
            state_s, targets.arriving.state, targets.arriving.seconds, targets.arriving.start, targets.off_s, np.inf
        )
        order = np.argsort(spots.edge, kind="stable")
        there = start + prepared.off_s(spots)
        search.along_edges(
            spots.edge[order], spots.share[order], there[order], targets.spots.edge, targets.spots.share,
            targets.off_s, prepared.edge_s, by_point,
        )  # fmt: skip
        return self._beelines(targets.by_stop(by_point), targets, at_stops, wishes)

    def _beelines(self, seconds: Floats, targets: Stops, at_stops: Floats, wishes: Wishes) -> Floats:
        planner = self.planner
        profile = planner.walker.profile
        outside = np.flatnonzero(~targets.inside)
        near = np.flatnonzero(np.isfinite(at_stops))
        if not len(outside) or not len(near):
            return seconds
        lon, lat = planner.placed.lon[near], planner.placed.lat[near]
        for place in outside.tolist():
            walk = metres(float(targets.lon[place]), float(targets.lat[place]), lon, lat)
            walk = walk * profile.beeline_factor / profile.walk_speed_ms
            total = np.where(walk <= wishes.max_walk_s, at_stops[near] + walk, np.inf)
            seconds[place] = min(seconds[place], float(total.min()))
        return seconds

    def percentiles(self, origin: Place, targets: Stops, wishes: Wishes, depart_ms: int, *, window_s: int = 3600,
                    step_s: int = 300, shares: Sequence[float] = (25, 50, 75)) -> Floats:  # fmt: skip
        """Travel times to places over the departures of a window, shape (shares, places), seconds.

        The share of departures that take no longer; infinite where fewer departures get there at all.
        """
        samples = [
            self.place_seconds(origin, targets, wishes, depart_ms + offset * 1000)
            for offset in range(0, max(window_s, 1), step_s)
        ]
        return np.percentile(np.array(samples), list(shares), axis=0, method="higher")

    def areas(self, origin: Place, minutes: Sequence[float], wishes: Wishes, depart_ms: int, *, window_s: int = 0,
              step_s: int = 600, share: float = 50) -> dict[float, Area]:  # fmt: skip
        """What is reached within each of the given minutes; empty where the place lies off the streets and stops.

        Args:
            window_s: 0 for the one departure; else the departures of a window, every `step_s`: a place counts as
                reached where `share` percent of them take no longer.
        """
        planner = self.planner
        prepared = planner.streets.prepared(planner.walker.profile)
        bound = max(minutes) * 60.0
        leaving = range(0, max(window_s, 1), step_s)
        at_stops = np.array([self.stop_seconds(origin, wishes, depart_ms + offset * 1000) for offset in leaving])
        starts = [
            _starts(planner, prepared, origin, np.where(seconds <= bound, seconds, np.inf)) for seconds in at_stops
        ]
        if not all(len(spots) for spots, _ in starts):
            return {}
        field = isochrones.percentile(isochrones.fields(prepared, starts, bound), share)
        typical = np.percentile(at_stops, share, axis=0, method="higher")
        return {one: Area(field.area(one * 60.0), int((typical <= one * 60.0).sum())) for one in minutes}


def _starts(planner: Planner, prepared: Prepared, origin: Place, at_stops: Floats) -> tuple[Spots, Floats]:
    """The place itself and every stop reached, as points on streets with the time one is there."""
    placed = planner.placed
    here = prepared.stand(np.array([origin.lon]), np.array([origin.lat]))
    used = np.flatnonzero(np.isfinite(at_stops[placed.owner]))
    of = placed.spots
    kept = here.inside
    spots = Spots(
        np.concatenate((here.lon[kept], of.lon[used])), np.concatenate((here.lat[kept], of.lat[used])),
        np.concatenate((here.edge[kept], of.edge[used])), np.concatenate((here.share[kept], of.share[used])),
        np.concatenate((here.off_m[kept], of.off_m[used])),
    )  # fmt: skip
    # from the stop to its point on the street is walked as well; `spread` adds the way from the point to the street
    inner = placed.off_s[used] - of.off_m[used] / prepared.profile.walk_speed_ms
    return spots, np.concatenate((np.zeros(int(kept.sum())), at_stops[placed.owner[used]] + inner))
