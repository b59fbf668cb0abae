"""The demo province as map layers: relief, land cover, water, roads, borders, places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import shapely

from tongqu.kernel.geo import check
from tongqu.kernel.layers.base import LANDCOVER, PLACES, REGIONS, RELIEF, ROADS, WATER
from tongqu.kernel.layers.base.ground import FADE_STEPS
from tongqu.kernel.layers.base.names import PLACE_KINDS
from tongqu.kernel.layers.base.roads import CLASSES
from tongqu.kernel.layers.declare import Feature
from tongqu.kernel.layers.service import keep_image, put_image, replace
from tongqu.kernel.store import system_actor
from tongqu.kit.regions import level

if TYPE_CHECKING:
    from tongqu.kernel.platform import Platform
    from tongqu.kit.world import values

_STREAM_ZOOM = {1: 6, 2: 8, 3: 10}
_SITE_ZOOM = 11
_BEYOND_DEG = 0.8
_FADE_STEPS, _STEP_DEG = FADE_STEPS, 0.05
_EDGE_DEG, _SLIVER_DEG = 1e-4, 0.01
_ZOOMS = {style.kind: style.min_zoom for style in CLASSES}
_RANKS = {style.kind: len(CLASSES) - number for number, style in enumerate(CLASSES)}


def fill(platform: Platform, world: values.World) -> None:
    """Draw the whole province; each layer in a unit of work of its own."""
    pictures = {"light": world.image_light, "dark": world.image_dark}
    kept = {theme: keep_image(platform, png) for theme, png in pictures.items()}
    with platform.store.write(system_actor("demo")) as work:
        for theme, picture in kept.items():
            put_image(work, RELIEF, theme, picture, world.image_bounds)
    drawn = (
        (LANDCOVER, [*_cover(world), *_sites(world)]),
        (WATER, [*_water(world), *_water_names(world)]),
        (ROADS, list(_roads(world))),
        (REGIONS, [*_borders(world), *_province_names(world)]),
        (PLACES, list(_places(world))),
    )
    for layer, features in drawn:
        with platform.store.write(system_actor("demo")) as work:
            replace(work, layer, features)


def _named(name: values.Name) -> dict[str, Any]:
    return {"name": name.zh, "name_en": name.en}


def _areas(kind: str, shape: Any, **properties: Any) -> Iterator[Feature]:
    for number, part in enumerate(shapely.get_parts(shape)):
        if part.geom_type == "Polygon":
            yield Feature(f"{kind}:{number}", check(part), kind, properties)


def _cover(world: values.World) -> Iterator[Feature]:
    for patch in world.cover:
        yield from _areas(patch.kind, patch.geometry)


def _sites(world: values.World) -> Iterator[Feature]:
    for place in world.places:
        if place.area is not None:
            properties = {**_named(place.name), "kind": place.kind}
            yield Feature(f"site:{place.id}", check(place.area), "site", properties, _SITE_ZOOM)


def _water(world: values.World) -> Iterator[Feature]:
    water = world.water
    sea = open_sea(water.sea, world.image_bounds)
    yield from _areas("sea", sea)
    yield from _fading(sea, world.image_bounds)
    yield from _areas("river", water.river_area)
    for number, lake in enumerate(water.lakes):
        yield Feature(f"lake:{number}", check(lake.geometry), "lake", _named(lake.name))
    for number, river in enumerate(water.rivers):
        properties = {**_named(river.name), "order": int(river.order)}
        zoom = _STREAM_ZOOM.get(int(river.order), 11)
        yield Feature(f"stream:{number}", check(river.centreline), "stream", properties, zoom)


def _fading(sea: Any, bounds: tuple[float, float, float, float]) -> Iterator[Feature]:
    """The sea's outer edge in steps of rising `order`, which cover more of it the further out they lie."""
    inner = shapely.box(*bounds).buffer(_BEYOND_DEG - _FADE_STEPS * _STEP_DEG, join_style="mitre")
    for order in range(1, _FADE_STEPS + 1):
        outer = inner.buffer(_STEP_DEG + (_EDGE_DEG if order == _FADE_STEPS else 0), join_style="mitre")
        band = shapely.intersection(sea, shapely.difference(outer, inner))
        for number, part in enumerate(shapely.get_parts(band)):
            if part.geom_type == "Polygon":
                yield Feature(f"fade:{order}:{number}", check(part), "fade", {"order": order})
        inner = outer


