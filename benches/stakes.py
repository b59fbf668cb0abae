"""Points to stakes and back: over the demo province's routes, and over every road of Porto Alegre's extract.

The points lie beside roads, up to some 20 m off, with a heading, as positions of vehicles do. Porto Alegre's extract
has no stakes, so each of its roads is calibrated by its ends, to give the index a dense town: the search is the same.

Rates are by the processor time of the one thread: the floor is a rate per core.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import numpy as np
import shapely
from bench import Row, repeat, report
from pyproj import Geod

from tongqu.domains.roads.demo import demo_routes
from tongqu.domains.roads.loaders.osm import CLASSES
from tongqu.kernel.geo import linear, plain
from tongqu.kernel.geo.routes import line_points
from tongqu.kit.geometry import geolines
from tongqu.kit.world import world
from tongqu.protocols import osm

POINTS, FEW = 1_000_000, 100_000
TARGET_K_PER_S, TARGET_M = 200.0, 0.5
DATA = Path(os.environ.get("TONGQU_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
GEOD = Geod(ellps="GRS80")


def demo_index() -> linear.StakeIndex:
    lines = [
        linear.Line(
            100 * number + place, number, line.direction, line.prefix, place, line_points(line.geometry), line.marks
        )
        for number, route in enumerate(demo_routes(world.make(7, 0.01)))
        for place, line in enumerate(route.lines)
    ]
    return _built(lines)


def town_index(path: Path) -> linear.StakeIndex:
    extract = osm.read(path, ways=("highway",), nodes=(), relations=())
    lines = []
    for way, tags in enumerate(extract.way_tags):
        points = extract.line(way)
        if tags.get("highway") in CLASSES and len(points) > 1:
            length = float(geolines.lengths_m(points[:, 0], points[:, 1])[-1])
            if length > 1:
                lines.append(linear.Line(way, way, "both", "", 0, points, (plain(0, 0), plain(length, length))))
    return _built(lines)


def _built(lines: list[linear.Line]) -> linear.StakeIndex:
    made = linear.build(lines)
    assert made is not None
    return made


def beside(index: linear.StakeIndex, count: int, off_m: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points evenly over the length of all lines, off to the side, with the way of their segment as heading."""
    g, random = index.lines, np.random.default_rng(1)
    segments = np.flatnonzero(g.line >= 0)
    steps = g.along_m[segments + 1] - g.along_m[segments]
    s = segments[np.searchsorted(np.cumsum(steps), random.uniform(0, steps.sum(), count))]
    t = random.random(count)
    lon, lat = g.lon[s] + t * (g.lon[s + 1] - g.lon[s]), g.lat[s] + t * (g.lat[s + 1] - g.lat[s])
    east, north = (g.lon[s + 1] - g.lon[s]) * g.per_lon[s], (g.lat[s + 1] - g.lat[s]) * g.per_lat[s]
    heading = np.degrees(np.arctan2(east, north)) + np.where(g.way[g.line[s]] == geolines.AGAINST, 180.0, 0.0)
    length, aside = np.maximum(np.hypot(east, north), 1e-9), random.normal(0, 1, count) * off_m
    return lon + north / length * aside / g.per_lon[s], lat - east / length * aside / g.per_lat[s], heading % 360


def round_trip_m(index: linear.StakeIndex) -> float:
    """The largest distance between a point on a line and the point of its stake."""
    lon, lat, heading = beside(index, FEW, 0.0)
    found = index.locate(lon, lat, heading)
    x, y, _ = index.points(found.track, found.stake_m, found.branch)
    _, _, apart = GEOD.inv(lon, lat, x, y)
    return float(np.max(apart))


def peer_k_per_s(index: linear.StakeIndex) -> float:
    """shapely's tree of the same lines: the nearest one, then the way along it. No carriageways, no stakes, degrees
    for metres."""
    g = index.lines
    cut = g.start[1:-1]
    lines = np.array([shapely.LineString(one) for one in np.split(np.column_stack((g.lon, g.lat)), cut)], object)
    tree = shapely.STRtree(lines)
    lon, lat, _ = beside(index, FEW, 8.0)
    points = shapely.points(lon, lat)
    begin = time.process_time()
    which, near = tree.query_nearest(points, max_distance=60 / 100_000, all_matches=False)
    shapely.line_locate_point(lines[near], points[which])
    return FEW / (time.process_time() - begin) / 1e3


def rows_of(name: str, index: linear.StakeIndex) -> list[Row]:
    lon, lat, heading = beside(index, POINTS, 8.0)
    index.locate(lon[:10], lat[:10], heading[:10])
    found = index.locate(lon, lat, heading)
    index.points(found.track[:10], found.stake_m[:10], found.branch[:10])

    def there() -> float:
        begin = time.process_time()
        index.locate(lon, lat, heading)
        return POINTS / (time.process_time() - begin) / 1e3

    def back() -> float:
        begin = time.process_time()
        index.points(found.track, found.stake_m, found.branch)
        return POINTS / (time.process_time() - begin) / 1e3

    segments = int((index.lines.line >= 0).sum())
    placed = np.mean(found.line >= 0)
    note = f"{len(index.lines):,} lines, {segments:,} segments; {placed:.2%} of points placed; one thread"
    peer = ("shapely STRtree", peer_k_per_s(index))
    return [
        Row(f"{name}: point to stake", TARGET_K_PER_S, repeat(there), "k points/s", peer=peer, note=note),
        Row(f"{name}: stake to point", TARGET_K_PER_S, repeat(back), "k points/s"),
        Row(f"{name}: round trip, worst of {FEW:,}", TARGET_M, round_trip_m(index), "m", better="lower"),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--town", type=Path, default=DATA / "travel" / "poa" / "poa_osm.pbf")
    given, _ = parser.parse_known_args()
    rows = rows_of("demo province", demo_index())
    if given.town.is_file():
        rows += rows_of("Porto Alegre", town_index(given.town))
    else:
        print(f"not run: Porto Alegre's extract ({given.town})")
    data = f"{POINTS:,} points beside roads; {given.town.name}"
    return report(rows, data=data, peer="shapely STRtree.query_nearest and line_locate_point, in the same run")


if __name__ == "__main__":
    sys.exit(main())
