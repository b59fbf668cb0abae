"""Which settlements of the map public transport serves, and how far the others have to its nearest stop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from tongqu.domains.travel.layers import COVERAGE
from tongqu.domains.travel.store import feeds, places
from tongqu.kernel import layers as drawing
from tongqu.kernel import rulebooks
from tongqu.kernel.geo import check
from tongqu.kernel.layers import Feature
from tongqu.kernel.layers.base import PLACES
from tongqu.kernel.store import Work
from tongqu.kit.geometry import degrees

WITHIN = "travel.coverage.within_m"
KINDS = ("city", "county", "town")


@dataclass(frozen=True)
class Settlement:
    """A settlement and the stop that is nearest to it.

    Attributes:
        kind: one of `KINDS`.
        distance_m: to the nearest stop that anything leaves from, as the crow flies; None where there is no stop.
        departures: of that stop on the day its feed's figures speak of.
    """

    id: str
    name: str
    name_en: str
    kind: str
    region: str | None
    lon: float
    lat: float
    distance_m: float | None
    stop: str
    departures: int


def settlements(work: Work) -> list[Settlement]:
    """Every settlement of the map's places, with its nearest stop of the live feeds."""
    there = [one for one in drawing.drawn(work, PLACES) if one.kind in KINDS]
    stops = places.served(work)
    if not there:
        return []
    points = np.array([shapely.get_coordinates(one.geometry.shape)[0] for one in there])
    per_lon, per_lat = (float(value) for value in degrees.metres_per_degree(float(points[:, 1].mean())))
    scale = np.array([per_lon, per_lat])
    nearest, apart = np.zeros(len(there), np.int64), np.full(len(there), np.inf)
    if stops:
        tree = shapely.STRtree(shapely.points(np.array([(row["lon"], row["lat"]) for row in stops]) * scale))
        (_, nearest), apart = tree.query_nearest(
            shapely.points(points * scale), all_matches=False, return_distance=True
        )
    return [
        Settlement(
            one.id,
            str(one.properties.get("name") or one.id),
            str(one.properties.get("name_en") or ""),
            one.kind,
            one.region,
            float(points[k, 0]),
            float(points[k, 1]),
            float(apart[k]) if stops else None,
            stops[nearest[k]]["name"] if stops else "",
            int(stops[nearest[k]]["weight"]) if stops else 0,
        )
        for k, one in enumerate(there)
    ]


def draw(work: Work) -> None:
    """Draw what is served and what is not, as the live feeds stand; nothing where no feed is live."""
    known = settlements(work) if feeds.live(work.as_system("travel")) else []
    drawing.replace(work, COVERAGE, _features(known, work.now_ms))


def _features(known: list[Settlement], at_ms: int) -> Iterator[Feature]:
    for one in known:
        within_m = float(rulebooks.value_of(WITHIN, one.region, at_ms))
        is_served = one.distance_m is not None and one.distance_m <= within_m
        properties = {
            "name": one.name,
            "name_en": one.name_en,
            "distance_m": None if one.distance_m is None else round(one.distance_m),
            "stop": one.stop,
        }
        where = check(shapely.Point(one.lon, one.lat))
        yield Feature(one.id, where, "served" if is_served else "gap", properties, rank=int(not is_served))
