"""Small feeds made in memory, and a plain search that tries everything: the oracle of the router."""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import strategies as st

from tongqu.engines.transit import FootTransfers, Itinerary, Timetable
from tongqu.engines.transit.checker import Checker
from tongqu.engines.transit.compile import compiled, span_of
from tongqu.protocols import gtfs

DAY = "2026-11-25"
DAYS = ("20261124", "20261125", "20261126")


@dataclass(frozen=True)
class Trip:
    """Calls are (stop, arrival, departure, may board, may alight), seconds of the service day."""

    calls: tuple[tuple[int, int, int, bool, bool], ...]
    days: frozenset[int] = frozenset({0, 1, 2})
    block: str = ""


@dataclass(frozen=True)
class World:
    """A network small enough to try everything."""

    stops: int
    trips: tuple[Trip, ...]
    walks: dict[tuple[int, int], int] = field(default_factory=dict)

    def feed(self, zone: str = "Asia/Shanghai", days: Sequence[str] = DAYS) -> bytes:
        """The world as a GTFS zip."""
        files = {
            "agency.txt": f"agency_id,agency_name,agency_url,agency_timezone\nA,A,https://a.cn,{zone}\n",
            "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\n"
            + "".join(f"s{i},S{i},{30 + i / 50},{120 + (i * 7 % 5) / 50}\n" for i in range(self.stops)),
            "routes.txt": "route_id,agency_id,route_short_name,route_type\nR,A,1,3\n",
            "trips.txt": "route_id,service_id,trip_id,block_id\n"
            + "".join(f"R,v{i},t{i},{trip.block}\n" for i, trip in enumerate(self.trips)),
            "calendar_dates.txt": "service_id,date,exception_type\n"
            + "".join(f"v{i},{days[d]},1\n" for i, trip in enumerate(self.trips) for d in sorted(trip.days)),
            "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,drop_off_type\n"
            + "".join(
                f"t{i},{gtfs.format_time(a)},{gtfs.format_time(d)},s{s},{n},{int(not board)},{int(not alight)}\n"
                for i, trip in enumerate(self.trips)
                for n, (s, a, d, board, alight) in enumerate(trip.calls)
            ),
        }
        return packed(files)

    def foot(self) -> FootTransfers:
        import numpy as np

        pairs = list(self.walks)
        a, b = (np.array([pair[i] for pair in pairs], dtype=np.int32) for i in range(2))
        return FootTransfers.of(self.stops, a, b, np.array(list(self.walks.values()), dtype=np.int32))

    def timetable(self) -> Timetable:
        return timetable_of(self.feed(), self.foot())


