"""The journey planner against the best engine to be had: equal answers, and how long they take.

Neutral for both: Porto Alegre's bus feed with its empty times written out and floored to the minute, stop names made
unique, no links by distance, exact match of stops, 120 s to change, at most 4 transfers, the same three service days.
1,000 pairs of stops with at least 20 departures on the day, departures even over 5:00-23:00, seed below. What the peer
calls departure is the moment that was asked for, and so it is compared. Needs the test data; `--quick` for 200 queries.
"""

from __future__ import annotations

import csv
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import peers
from bench import Row, report

from tongqu.engines.transit import (
    Access,
    Beeline,
    CallChange,
    FootTransfers,
    Router,
    Snapshot,
    Timetable,
    TripChange,
    raptor,
)
from tongqu.engines.transit.foot import near
from tongqu.protocols import gtfs

SEED = 20190513
DAY = date(2019, 5, 13)
CHANGE_S = 120
TRANSFERS = 4
QUERIES = 200 if "--quick" in sys.argv else 1_000
DATA = Path(os.environ.get("TONGQU_TEST_DATA", peers.ROOT.parent / "shared" / "data")) / "travel" / "poa"
PEER = "pynigiri==0.1.5"

Query = tuple[str, str, int]


@dataclass(frozen=True)
class Peer:
    """What the peer answered."""

    load_s: float
    taken_s: list[float]
    found: list[list[list[int]]]


