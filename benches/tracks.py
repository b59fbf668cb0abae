"""Speed, stops and trips of 1 M fixes, beside MovingPandas in the same run.

The peer runs on a part of the same fixes (whole tracks), for a million would take it minutes; its time is scaled by the
number of fixes, which favours it: it grows faster than that. Both get arrays in memory and give speed for each fix, and
stops within 100 m for two minutes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import peers
from bench import Row, repeat, report

from tongqu.engines.tracks import find_stops, find_trips, measure, pack

VEHICLES, EACH = 5_000, 200
PEER_VEHICLES = 50
DIAMETER_M, DURATION_S, GAP_S = 100.0, 120.0, 600.0
RATIO = 50.0
PEER = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
import geopandas, movingpandas, numpy, pandas
from datetime import timedelta
held = numpy.load(sys.argv[1])
begin = time.perf_counter()
frame = pandas.DataFrame({"thing": held["thing"], "t": pandas.to_datetime(held["time_ms"], unit="ms")})
frame = geopandas.GeoDataFrame(frame, geometry=geopandas.points_from_xy(held["lon"], held["lat"]), crs=4326)
tracks = movingpandas.TrajectoryCollection(frame.set_index("t"), "thing")
built = time.perf_counter()
tracks.add_speed(overwrite=True)
speed = time.perf_counter()
stops = movingpandas.TrajectoryStopDetector(tracks).get_stop_segments(
    max_diameter=float(sys.argv[2]), min_duration=timedelta(seconds=float(sys.argv[3])))
ended = time.perf_counter()
print(json.dumps({"build": built - begin, "speed": speed - built, "stops": ended - speed, "found": len(stops),
                  "version": movingpandas.__version__}))
"""


def fixes_of(seed: int = 7) -> dict[str, np.ndarray]:
    """Vehicles that drive for a while and stand for a while, one fix in 30 s."""
    random = np.random.default_rng(seed)
    phase = random.integers(0, 60, (VEHICLES, 1))
    standing = ((np.arange(EACH) + phase) // 20) % 3 == 0
    step = np.where(standing, 2e-6, 3e-3)
    heading = np.cumsum(random.normal(0, 0.2, (VEHICLES, EACH)), axis=1)
    lon = random.uniform(117, 121, (VEHICLES, 1)) + np.cumsum(step * np.cos(heading), axis=1)
    lat = random.uniform(29, 32, (VEHICLES, 1)) + np.cumsum(step * np.sin(heading), axis=1)
    time_ms = 1_764_000_000_000 + np.arange(EACH) * 30_000 + random.integers(0, 5_000, (VEHICLES, EACH))
    thing = np.broadcast_to(np.arange(VEHICLES)[:, None], (VEHICLES, EACH))
    return {name: np.ascontiguousarray(value).ravel() for name, value in
            (("thing", thing), ("time_ms", time_ms), ("lon", lon), ("lat", lat))}  # fmt: skip


def ours(held: dict[str, np.ndarray]) -> tuple[float, int, int]:
    """Seconds for everything, from arrays as they come to ways, stops and trips; how many stops and trips."""
    begin = time.perf_counter()
    fixes = pack(held["thing"], held["time_ms"], held["lon"], held["lat"])
    ways = measure(fixes)
    stops = find_stops(fixes, diameter_m=DIAMETER_M, duration_s=DURATION_S)
    trips = find_trips(fixes, ways, stops, gap_s=GAP_S)
    return time.perf_counter() - begin, len(stops), len(trips)


def theirs(held: dict[str, np.ndarray]) -> dict[str, float] | str:
    """Seconds of the peer for some whole tracks, by step; or why it is not to be had."""
    try:
        python = peers.environment("movingpandas==0.23.0", "geopandas==1.1.4", "pandas<3", "shapely==2.1.2")
    except peers.NotToBeHad as error:
        return str(error)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fixes.npz"
        some = held["thing"] < PEER_VEHICLES
        np.savez(path, **{name: value[some] for name, value in held.items()})
        command = [python, "-c", PEER, str(path), str(DIAMETER_M), str(DURATION_S)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return done.stderr.strip()[-300:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> int:
    held = fixes_of()
    count = len(held["thing"])
    shuffled = np.random.default_rng(1).permutation(count)
    mixed = {name: value[shuffled] for name, value in held.items()}
    ours({name: value[:1000] for name, value in held.items()})  # compiled before the clock runs
    sorted_s = repeat(lambda: ours(held)[0])
    mixed_s = repeat(lambda: ours(mixed)[0])
    _, stops, trips = ours(held)
    peer = theirs(held)
    rows = [
        Row("speed, stops and trips of 1 M sorted fixes", None, sorted_s, "s", better="lower"),
        Row("the same in mixed order", None, mixed_s, "s", better="lower", note=f"{stops:,} stops, {trips:,} trips"),
    ]
    name = "none to be had on this machine"
    if isinstance(peer, dict):
        scale = VEHICLES / PEER_VEHICLES
        all_s = (peer["build"] + peer["speed"] + peer["stops"]) * scale
        name = f"MovingPandas {peer['version']}: {PEER_VEHICLES * EACH:,} of the fixes, its time times {scale:.0f}"
        ratio = [all_s / one for one in sorted_s]
        said = f"build {peer['build']:.2f} s, speed {peer['speed']:.2f} s, stops {peer['stops']:.2f} s"
        note = f"it: {said} for {PEER_VEHICLES * EACH:,} fixes, {peer['found']} stops"
        row = Row("times faster than MovingPandas", RATIO, ratio, "x", peer=("MovingPandas, s", all_s), note=note)
        rows.insert(0, row)
    else:
        rows[0] = Row(rows[0].name, None, sorted_s, "s", better="lower", note=f"no peer: {peer}")
    return report(rows, data=f"{count:,} made fixes of {VEHICLES:,} vehicles, one in 30 s, seed 7", peer=name)


if __name__ == "__main__":
    sys.exit(main())