def open_sea(sea: Any, bounds: tuple[float, float, float, float]) -> Any:
    """The sea carried on beyond the picture's edges, so that it does not end in a straight line in view.

    Not far: areas are cut into the tiles of the deepest level.

    Args:
        sea: area in degrees, within `bounds` (west, south, east, north).
    """
    west, south, east, north = bounds
    # without the sliver that runs along the edge beside the land
    wide = shapely.buffer(shapely.buffer(sea, -_SLIVER_DEG, join_style="mitre"), _SLIVER_DEG, join_style="mitre")
    coast = shapely.boundary(wide)
    parts = [sea]
    for dx, dy, edge in (
        (-_BEYOND_DEG, 0.0, ((west, south), (west, north))),
        (_BEYOND_DEG, 0.0, ((east, south), (east, north))),
        (0.0, -_BEYOND_DEG, ((west, south), (east, south))),
        (0.0, _BEYOND_DEG, ((west, north), (east, north))),
    ):
        along = shapely.intersection(coast, shapely.buffer(shapely.LineString(edge), _EDGE_DEG, cap_style="square"))
        for piece in shapely.get_parts(along):
            low_x, low_y, high_x, high_y = piece.bounds
            if max(high_x - low_x, high_y - low_y) > 3 * _EDGE_DEG:
                # at a corner the sea goes on both ways
                far = _BEYOND_DEG
                low_x -= far if dx < 0 or (dy and low_x < west + _EDGE_DEG) else 0
                high_x += far if dx > 0 or (dy and high_x > east - _EDGE_DEG) else 0
                low_y -= far if dy < 0 or (dx and low_y < south + _EDGE_DEG) else 0
                high_y += far if dy > 0 or (dx and high_y > north - _EDGE_DEG) else 0
                parts.append(shapely.box(low_x, low_y, high_x, high_y))
    return shapely.union_all(parts)


def _water_names(world: values.World) -> Iterator[Feature]:
    water = world.water
    yield Feature("name:bay", check(shapely.Point(water.bay)), "label", _named(water.bay_name), 7)
    for number, lake in enumerate(water.lakes):
        inside = lake.geometry.representative_point()
        yield Feature(f"name:lake:{number}", check(inside), "label", _named(lake.name), 10)


def _roads(world: values.World) -> Iterator[Feature]:
    from tongqu.kit.world.world import road_lines  # it compiles what makes a world; only the filling needs it

    for number, line in enumerate(road_lines(world)):
        road, kind = world.roads[line.road], line.road_class.name.lower()
        properties = {
            "name": road.name.zh or None,
            "name_en": road.name.en or None,
            "ref": road.number or None,
            "road": f"road:{road.id}",
            "rank": _RANKS[kind],
            "bridge": bool(line.bridge),
            "tunnel": bool(line.tunnel),
        }
        yield Feature(f"line:{number}", check(line.geometry), kind, properties, _ZOOMS[kind], _RANKS[kind])


def _borders(world: values.World) -> Iterator[Feature]:
    """Borders between neighbours as lines; those with the sea are coast, which needs no line of its own."""
    counties = [region for region in world.regions if region.level == "county"]
    edges = [shapely.boundary(region.geometry) for region in counties]
    first, second = shapely.STRtree(edges).query(edges, predicate="intersects")
    for a, b in sorted((int(a), int(b)) for a, b in zip(first, second, strict=True) if a < b):
        common = _lines(shapely.intersection(edges[a], edges[b]))
        if common:
            codes = counties[a].code, counties[b].code
            shape = shapely.line_merge(shapely.union_all(common))
            yield Feature(f"border:{codes[0]}:{codes[1]}", check(shape), _border_between(*codes))


def _border_between(code: str, other: str) -> str:
    """The level of the largest regions that a border keeps apart."""
    shared = next(length for length in (2, 4, 6) if code[:length] != other[:length])
    return level(code[:shared])


def _lines(shape: Any) -> list[Any]:
    return [part for part in _flat(shapely.get_parts(shape)) if part.geom_type == "LineString"]


def _flat(parts: Iterable[Any]) -> Iterator[Any]:
    for part in parts:
        if part.geom_type.startswith(("Multi", "Geometry")):
            yield from _flat(shapely.get_parts(part))
        else:
            yield part


def _province_names(world: values.World) -> Iterator[Feature]:
    for region in world.regions:
        if region.level == "province":
            inmost = shapely.get_point(shapely.maximum_inscribed_circle(region.geometry, tolerance=0.01), 0)
            yield Feature(
                f"name:{region.code}", check(inmost), "province_name", {**_named(region.name), "code": region.code}
            )


def _places(world: values.World) -> Iterator[Feature]:
    for place in world.places:
        kind, zoom = PLACE_KINDS[place.kind]
        properties = {**_named(place.name), "kind": place.kind}
        where = check(shapely.Point(place.lon, place.lat))
        yield Feature(f"place:{place.id}", where, kind, properties, zoom, -int(place.rank), region=place.region)
