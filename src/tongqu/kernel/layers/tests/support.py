"""What the tests of layers draw, and for whom."""

from __future__ import annotations

import shapely

from tongqu.kernel.geo import Geometry, check
from tongqu.kernel.layers import Layer, LayerType, PropertyType
from tongqu.kernel.store import Actor, Grant, system_actor

TEXT, INTEGER = PropertyType.TEXT, PropertyType.INTEGER
SYSTEM = system_actor("test")
OPEN = Layer(
    "layers.open",
    "ground",
    LayerType.MVT,
    order=2,
    properties={"name": TEXT, "lanes": INTEGER, "wide": PropertyType.BOOLEAN, "limit": PropertyType.NUMBER},
    merge=("class", "name"),
    open=True,
)
SCOPED = Layer("layers.scoped", "ground", LayerType.MVT, order=3, properties={"name": TEXT}, read="layers.test")
DENSE = Layer("layers.dense", "ground", LayerType.MVT, properties={"name": TEXT}, density_below=12, read="layers.test")
PICTURE = Layer("layers.picture", "ground", LayerType.IMAGE, order=1, open=True)
LIVE = Layer("layers.live", "live", LayerType.MOVERS, order=9, url="/api/v1/movers/live")


def person(
    *, organisations: frozenset[str] | None = None, region: str | None = None, everywhere: bool = False
) -> Actor:
    permissions = frozenset({"layers.test"})
    grant = Grant("monitor", permissions, organisations=organisations, region=region, everywhere=everywhere)
    return Actor("p1", "值班员01", grants=(grant,))


def point(lon: float, lat: float) -> Geometry:
    return check(shapely.Point(lon, lat))


def line(*points: tuple[float, float]) -> Geometry:
    return check(shapely.LineString(points))