def packed(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def timetable_of(feed: bytes, foot: FootTransfers | None = None, days: object = DAY) -> Timetable:
    return Timetable(compiled([gtfs.schedule(gtfs.read(feed))], span_of(days), foot))


@st.composite
def worlds(draw: st.DrawFn, blocks: bool = True) -> World:
    """Up to seven stops and ten trips over three days, with walks, boarding forbidden, and vehicles that go on."""
    stops = draw(st.integers(3, 7))
    trips = []
    routes = draw(st.lists(st.lists(st.integers(0, stops - 1), min_size=2, max_size=5), min_size=1, max_size=4))
    for _ in range(draw(st.integers(1, 10))):
        route = draw(st.sampled_from(routes))
        clock = draw(st.integers(0, 26 * 60)) * 60
        calls = []
        for stop in route:
            dwell = draw(st.sampled_from((0, 0, 60, 180)))
            board, alight = draw(st.sampled_from(((True, True),) * 6 + ((False, True), (True, False))))
            calls.append((stop, clock, clock + dwell, board, alight))
            clock += dwell + draw(st.integers(0, 20)) * 60
        days = draw(st.sampled_from((frozenset({0, 1, 2}), frozenset({1}), frozenset({0}), frozenset({1, 2}))))
        block = draw(st.sampled_from(("", "", "", "a", "b"))) if blocks else ""
        trips.append(Trip(tuple(calls), days, block))
    pairs = draw(st.lists(st.tuples(st.integers(0, stops - 1), st.integers(0, stops - 1)), max_size=5, unique=True))
    walks = {(a, b): draw(st.integers(1, 15)) * 60 for a, b in pairs if a != b}
    return World(stops, tuple(trips), walks)


def oracle(world: World, origin: int, target: int, depart: int, transfers: int, change_s: int) -> list[tuple[int, int]]:
    """(arrival, transfers) by trying every trip from every stop in every round, without patterns, order or bounds."""
    chains = _chains(world)
    ready = {origin: depart}
    best = 1 << 40
    found = []
    for rides in range(1, transfers + 2):
        arrivals: dict[int, int] = {}
        for chain in chains:
            for at, (stop, _, leave, board, _, part) in enumerate(chain):
                if not board or ready.get(stop, 1 << 40) > leave or _last(chain, at):
                    continue
                for other, arrive, _, _, alight, own in chain[at + 1 :]:
                    carried_over = own != part and _first(chain, other, arrive, own)
                    if alight and not carried_over:
                        arrivals[other] = min(arrivals.get(other, 1 << 40), arrive)
        ready = {}
        for stop, time in arrivals.items():
            ready[stop] = min(ready.get(stop, 1 << 40), time + change_s)
        goal = arrivals.get(target, 1 << 40)
        for (a, b), seconds in world.walks.items():
            if a in arrivals:
                ready[b] = min(ready.get(b, 1 << 40), arrivals[a] + seconds)
                if b == target:
                    goal = min(goal, arrivals[a] + seconds)
        if goal < best:
            best = goal
            found.append((goal, rides - 1))
    return found


def oracle_walking(
    world: World, origin: int, target: int, depart: int, transfers: int, change_s: int
) -> set[tuple[int, int, int]]:
    """(arrival, transfers, seconds walked) that none beats, by trying every trip from every way to be at its stops."""
    chains = _chains(world)
    ready: dict[int, set[tuple[int, int]]] = {origin: {(depart, 0)}}
    found: set[tuple[int, int, int]] = set()
    for rides in range(transfers + 1):
        arrived: dict[int, set[tuple[int, int]]] = {}
        for chain in chains:
            for at, (stop, _, leave, board, _, part) in enumerate(chain):
                if not board or _last(chain, at):
                    continue
                walked = {walk for time, walk in ready.get(stop, ()) if time <= leave}
                for other, arrive, _, _, alight, own in chain[at + 1 :]:
                    if alight and not (own != part and _first(chain, other, arrive, own)):
                        arrived.setdefault(other, set()).update((arrive, walk) for walk in walked)
        ready = {stop: {(time + change_s, walk) for time, walk in ways} for stop, ways in arrived.items()}
        found |= {(time, rides, walk) for time, walk in arrived.get(target, ())}
        for (a, b), seconds in world.walks.items():
            after = {(time + seconds, walk + seconds) for time, walk in arrived.get(a, ())}
            ready.setdefault(b, set()).update(after)
            found |= {(time, rides, walk) for time, walk in after if b == target}
    return {one for one in found if not beaten(one, found)}


def faults(world: World, answer: Iterable[Itinerary], folder: Path, change_s: int) -> list[str]:
    """What the independent checker finds; a journey of a moment is none here."""
    path = folder / "feed.zip"
    path.write_bytes(world.feed())
    names = {(f"s{a}", f"s{b}"): seconds for (a, b), seconds in world.walks.items()}
    checker = Checker([path], walk=lambda a, b: names.get((a, b)), change_s=change_s)
    return [wrong for one in answer for wrong in checker.check(one) if not wrong.startswith("duration")]


def beaten(one: tuple[int, ...], others: set[tuple[int, ...]]) -> bool:
    """Whether another is as good in everything and better in something; less is better."""
    return any(o != one and all(x <= y for x, y in zip(o, one, strict=True)) for o in others)


Call = tuple[int, int, int, bool, bool, int]


def _chains(world: World) -> list[list[Call]]:
    """Calls of each vehicle from each trip on through the trips that it goes on as, on the clock of the middle day."""
    out = []
    for day in range(3):
        shift = (day - 1) * 86_400
        running = [i for i, trip in enumerate(world.trips) if day in trip.days]
        following: dict[int, int] = {}
        for block in {world.trips[i].block for i in running} - {""}:
            own = [i for i in running if world.trips[i].block == block]
            own.sort(key=lambda i: (world.trips[i].calls[0][2], world.trips[i].calls[-1][1]))
            for a, b in itertools.pairwise(own):
                end, begin = world.trips[a].calls[-1], world.trips[b].calls[0]
                if end[1] <= begin[2] and end[0] == begin[0]:
                    following[a] = b
        for start in running:
            chain: list[Call] = []
            trip: int | None = start
            part = 0
            while trip is not None:
                calls = world.trips[trip].calls
                chain += [(s, a + shift, d + shift, p, q, part) for s, a, d, p, q in calls]
                trip, part = following.get(trip), part + 1
            size = len(world.trips[start].calls)
            out.append([(*call[:3], call[3] and index < size, *call[4:]) for index, call in enumerate(chain)])
    return out


def _last(chain: list[Call], at: int) -> bool:
    """Nobody boards at the last call of a trip: what follows is boarded at the first call of the next."""
    return at + 1 == len(chain) or chain[at + 1][5] != chain[at][5]


def _first(chain: list[Call], stop: int, arrive: int, part: int) -> bool:
    """The first call of a trip repeats the last of the one before."""
    first = next(call for call in chain if call[5] == part)
    return first[0] == stop and first[1] == arrive and first is next(c for c in chain if c[5] == part and c[0] == stop)