def neutral_feed(target: Path, walks: FootTransfers | None) -> None:
    """The bus feed with times to the minute and unique names; with walks as transfers.txt where they are given."""
    plan = gtfs.schedule(gtfs.read(DATA / "poa_eptc.zip"))
    with zipfile.ZipFile(DATA / "poa_eptc.zip") as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name in ("agency.txt", "calendar.txt", "calendar_dates.txt", "routes.txt", "trips.txt"):
            out.writestr(name, source.read(name))
        stops = [[s, f"S{i}", plan.stop_lat[i], plan.stop_lon[i]] for i, s in enumerate(plan.stops)]
        out.writestr("stops.txt", written(["stop_id", "stop_name", "stop_lat", "stop_lon"], stops))
        rows = []
        for trip, name in enumerate(plan.trips):
            for call in range(*plan.calls(trip).indices(len(plan.call_stop))):
                times = [
                    gtfs.format_time(int(t[call]) // 60 * 60) for t in (plan.call_arrival_s, plan.call_departure_s)
                ]
                rows.append([name, *times, plan.stops[plan.call_stop[call]], int(plan.call_sequence[call])])
        head = ["trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence"]
        out.writestr("stop_times.txt", written(head, rows))
        if walks is not None:
            arcs = zip(walks.start().tolist(), walks.to.tolist(), walks.seconds.tolist(), strict=True)
            transfers = [[plan.stops[a], plan.stops[b], 2, seconds] for a, b, seconds in arcs]
            transfers += [[stop, stop, 2, CHANGE_S] for stop in plan.stops]
            head = ["from_stop_id", "to_stop_id", "transfer_type", "min_transfer_time"]
            out.writestr("transfers.txt", written(head, transfers))


def written(head: list[str], rows: list[list[object]]) -> str:
    """CSV."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(head)
    writer.writerows(rows)
    return buffer.getvalue()


def closed_walks() -> FootTransfers:
    """Walks of whole minutes between stops within 100 m, closed: where one walks a to b and b to c, one walks a to c.

    The peer closes its walks and rounds them up to minutes of at least two; walks that are so already stay as they are.
    """
    plan = gtfs.schedule(gtfs.read(DATA / "poa_eptc.zip"))
    a, b, metres = near(plan.stop_lon, plan.stop_lat, 100.0)
    arcs: dict[int, dict[int, int]] = {}
    for x, y, m in zip(a.tolist(), b.tolist(), metres.tolist(), strict=True):
        arcs.setdefault(x, {})[y] = max(2, int(np.ceil(m / 1.5 / 60))) * 60
    rows = []
    for start in arcs:
        best, left = {start: 0}, [(0, start)]
        while left:
            left.sort(reverse=True)
            seconds, node = left.pop()
            for other, extra in arcs.get(node, {}).items():
                if seconds + extra < best.get(other, 1 << 30):
                    best[other] = seconds + extra
                    left.append((seconds + extra, other))
        rows += [(start, other, seconds) for other, seconds in best.items() if other != start]
    columns = [np.array([row[i] for row in rows], np.int32) for i in range(3)]
    return FootTransfers.of(len(plan.stops), *columns)


def queries(timetable: Timetable) -> list[Query]:
    """Pairs of stops with at least 20 departures on the day, and the minute (since 1970) of departure."""
    network = timetable.network
    runs = network.runs
    departures = np.zeros(len(network.stops), dtype=np.int64)
    for run in np.flatnonzero(network.service_days[1][runs.service]):
        first, last = runs.pattern_first[runs.pattern[run]], runs.pattern_first[runs.pattern[run] + 1]
        departures[runs.pattern_stop[first : last - 1]] += 1
    random = np.random.default_rng(SEED)
    busy = np.flatnonzero(departures >= 20)
    base = timetable.day(DAY).base_ms // 60_000
    pairs = zip(random.choice(busy, QUERIES), random.choice(busy, QUERIES), strict=True)
    minutes = random.integers(5 * 60, 23 * 60, QUERIES)
    return [
        (network.stops[a], network.stops[b], int(base + m)) for (a, b), m in zip(pairs, minutes.tolist(), strict=True)
    ]


def ask_peer(feed: Path, asked: list[Query], folder: Path) -> Peer:
    """Run the peer over the queries in its own environment."""
    python = peers.environment(PEER)
    (folder / "queries.json").write_text(json.dumps(asked))
    subprocess.run(
        [python, str(Path(__file__).with_name("transit_peer.py")), str(feed), str(DAY - timedelta(days=1)),
         str(DAY + timedelta(days=2)), str(folder / "queries.json"), str(folder / "answers.json")],
        check=True, capture_output=True,
    )  # fmt: skip
    return Peer(**json.loads((folder / "answers.json").read_text()))


def equal_answers(router: Router, asked: list[Query], peer: Peer) -> tuple[int, int]:
    """How many Pareto sets are equal to the peer's, and how many are not empty.

    A ride that arrives no sooner than walking straight there is left out: the peer offers none, ours leaves the choice
    to whoever shows the walk beside it.
    """
    equal = filled = 0
    foot, stop = router.timetable.network.foot, router.timetable.stop
    for (origin, destination, minute), theirs in zip(asked, peer.found, strict=True):
        arcs = slice(int(foot.first[stop(origin)]), int(foot.first[stop(origin) + 1]))
        on_foot = foot.seconds[arcs][foot.to[arcs] == stop(destination)]
        walked = minute + int(on_foot.min()) // 60 if len(on_foot) else 1 << 40
        answer = router.pareto(origin, destination, minute * 60_000, TRANSFERS, CHANGE_S)
        arrivals = [(one.arrival_ms // 60_000, one.transfers) for one in answer]
        ours = sorted([minute, arrival, transfers] for arrival, transfers in arrivals if arrival < walked)
        equal += ours == sorted(theirs)
        filled += bool(theirs)
    return equal, filled


def core_times(router: Router, asked: list[Query]) -> list[float]:
    """Seconds of the compiled search alone for each query."""
    timetable = router.timetable
    day = timetable.day(DAY)
    layout = router.day(DAY).forward
    room = router._room(layout, TRANSFERS + 1)
    bounds = router._bounds.table
    zero = np.zeros(1, dtype=np.int32)
    taken = []
    for origin, destination, minute in asked:
        _, ends = router._ends(origin, destination)
        source = np.array([timetable.stop(origin)], dtype=np.int32)
        targets, target_s = (np.array([getattr(end, name) for end in ends], np.int32) for name in ("stop", "seconds"))
        start = minute * 60 - day.base_ms // 1000
        begin = time.perf_counter()
        raptor.pareto(
            layout.data, layout.at, bounds, room.work, source, zero, start, targets, target_s, TRANSFERS + 1, CHANGE_S,
            room.journeys, room.legs,
        )  # fmt: skip
        taken.append(time.perf_counter() - begin)
    return taken


def timed(calls: list[Callable[[], object]]) -> list[float]:
    """Seconds of each call."""
    taken = []
    for call in calls:
        begin = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begin)
    return taken


def compared(name: str, walks: FootTransfers | None, folder: Path) -> list[Row]:
    """Equality with the peer and time beside it, without or with walks."""
    feed = folder / f"{'walks' if walks else 'plain'}.zip"
    neutral_feed(feed, walks)
    timetable = Timetable.from_gtfs(feed, dates=DAY)
    router = Router(timetable)
    router.warm_up()
    asked = queries(timetable)
    peer = ask_peer(feed, asked, folder)
    equal, filled = equal_answers(router, asked, peer)
    assert filled >= 0.9 * len(asked), f"only {filled} of {len(asked)} queries have an answer"
    core = [core_times(router, asked) for _ in range(3)]
    whole = timed([lambda o=o, d=d, m=m: router.pareto(o, d, m * 60_000, TRANSFERS, CHANGE_S) for o, d, m in asked])
    theirs = statistics.median(peer.taken_s) * 1e3
    medians = [statistics.median(run) * 1e3 for run in core]
    p95 = [float(np.percentile(run, 95)) * 1e3 for run in core]
    return [
        Row(f"{name}: Pareto sets equal to the peer's", len(asked), equal, f"of {len(asked)}",
            note=f"{filled} of {len(asked)} are not empty"),
        Row(f"{name}: search, median", 0.3, medians, "ms", "lower", ("pynigiri", theirs)),
        Row(f"{name}: search, median against the peer's", 0.4, [m / theirs for m in medians], "of the peer's", "lower"),
        Row(f"{name}: search, 95th percentile", 5.0, p95, "ms", "lower",
            ("pynigiri", float(np.percentile(peer.taken_s, 95)) * 1e3)),
        Row(f"{name}: pareto() with its itineraries, median", None, statistics.median(whole) * 1e3, "ms", "lower"),
    ]  # fmt: skip


def live_rows(timetable: Timetable, router: Router, asked: list[Query]) -> list[Row]:
    """A third of the day's trips late or cancelled: what a query on the snapshot takes against one on the plan."""
    network = timetable.network
    random = np.random.default_rng(SEED)
    today = network.service_days[1]
    trips = [t for t in range(len(network.trips)) if today[network.runs.service[timetable.runs_of(t)[0]]]]
    changes = []
    for trip in random.choice(trips, len(trips) // 3, replace=False).tolist():
        late = CallChange(sequence=int(random.integers(2, 15)), departure_delay_s=60 * int(random.integers(1, 15)))
        gone = bool(random.random() < 0.05)
        changes.append(TripChange(network.trips[trip], DAY, cancelled=gone, calls=() if gone else (late,)))
    begin = time.perf_counter()
    snapshot = Snapshot.of(timetable, changes)
    snapshot.day(DAY)
    swap_ms = (time.perf_counter() - begin) * 1e3
    live = Router(timetable, snapshot)
    live.warm_up([DAY])
    ratios = []
    for _ in range(3):
        planned, changed = statistics.median(core_times(router, asked)), statistics.median(core_times(live, asked))
        ratios.append(changed / planned)
    note = f"{snapshot.delayed} trips late, {snapshot.cancelled} cancelled; the snapshot took {swap_ms:.0f} ms"
    return [Row("search on a real-time snapshot against the plan", 1.2, ratios, "of the plan's", "lower", note=note)]


def own_rows(folder: Path) -> list[Row]:
    """Window, one to all, load times: without a peer."""
    feeds = [DATA / "poa_eptc.zip", DATA / "poa_trensurb.zip"]
    begin = time.perf_counter()
    timetable = Timetable.from_gtfs(feeds, dates=DAY, streets=streets(), cache=folder / "cache")
    cold = time.perf_counter() - begin
    begin = time.perf_counter()
    timetable = Timetable.from_gtfs(feeds, dates=DAY, streets=streets(), cache=folder / "cache")
    timetable.prepare([DAY])
    warm = time.perf_counter() - begin
    router = Router(timetable)
    router.warm_up([DAY])
    plain = Timetable.from_gtfs(feeds[0], dates=DAY)
    plain_router = Router(plain)
    plain_router.warm_up()
    asked = queries(plain)[:300]
    asked = [(o, d, m) for o, d, m in asked if plain_router.window(o, d, m * 60_000, 3_600, TRANSFERS, CHANGE_S)]
    window = timed(
        [lambda o=o, d=d, m=m: plain_router.window(o, d, m * 60_000, 3_600, TRANSFERS, CHANGE_S) for o, d, m in asked]
    )
    everywhere = [all_origins(router, timetable) for _ in range(3)]
    return [
        *live_rows(plain, plain_router, asked),
        Row("60-departure window, median", 20.0, statistics.median(window) * 1e3, "ms", "lower",
            note=f"95th percentile {np.percentile(window, 95) * 1e3:.1f} ms, itineraries included; "
            f"over the {len(asked)} of {min(QUERIES, 300)} that are not empty"),
        Row("one to all, 1,227 origins, one departure", 5.0, everywhere, "s", "lower",
            note="from the centres of the hexagons, walks of up to 10 min as the crow flies to the stops, two threads"),
        Row("both feeds and streets, cold", 20.0, cold, "s", "lower"),
        Row("both feeds and streets, from the cache", 2.0, warm, "s", "lower"),
    ]  # fmt: skip


def streets() -> object:
    """The street engine over the city's extract; the beeline where it is not there."""
    try:
        from tongqu.engines.streets import Streets
    except ImportError:
        return Beeline()
    return Streets.from_osm(DATA / "poa_osm.pbf", cache_folder=peers.ROOT / ".tongqu" / "bench-streets")


def all_origins(router: Router, timetable: Timetable) -> float:
    """Seconds for one departure from each hexagon to all stops."""
    with (DATA / "poa_hexgrid.csv").open(encoding="utf-8") as lines:
        grid = [(float(row["lon"]), float(row["lat"])) for row in csv.DictReader(lines)]
    network = timetable.network
    count = len(network.stops)
    lon = np.r_[network.stop_lon, [x for x, _ in grid]]
    lat = np.r_[network.stop_lat, [y for _, y in grid]]
    start, to, metres = near(lon, lat, 600.0)
    access: list[list[Access]] = [[] for _ in grid]
    for a, b, m in zip(start.tolist(), to.tolist(), metres.tolist(), strict=True):
        if a >= count > b:
            access[a - count].append(Access(b, int(m)))
    leave = timetable.day(DAY).base_ms + 8 * 3_600_000
    begin = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda own: router.one_to_all(own, leave, TRANSFERS, CHANGE_S), access))
    return time.perf_counter() - begin


def main() -> int:
    if not DATA.is_dir():
        print(f"not run: {DATA} is not there")
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows: list[Row] = []
        try:
            rows += compared("stops only", None, folder)
            rows += compared("with transfers.txt", closed_walks(), folder)
        except peers.NotToBeHad as error:
            print(f"peer not to be had: {error}")
        rows += own_rows(folder)
    return report(rows, data=f"Porto Alegre's feeds, {QUERIES} queries, seed {SEED}", peer=PEER)


if __name__ == "__main__":
    sys.exit(main())
