"""Stops stood on streets: a stop may have several doors, and may lie where no streets are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tongqu.engines.streets.graph import Flags, Floats, Ints
from tongqu.engines.streets.paths import Path
from tongqu.engines.streets.prepared import ByState, Ends, Prepared, Spots
from tongqu.engines.streets.profiles import Profile
from tongqu.kit.geometry import degrees

STOP_REACH_M = 150.0  # a stop further from any street than this is taken to lie outside the extract
DOOR_REACH_M = 250.0  # an entrance belongs to a station no further away than this


@dataclass(frozen=True)
class Stops:
    """n stops by p points on streets.

    Attributes:
        lon, lat: of the stops.
        inside: whether a stop has a point on a street at all.
        spots: the points; owner: the stop of each, ascending; off_s: seconds between point and stop.
        door: index of the entrance in the graph, -1 where the stop itself stands on the street.
        arriving, leaving: how the points join the search.
    """

    lon: Floats
    lat: Floats
    inside: Flags
    spots: Spots
    owner: Ints
    off_s: Floats
    door: Ints
    arriving: Ends
    leaving: Ends

    def __len__(self) -> int:
        return len(self.lon)

    @property
    def outside(self) -> int:
        """How many stops lie where no streets are known."""
        return int((~self.inside).sum())

    @cached_property
    def outsiders(self) -> Ints:
        """Stops that lie where no streets are known."""
        return np.flatnonzero(~self.inside).astype(np.int32)

    @cached_property
    def arriving_at(self) -> ByState:
        """The points by the state that a search arrives at them from."""
        return self.arriving.by_state()

    @cached_property
    def leaving_for(self) -> ByState:
        """The points by the state that a search from them begins with."""
        return self.leaving.by_state()

    @cached_property
    def along_edges(self) -> tuple[Ints, Ints]:
        """The points in the order of their edges, and those edges."""
        order = np.argsort(self.spots.edge, kind="stable").astype(np.int32)
        return order, self.spots.edge[order]

    @cached_property
    def around(self) -> tuple[float, float, float, float]:
        """West, south, east, north of all stops, a tenth of a degree wider."""
        return (
            float(self.lon.min()) - 0.1, float(self.lat.min()) - 0.1,
            float(self.lon.max()) + 0.1, float(self.lat.max()) + 0.1,
        )  # fmt: skip

    @cached_property
    def _first_points(self) -> tuple[Ints, Ints]:
        stops, first = np.unique(self.owner, return_index=True)
        return stops.astype(np.int32), first.astype(np.int32)

    def by_stop(self, by_point: Floats) -> Floats:
        """The least of the values of each stop's points; infinite where it has none."""
        least = np.full(len(self), np.inf)
        stops, first = self._first_points
        if len(stops):
            least[stops] = np.minimum.reduceat(by_point, first)
        return least

    def points_of(self, stop: int) -> slice:
        """The points of a stop."""
        first, last = np.searchsorted(self.owner, (stop, stop + 1))
        return slice(int(first), int(last))


def stand(
    prepared: Prepared,
    lon: Floats,
    lat: Floats,
    *,
    doors_for: Sequence[int] = (),
    door_lon: Sequence[float] = (),
    door_lat: Sequence[float] = (),
    door_of: Sequence[int] = (),
) -> Stops:
    """Stand stops on the streets that a profile may use.

    Args:
        lon, lat: of the stops.
        doors_for: stops (metro, railway) that one enters by the entrances of the extract where there are some near.
        door_lon, door_lat, door_of: further entrances that the timetable itself knows, and the stops they lead to.
    """
    lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    graph = prepared.graph
    x = [lon, np.asarray(door_lon, np.float64)]
    y = [lat, np.asarray(door_lat, np.float64)]
    owner = [np.arange(len(lon)), np.asarray(door_of, np.int64)]
    door = [np.full(len(lon), -1), np.full(len(door_of), -1)]
    if len(doors_for) and len(graph.door_lon):
        served = np.asarray(doors_for, np.int64)
        near_stop, near_door = np.nonzero(
            metres(lon[served][:, None], lat[served][:, None], graph.door_lon, graph.door_lat) <= DOOR_REACH_M
        )
        x.append(graph.door_lon[near_door])
        y.append(graph.door_lat[near_door])
        owner.append(served[near_stop])
        door.append(near_door)
    all_lon, all_lat = np.concatenate(x), np.concatenate(y)
    all_owner, all_door = np.concatenate(owner), np.concatenate(door)
    is_door = np.arange(len(all_lon)) >= len(lon)
    has_doors = np.isin(all_owner, all_owner[is_door]) & ~is_door
    spots = prepared.stand(all_lon, all_lat, STOP_REACH_M)
    # who has doors is entered by them alone; a stop without a street near has no point at all
    kept = np.flatnonzero(spots.inside & ~has_doors)
    kept = kept[np.argsort(all_owner[kept], kind="stable")]
    spots = Spots(spots.lon[kept], spots.lat[kept], spots.edge[kept], spots.share[kept], spots.off_m[kept])
    stop = all_owner[kept].astype(np.int32)
    inner = metres(spots.lon, spots.lat, lon[stop], lat[stop])
    inside = np.zeros(len(lon), bool)
    inside[stop] = True
    off_s = (spots.off_m + inner) / prepared.profile.walk_speed_ms
    return Stops(lon, lat, inside, spots, stop, off_s, all_door[kept].astype(np.int32),
                 prepared.arriving(spots), prepared.leaving(spots))  # fmt: skip


def beeline(origin: tuple[float, float], destination: tuple[float, float], profile: Profile) -> Path:
    """A straight way where no streets are known, longer by the profile's factor."""
    points = np.array([origin, destination], np.float64)
    gap = metres(points[0, 0], points[0, 1], points[1, 0], points[1, 1])
    length = float(gap) * profile.beeline_factor
    return Path(points, length, length / profile.walk_speed_ms, (), beeline=True)


def metres(lon_a: Floats | float, lat_a: Floats | float, lon_b: Floats, lat_b: Floats) -> Floats:
    """Straight distance in metres, for distances of some kilometres."""
    per_lon, per_lat = degrees.metres_per_degree((lat_a + lat_b) / 2)
    return np.asarray(np.hypot((lon_b - lon_a) * per_lon, (lat_b - lat_a) * per_lat))
