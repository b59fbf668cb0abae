"""1 M positions against 50 star geofences of 24 corners, beside DuckDB spatial in the same run.

Both are asked for all pairs (position, geofence). DuckDB is asked as its users would: an ST_Contains join over points
it makes of the columns, and once more with the points made beforehand; the better one counts.
"""

from __future__ import annotations

import sys
import time
from functools import partial

import duckdb
import numpy as np
import pyarrow as pa
import shapely
from bench import Row, repeat, report
from duckdb_extensions import import_extension

from tongqu.kit.geometry import polygons

POSITIONS, FENCES, CORNERS = 1_000_000, 50, 24
MOST_S, MOST_SHARE = 0.25, 0.3


def stars(seed: int = 7) -> list[np.ndarray]:
    """Star-shaped fences, some tens of kilometres wide, over a province."""
    random = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    found = []
    for _ in range(FENCES):
        radius = random.uniform(0.1, 0.3) * np.where(np.arange(CORNERS) % 2, 0.5, 1.0)
        ring = np.column_stack((radius * np.cos(angle), radius * np.sin(angle)))
        found.append(ring + np.array([random.uniform(117, 121), random.uniform(29, 32)]))
    return found


def main() -> int:
    random = np.random.default_rng(1)
    lon, lat = random.uniform(117, 121, POSITIONS), random.uniform(29, 32, POSITIONS)
    rings = stars()
    packed = polygons.pack([[ring] for ring in rings])
    polygons.all_holding(packed, lon[:1000], lat[:1000])
    hits = 0

    def ours() -> float:
        nonlocal hits
        begin = time.perf_counter()
        point, _ = polygons.all_holding(polygons.pack([[ring] for ring in rings]), lon, lat)
        hits = len(point)
        return time.perf_counter() - begin

    database = duckdb.connect(config={"threads": "2"})
    import_extension("spatial", con=database)
    database.load_extension("spatial")
    database.register("fixes", pa.table({"lon": lon, "lat": lat}))
    database.register("shapes", pa.table({"wkb": [shapely.to_wkb(shapely.Polygon(ring)) for ring in rings]}))
    database.execute("CREATE TABLE fence AS SELECT ST_GeomFromWKB(wkb) AS shape FROM shapes")
    database.execute("CREATE TABLE place AS SELECT ST_Point(lon, lat) AS point FROM fixes")
    queries = (
        "SELECT count(*) FROM fixes JOIN fence ON ST_Contains(fence.shape, ST_Point(fixes.lon, fixes.lat))",
        "SELECT count(*) FROM place JOIN fence ON ST_Contains(fence.shape, place.point)",
    )
    found: set[int] = set()

    def theirs(query: str) -> float:
        begin = time.perf_counter()
        found.add(int(database.execute(query).fetchone()[0]))
        return time.perf_counter() - begin

    ours_s = repeat(ours)
    middle = min(sorted(repeat(partial(theirs, query)))[1] for query in queries)
    agree = all(abs(one - hits) <= 2 for one in found)
    rows = [
        Row("1 M positions x 50 geofences, all pairs", MOST_S, ours_s, "s", better="lower",
            peer=("DuckDB spatial, s", middle), note=f"{hits:,} pairs; DuckDB finds {sorted(found)}"),
        Row("share of DuckDB's time", MOST_SHARE, [one / middle for one in ours_s], "", better="lower"),
        Row("both find the same pairs", 1, float(agree), ""),
    ]  # fmt: skip
    data = f"{POSITIONS:,} random positions, {FENCES} stars of {CORNERS} corners, seed 7"
    return report(rows, data=data, peer=f"DuckDB {duckdb.__version__} with spatial, 2 threads")


if __name__ == "__main__":
    sys.exit(main())
