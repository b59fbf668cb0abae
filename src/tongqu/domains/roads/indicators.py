"""Figures of traffic on roads, from what vehicles send: how fast they go there, and how many get on too slowly.

Vehicles that report are a sample of the traffic, not all of it: mostly coaches, lorries and taxis.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from tongqu.domains.roads import store
from tongqu.domains.roads.limits import NetworkLimits
from tongqu.kernel import geo
from tongqu.kernel.geo.limits import SpeedLimits
from tongqu.kernel.indicators import Indicator, Projection, Tables, Window

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from tongqu.kernel.platform import Platform
    from tongqu.kernel.store import Work

CONGESTED = "roads.traffic.congested_ratio"
FIXES_ON_ROADS = "roads.fixes"
WITHIN_M = 30.0
"""A fix farther from a route's line than this is on none; limits are looked for as far."""


def schema() -> pa.Schema:
    """Of each fix on a route: whose, on which, how fast, and the posted limit there, null where none is known."""
    import pyarrow as pa

    return pa.schema(
        [("thing", pa.int64()), ("road", pa.string()), ("speed_kmh", pa.float64()), ("limit_kmh", pa.float64())]
    )


def network(work: Work, _from_ms: int, _to_ms: int) -> pa.Table:
    """Which network fixes are matched to: with another one the figures of the last days are computed anew."""
    import pyarrow as pa

    ids, count = store.newest_source(work)
    return pa.table({"routes": [geo.network_revision(work)], "sources": [ids], "count": [count]})


def on_roads(platform: Platform, fixes: pa.Table) -> pa.Table:
    """The fixes that lie on a route as the network stands now; of several near ones the one that leads their way."""
    import pyarrow as pa

    lon, lat, heading = (fixes[name].to_numpy() for name in ("lon", "lat", "heading_deg"))
    view, places = _locator(platform).locate_many(lon, lat, heading, WITHIN_M)
    if places is None or view.index is None:
        return schema().empty_table()
    on = np.flatnonzero(places.line >= 0)
    names = np.array([_name(view.routes[route]) for route, _, _ in view.index.tracks], dtype=object)
    time_ms, speed = fixes["time_ms"].to_numpy()[on], fixes["speed_kmh"].to_numpy()[on]
    limits = _limits(platform).at(lon[on], lat[on], heading[on], time_ms).limit_kmh
    columns = [
        pa.array(fixes["thing"].to_numpy()[on]),
        pa.array(names[places.track[on]], pa.string()),
        pa.array(speed.astype(np.float64)),
        pa.array(limits, from_pandas=True),
    ]
    return pa.table(columns, schema=schema())


def _name(route: geo.Route) -> str:
    """A number stands in many counties: `X101 (990303)`."""
    return f"{route.number} ({route.region})"


def _locator(platform: Platform) -> geo.Locator:
    """The API process has one; the process of a job follows the stored routes with one of its own."""
    if not platform.has(geo.Locator):
        platform.provide(geo.Locator(platform.store))
    return platform.service(geo.Locator)


def _limits(platform: Platform) -> SpeedLimits:
    if not platform.has(SpeedLimits):
        platform.provide(NetworkLimits(platform.store), SpeedLimits)
    limits: SpeedLimits = platform.service(SpeedLimits)  # type: ignore[type-abstract]
    return limits


def mean_speed(tables: Tables, _: Window) -> ibis.Table:
    """One row for each vehicle and route: the sum of the speeds of its fixes there, and their number."""
    fixes = tables[FIXES_ON_ROADS]
    driven = fixes.group_by(["thing", "road"]).aggregate(
        fixes=fixes.count(), numerator=fixes.speed_kmh.sum(), value=fixes.speed_kmh.mean()
    )
    joined = _vehicles(tables, driven)
    return joined.mutate(denominator=joined.fixes)


def congested(tables: Tables, _: Window) -> ibis.Table:
    """One row for each vehicle and route with posted limits: whether it went slower than a share of them."""
    fixes = tables[FIXES_ON_ROADS]
    known = fixes.filter(fixes.limit_kmh.notnull())
    driven = known.group_by(["thing", "road"]).aggregate(
        fixes=known.count(), speed_kmh=known.speed_kmh.mean(), limit_kmh=known.limit_kmh.mean()
    )
    joined = _vehicles(tables, driven)
    slow = joined.speed_kmh < tables.parameters[CONGESTED] * joined.limit_kmh
    return joined.mutate(value=joined.speed_kmh / joined.limit_kmh, numerator=slow.cast("int64"), denominator=1)


def _vehicles(tables: Tables, driven: ibis.Table) -> ibis.Table:
    from tongqu.kernel.indicators.segments import owners

    vehicles = owners(tables.things, ("vehicle",))
    return vehicles.inner_join(driven, vehicles.key == driven.thing).drop("thing")


PROJECTIONS = (Projection(FIXES_ON_ROADS, schema, network, on_roads),)
_each_hour = partial(
    Indicator, ratio=True, grain=("road",), periods=("hour",), projections=(FIXES_ON_ROADS,), read="telemetry.read"
)
INDICATORS = (
    _each_hour("roads.mean_speed", "km/h", 1, mean_speed, order="value", better="higher"),
    _each_hour(
        "roads.congestion", "%", 1, congested, scale=100, parameters=(CONGESTED,), order="value", better="lower"
    ),
)
