"""The router against a search that tries everything, and what must hold of every answer."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongqu.engines.transit import Access, Router, Timetable
from tongqu.engines.transit.checker import Checker
from tongqu.engines.transit.tests.feeds import DAY, DAYS, Trip, World, faults, oracle, packed, timetable_of, worlds
from tongqu.kit.errors import Invalid

MINUTE = 60
ends = st.tuples(st.integers(0, 2), st.integers(0, 2)).filter(lambda pair: pair[0] != pair[1])


def found(router: Router, origin: int, target: int, depart: int, transfers: int = 4, change_s: int = 120):
    base = router.timetable.day(date.fromisoformat(DAY)).base_ms
    return base, router.pareto(f"s{origin}", f"s{target}", base + depart * 1000, transfers, change_s)


@settings(max_examples=100, deadline=None)
@given(worlds(), ends, st.integers(0, 24 * 60 - 1), st.integers(0, 3), st.sampled_from((0, 60, 120)))
def test_answers_are_those_of_trying_everything(tmp_path_factory, world, pair, minute, transfers, change_s):
    base, answer = found(Router(world.timetable()), *pair, minute * 60, transfers, change_s)
    assert sorted(((one.arrival_ms - base) // 1000, one.transfers) for one in answer) == sorted(
        oracle(world, *pair, minute * 60, transfers, change_s)
    )
    assert faults(world, answer, tmp_path_factory.mktemp("feed"), change_s) == []


def triples(answer) -> set[tuple[int, int, int]]:
    return {(one.departure_ms, one.arrival_ms, one.transfers) for one in answer}


@settings(max_examples=25, deadline=None)
@given(worlds(), ends, st.integers(0, 24 * 60 - 61), st.integers(1, 60))
def test_a_window_holds_what_each_of_its_departures_would_find(world, pair, minute, width):
    router = Router(world.timetable())
    base, answer = found(router, *pair, minute * 60)
    answer = router.window(f"s{pair[0]}", f"s{pair[1]}", base + minute * 60_000, width * 60)
    singles = set()
    for step in range(width + 1):
        at = base + (minute + step) * 60_000
        for one in found(router, *pair, (minute + step) * 60)[1]:
            singles.add((at, one.arrival_ms, one.transfers))
    kept = {
        one
        for one in singles
        if not any(o != one and o[0] >= one[0] and o[1] <= one[1] and o[2] <= one[2] for o in singles)
    }
    last = base + (minute + width) * 60_000
    assert {one for one in triples(answer) if one[0] <= last} >= {one for one in kept if one[0] < last} or not kept
    for departure, arrival, transfers in triples(answer):
        assert base + minute * 60_000 <= departure <= last
        assert any(s[0] <= departure and s[1] == arrival and s[2] == transfers for s in singles)


@settings(max_examples=50, deadline=None)
@given(worlds(), ends, st.integers(0, 24 * 60 - 1))
def test_arriving_by_mirrors_departing_at(world, pair, minute):
    router = Router(world.timetable())
    _, answer = found(router, *pair, minute * 60)
    for one in answer:
        back = router.arrive_by(f"s{pair[0]}", f"s{pair[1]}", one.arrival_ms)
        if back.reason == "outside_dates":
            continue
        fitting = [other for other in back if other.transfers <= one.transfers]
        assert fitting
        latest = max(other.departure_ms for other in fitting)
        assert latest >= one.departure_ms
        again = router.pareto(f"s{pair[0]}", f"s{pair[1]}", latest)
        assert again.reason == "outside_dates" or min(other.arrival_ms for other in again) <= one.arrival_ms


@settings(max_examples=50, deadline=None)
@given(worlds(), ends, st.integers(0, 24 * 60 - 2), st.integers(1, 60))
def test_leaving_later_never_arrives_earlier(world, pair, minute, wait):
    router = Router(world.timetable())
    _, early = found(router, *pair, minute * 60)
    _, late = found(router, *pair, min(minute + wait, 24 * 60 - 1) * 60)
    for one in late:
        assert any(other.arrival_ms <= one.arrival_ms and other.transfers <= one.transfers for other in early)


@settings(max_examples=50, deadline=None)
@given(worlds(blocks=False), worlds(blocks=False), ends, st.integers(0, 24 * 60 - 1))
def test_one_more_trip_never_makes_it_worse(world, other, pair, minute):
    more = World(max(world.stops, other.stops), world.trips + other.trips[:1], world.walks)
    few = World(more.stops, world.trips, world.walks)
    _, before = found(Router(few.timetable()), *pair, minute * 60)
    _, after = found(Router(more.timetable()), *pair, minute * 60)
    for one in before:
        assert any(o.arrival_ms <= one.arrival_ms and o.transfers <= one.transfers for o in after)


def line(*calls: tuple[int, int], days=frozenset({0, 1, 2}), block: str = "") -> Trip:
    return Trip(tuple((stop, time, time, True, True) for stop, time in calls), days, block)


def test_yesterdays_trip_at_half_past_25_is_todays_at_half_past_one():
    world = World(2, (line((0, 91_800), (1, 93_000), days=frozenset({0})),))
    base, answer = found(Router(world.timetable()), 0, 1, 3600)
    assert [((one.departure_ms - base) // 1000, one.legs[0].service_day) for one in answer] == [(5400, "20261124")]


def test_a_faster_trip_that_overtakes_is_taken():
    world = World(3, (line((0, 36_000), (1, 37_000), (2, 40_000)), line((0, 36_600), (1, 36_800), (2, 37_200))))
    base, answer = found(Router(world.timetable()), 0, 2, 36_000)
    assert [((one.departure_ms - base) // 1000, (one.arrival_ms - base) // 1000) for one in answer] == [
        (36_600, 37_200)
    ]


def test_one_stays_seated_where_the_vehicle_goes_on_and_it_is_no_transfer():
    world = World(3, (line((0, 36_000), (1, 36_600), block="a"), line((1, 36_610), (2, 37_200), block="a")))
    _, answer = found(Router(world.timetable()), 0, 2, 36_000)
    assert [(one.transfers, [leg.stay_seated for leg in one.legs]) for one in answer] == [(0, [False, True])]


def test_without_the_block_the_same_change_is_too_short():
    once = frozenset({1})
    world = World(3, (line((0, 36_000), (1, 36_600), days=once), line((1, 36_610), (2, 37_200), days=once)))
    assert not found(Router(world.timetable()), 0, 2, 36_000)[1]
    assert found(Router(world.timetable()), 0, 2, 36_000, change_s=10)[1][0].transfers == 1


FREQUENT = World(2, (line((0, 3_600), (1, 4_200)),))


@pytest.mark.parametrize(("exact", "headway"), [("0", 600), ("1", 0)])
def test_a_trip_by_frequency_leaves_at_each_headway_and_says_so_where_times_are_not_exact(tmp_path, exact, headway):
    import io
    import zipfile

    feed = zipfile.ZipFile(io.BytesIO(FREQUENT.feed()))
    files = {name: feed.read(name).decode() for name in feed.namelist()}
    files["frequencies.txt"] = (
        f"trip_id,start_time,end_time,headway_secs,exact_times\nt0,08:00:00,09:00:00,600,{exact}\n"
    )
    path = tmp_path / "feed.zip"
    path.write_bytes(packed(files))
    router = Router(Timetable.from_gtfs(path, dates=DAY))
    base = router.timetable.day(date.fromisoformat(DAY)).base_ms
    seen = [router.pareto("s0", "s1", base + at * 1000) for at in (0, 28_801, 31_801)]
    leaves = [[(one.departure_ms - base) // 1000 for one in answer] for answer in seen]
    assert leaves == [[28_800], [29_400], [28_800 + 86_400]]
    assert seen[0][0].legs[0].headway_s == headway
    checker = Checker([path])
    assert [checker.check(one) for answer in seen for one in answer] == [[], [], []]


def test_on_the_day_clocks_change_times_count_from_noon_minus_twelve_hours(tmp_path):
    """Europe/Berlin, 2026-10-25: clocks go back at 3:00, so noon minus 12 h is 1:00 summer time."""
    trip = line((0, 9 * 3600), (1, 10 * 3600))
    path = tmp_path / "feed.zip"
    path.write_bytes(World(2, (trip,)).feed("Europe/Berlin", ("20261024", "20261025", "20261026")))
    router = Router(Timetable.from_gtfs(path, dates=["2026-10-24", "2026-10-26"]))
    for day, hours in (("2026-10-24", "+02:00"), ("2026-10-25", "+01:00"), ("2026-10-26", "+01:00")):
        answer = router.pareto("s0", "s1", f"{day} 03:30")
        assert [one.departure.isoformat() for one in answer] == [f"{day}T09:00:00{hours}"]
        assert Checker([path]).check(answer[0]) == []
    night = router.pareto("s0", "s1", "2026-10-24 23:30")[0]
    assert night.departure.isoformat() == "2026-10-25T09:00:00+01:00"


def test_where_there_is_no_answer_it_says_why():
    world = World(4, (line((0, 36_000), (1, 36_600)), line((2, 36_000), (3, 36_600))))
    router = Router(world.timetable())
    assert router.pareto("s0", "s3", f"{DAY} 08:00").reason == "no_connection"
    assert router.pareto("s1", "s0", f"{DAY} 08:00").reason == "not_served"
    assert router.pareto("s0", "s0", f"{DAY} 08:00").reason == "same_place"
    assert router.pareto("s0", "s1", "2027-01-01 08:00").reason == "outside_dates"
    once = World(2, (line((0, 36_000), (1, 36_600), days=frozenset({1})),))
    assert Router(once.timetable()).pareto("s0", "s1", f"{DAY} 12:00").reason == "no_service_after"
    with pytest.raises(Invalid, match=r"transit\.no_such_stop"):
        router.pareto("nowhere", "s1", f"{DAY} 08:00")
    with pytest.raises(Invalid, match=r"transit\.out_of_range"):
        router.pareto("s0", "s1", f"{DAY} 08:00", max_transfers=13)


def test_one_to_all_agrees_with_single_searches_and_percentiles_with_it():
    world = World(
        4, (line((0, 36_000), (1, 36_600), (2, 37_200)), line((2, 37_500), (3, 38_000)), line((0, 36_300), (3, 40_000)))
    )
    router = Router(world.timetable())
    seconds = router.one_to_all([Access(0, 60)], f"{DAY} 09:59")
    assert seconds.tolist() == [60, 660, 1_260, 2_060]
    table = router.all_within([Access(0, 60)], f"{DAY} 09:56", window_s=240, percentiles=(50, 100))
    assert table.tolist() == [[60, 780, 1_380, 2_180], [60, 840, 1_440, 2_240]]


def test_rules_of_transfers_are_kept(tmp_path):
    import io
    import zipfile

    world = World(
        4,
        (
            line((0, 36_000), (1, 36_600)),
            line((1, 36_700), (3, 37_300)),
            line((1, 37_000), (3, 37_900)),
            line((2, 36_900), (3, 37_100)),
        ),
    )
    feed = zipfile.ZipFile(io.BytesIO(world.feed()))
    files = {name: feed.read(name).decode() for name in feed.namelist()}
    head = "from_stop_id,to_stop_id,transfer_type,min_transfer_time\n"

    def arrives(rules: str) -> list[int]:
        path = tmp_path / "feed.zip"
        path.write_bytes(packed(files | {"transfers.txt": head + rules}))
        router = Router(Timetable.from_gtfs(path, dates=DAY))
        at = router.timetable.day(date.fromisoformat(DAY)).base_ms
        answer = router.pareto("s0", "s3", at + 36_000_000)
        assert all(Checker([path]).check(one) == [] for one in answer)
        return [(one.arrival_ms - at) // 1000 for one in answer if one.arrival_ms < at + 86_400_000]

    assert arrives("") == [37_900]
    assert arrives("s1,s1,2,100\n") == [37_300]
    assert arrives("s1,s1,1,\n") == [37_300]
    assert arrives("s1,s1,3,\n") == []
    assert arrives("s1,s2,2,300\n") == [37_100]
    assert arrives("s1,s2,2,301\n") == [37_900]


def test_a_compiled_network_is_read_from_its_cache(tmp_path):
    path = tmp_path / "feed.zip"
    path.write_bytes(World(3, (line((0, 36_000), (1, 36_600), (2, 37_000)),)).feed())
    made = Timetable.from_gtfs(path, dates=DAY, cache=tmp_path / "kept")
    kept = list((tmp_path / "kept").iterdir())
    assert len(kept) == 1
    content = kept[0].stat().st_ino
    again = Timetable.from_gtfs(path, dates=DAY, cache=tmp_path / "kept")
    assert kept[0].stat().st_ino == content  # not written again
    for timetable in (made, again):
        assert len(Router(timetable).pareto("s0", "s2", f"{DAY} 09:00")) == 1
    assert again.network.stops == made.network.stops
    assert timetable_of(path.read_bytes()).network.stops == made.network.stops
    assert DAYS


def test_of_many_networks_those_used_last_are_kept(tmp_path):
    kept = tmp_path / "kept"
    for minute in range(12):
        path = tmp_path / f"feed{minute}.zip"
        path.write_bytes(World(3, (line((0, 36_000 + 60 * minute), (1, 36_600 + 60 * minute)),)).feed())
        Timetable.from_gtfs(path, dates=DAY, cache=kept)
        if minute == 0:
            (first,) = kept.iterdir()
        else:
            Timetable.from_gtfs(tmp_path / "feed0.zip", dates=DAY, cache=kept)
    assert len(list(kept.iterdir())) == 8
    assert first.exists()


def test_warming_up_says_what_it_does_in_both_languages():
    from tongqu.engines.transit import warm_up
    from tongqu.kit.text import has

    said: list[str] = []
    warm_up(said.append)
    assert said[-1] == "transit.warm_up.done"
    assert all(has(key) for key in said)
