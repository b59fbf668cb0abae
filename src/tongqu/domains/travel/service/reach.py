"""Reach for an authority, by the engine that answers travellers: areas within minutes, people within minutes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from tongqu.domains.travel.service.network import Active
from tongqu.engines.journeys import Area, Place, Reach, Wishes
from tongqu.engines.streets import CYCLE, DRIVE
from tongqu.kit.errors import Invalid
from tongqu.kit.geometry import degrees

MOST_MINUTES = 180
MOST_ASKED = 6


def minutes_of(written: str) -> list[int]:
    """Minutes as they are written in an address, `15,30,45`.

    Raises:
        Invalid: `travel.bad_minutes`.
    """
    parts = [part.strip() for part in written.split(",") if part.strip()]
    numbers = [int(part) for part in parts if part.isascii() and part.isdigit()]
    if (
        len(numbers) != len(parts)
        or not 1 <= len(parts) <= MOST_ASKED
        or not all(0 < n <= MOST_MINUTES for n in numbers)
    ):
        raise Invalid("travel.bad_minutes", field="minutes", value=written, most=MOST_MINUTES)
    return sorted(set(numbers))


def areas(
    active: Active,
    place: Place,
    minutes: Sequence[int],
    mode: str,
    depart_ms: int,
    window_s: int = 0,
    step_s: int = 600,
    share: float = 50,
) -> dict[str, Any]:
    """Areas reached, as a GeoJSON collection, the largest first so that the smaller are drawn above.

    Args:
        window_s, step_s, share: as `Reach.areas`; by other modes than public transport every departure is the same.
    """
    planner = active.planner
    if mode == "transit":
        found = Reach(planner).areas(place, minutes, Wishes(), depart_ms, window_s=window_s, step_s=step_s, share=share)
    else:
        profile = {"walk": planner.walker.profile, "cycle": CYCLE, "drive": DRIVE}[mode]
        shapes = planner.streets.isochrones((place.lon, place.lat), minutes, profile)
        found = {one: Area(shape, 0) for one, shape in shapes.items()}
    if not found:
        raise Invalid("travel.outside_area", field="from")
    features = [
        {
            "type": "Feature",
            "geometry": shapely.geometry.mapping(shapely.set_precision(found[one].geometry, 1e-6)),
            "properties": {
                "minutes": one,
                "mode": mode,
                "area_km2": _square_km(found[one].geometry),
                "stops": found[one].stops if mode == "transit" else None,
            },
        }
        for one in sorted(minutes, reverse=True)
        if not found[one].geometry.is_empty
    ]
    return {"type": "FeatureCollection", "features": features}


def _square_km(area: Any) -> float:
    """Square kilometres of an area in degrees that is small beside the earth."""
    per_lon, per_lat = degrees.metres_per_degree(area.centroid.y) if not area.is_empty else (0.0, 0.0)
    return round(float(area.area * per_lon * per_lat) / 1e6, 2)


def accessibility(
    active: Active,
    place: Place,
    places: Sequence[Sequence[float]],
    minutes: Sequence[int],
    depart_ms: int,
    window_s: int,
    step_s: int,
    percentiles: Sequence[float],
) -> dict[str, Any]:
    """Travel times to places by percentile of the departures (None: not reached), and the weight reached within."""
    planner = active.planner
    lon, lat = (np.array([one[k] for one in places], np.float64) for k in (0, 1))
    weight = np.array([one[2] if len(one) > 2 else 1.0 for one in places])
    targets = planner.streets.stops(lon, lat, planner.walker.profile)
    seconds = Reach(planner).percentiles(
        place, targets, Wishes(), depart_ms, window_s=window_s, step_s=step_s, shares=percentiles
    )
    return {
        "places": len(places),
        "outside_streets": targets.outside,
        "percentiles": [
            {
                "percentile": share,
                "duration_s": [None if not np.isfinite(one) else int(np.ceil(one)) for one in row.tolist()],
                "within": [
                    {"minutes": limit, "weight": float(weight[row <= limit * 60].sum()), "of": float(weight.sum())}
                    for limit in minutes
                ],
            }
            for share, row in zip(percentiles, seconds, strict=True)
        ],
    }
