"""Points to regions: how many points a second get the code of their county, over shapes as tangled as real ones."""

from __future__ import annotations

import sys
import time

import numpy as np
import shapely
from bench import Row, repeat, report

from tongqu.kernel.geo.lookup import build

POINTS = 2_000_000
COUNTIES = 18
TARGET_M_PER_S = 20.0


def counties() -> list[tuple[str, shapely.Polygon]]:
    """A province of counties with winding common borders, about 2,000 points each, and its cities."""
    random = np.random.default_rng(7)
    frame = shapely.box(119.3, 26.9, 122.0, 28.8)
    seats = shapely.multipoints(random.random((COUNTIES, 2)) * [2.7, 1.9] + [119.3, 26.9])
    cells = shapely.get_parts(shapely.voronoi_polygons(seats, extend_to=frame))
    cells = shapely.segmentize(shapely.intersection(cells, frame), 0.0015)

    def bend(xy: np.ndarray) -> np.ndarray:
        x = xy[:, 0] + 0.008 * np.sin(xy[:, 1] * 120) + 0.001 * np.sin(xy[:, 1] * 900)
        return np.column_stack((x, xy[:, 1] + 0.008 * np.sin(x * 130)))

    return [(f"99{1 + number // 6:02d}{1 + number % 6:02d}", cell) for number, cell in enumerate(
        shapely.transform(cells, bend))]  # fmt: skip


def main() -> int:
    shapes = counties()
    random = np.random.default_rng(1)
    lon, lat = random.uniform(119.3, 122.0, POINTS), random.uniform(26.9, 28.8, POINTS)
    lookup = build(shapes)
    assert lookup is not None
    lookup.find(lon[:10], lat[:10])

    def ours() -> float:
        begin = time.perf_counter()
        lookup.find(lon, lat)
        return POINTS / (time.perf_counter() - begin) / 1e6

    def again() -> float:
        begin = time.perf_counter()
        build(shapes)
        return time.perf_counter() - begin

    few = slice(0, 200_000)
    for _, shape in shapes:
        shapely.prepare(shape)
    begin = time.perf_counter()
    expected = np.zeros(200_000, dtype=np.int32)
    for code, shape in shapes:
        expected[shapely.contains_xy(shape, lon[few], lat[few])] = int(code)
    peer = 0.2 / (time.perf_counter() - begin)
    differing = int((lookup.find(lon[few], lat[few]) != expected).sum())
    vertices = int(sum(shapely.get_num_coordinates(shape) for _, shape in shapes))
    rows = [
        Row(
            "points to county codes, warm", TARGET_M_PER_S, repeat(ours), "M points/s", peer=("shapely prepared", peer)
        ),
        Row("building the index", None, repeat(again), "s", better="lower"),
        Row("answers that differ from shapely's", 0, differing, "points", better="lower", note="of 200,000"),
    ]
    data = f"{POINTS:,} random points, {COUNTIES} counties with {vertices:,} border points"
    return report(rows, data=data, peer="shapely contains_xy with prepared polygons, in the same run")


if __name__ == "__main__":
    sys.exit(main())
