"""Coverage: each figure equals what plain Python makes of the stops and settlements, and the map shows the same."""

from __future__ import annotations

import math
from typing import Any

import pytest
import shapely

from tongqu.domains.travel import coverage, jobs
from tongqu.domains.travel.indicators import INDICATORS, PROJECTIONS, settlements
from tongqu.domains.travel.layers import COVERAGE
from tongqu.domains.travel.module import MODULE as TRAVEL
from tongqu.domains.travel.store import places
from tongqu.domains.travel.tests.conftest import CHIEF, SMALL
from tongqu.kernel import layers as drawing
from tongqu.kernel.geo import check as shaped
from tongqu.kernel.indicators.findings import problem_of
from tongqu.kernel.indicators.service import Asked
from tongqu.kernel.indicators.tests.observatory import Observatory
from tongqu.kernel.indicators.windows import window_at
from tongqu.kernel.layers import Feature
from tongqu.kernel.layers.base import PLACES
from tongqu.kernel.layers.module import MODULE as LAYERS
from tongqu.kernel.module import Module
from tongqu.kernel.rulebooks import value_of
from tongqu.kernel.store import migrate, system_actor
from tongqu.kernel.telemetry.tests.house import NOON
from tongqu.kit import text
from tongqu.kit.time import DAY_MS

STOPS = [("人民广场", 120.60, 27.90, 12), ("望汀港", 120.62, 27.92, 7), ("无车站", 120.80, 27.90, 0)]
TOWNS = [
    ("t1", "town", "990201", 120.605, 27.905),
    ("t2", "town", "990201", 120.801, 27.901),
    ("t3", "county", "990202", 120.62, 27.937),
    ("t4", "city", "990202", 120.62, 27.94),
    ("port", "port", "990202", 121.50, 27.94),
]
"""Near the first stop; near a stop that nothing leaves from; 1.9 km and 2.2 km from the second; no settlement."""
(SERVED,) = INDICATORS


def apart_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Haversine on the mean sphere: another formula than the one under test."""
    (lon1, lat1), (lon2, lat2) = ((math.radians(x), math.radians(y)) for x, y in (a, b))
    h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * 6_371_009 * math.asin(math.sqrt(h))


def near(town: tuple[Any, ...]) -> float:
    return min(apart_m(town[3:5], stop[1:3]) for stop in STOPS if stop[3])


def add_places(work: Any) -> None:
    drawing.replace(
        work,
        PLACES,
        [
            Feature(i, shaped(shapely.Point(x, y)), kind, {"name": i.upper()}, region=region)
            for i, kind, region, x, y in TOWNS
        ],
    )


def add_stops(work: Any) -> None:
    rows = [
        {"id": f"f:{n}", "source": "feed:f", "kind": "stop", "ref": name, "name": name, "name_en": None, "detail": None,
         "search": name, "initials": "", "weight": weight, "lon": lon, "lat": lat, "region": "9902"}
        for n, (name, lon, lat, weight) in enumerate(STOPS)
    ]  # fmt: skip
    places.replace(work, "feed:f", rows)


@pytest.fixture
def observatory(tmp_path, monkeypatch):
    text.register("travel", TRAVEL.package)
    toys = Module("toys", "tongqu.kernel.telemetry.tests", "platform", projections=PROJECTIONS, indicators=INDICATORS)
    made = Observatory(tmp_path, toys)
    house = made.house
    migrate(house.store, [LAYERS.room, TRAVEL.room])
    with house.store.write(system_actor("travel")) as work:
        add_places(work)
        add_stops(work)
    monkeypatch.setattr("tongqu.domains.travel.store.feeds.live", lambda _: [{"activated_ms": NOON - DAY_MS}])
    made.compute()
    yield made
    house.close()


def test_the_declaration_holds(observatory):
    assert problem_of(observatory.house.platform, SERVED) is None


def test_the_figure_is_what_plain_python_counts(observatory):
    limit = float(value_of(coverage.WITHIN, "99", NOON))
    day = window_at("day", NOON)
    towns = [one for one in TOWNS if one[1] in coverage.KINDS]
    served = [one for one in towns if near(one) <= limit]
    assert [one[0] for one in served] == ["t1", "t3"]
    assert observatory.figure(SERVED, day) == pytest.approx(100 * len(served) / len(towns))
    for region in ("990201", "990202"):
        mine = [one for one in towns if one[2] == region]
        share = 100 * sum(near(one) <= limit for one in mine) / len(mine)
        assert observatory.figure(SERVED, day, asked=Asked(region=region)) == pytest.approx(share)


def test_the_nearest_stop_that_anything_leaves_from(observatory):
    with observatory.house.store.read(system_actor("travel")) as work:
        rows = settlements(work, 0, 0).to_pylist()
    for row, town in zip(rows, (one for one in TOWNS if one[1] in coverage.KINDS), strict=True):
        assert row["distance_m"] == pytest.approx(near(town), rel=0.006)
        assert row["stop"] != "无车站" and row["departures"] > 0


def test_a_feed_that_goes_live_is_drawn_and_one_taken_back_is_not(platform, feed, receive, check):
    with platform.store.write(CHIEF) as work:
        add_places(work)
    check(receive(SMALL), activate=True)

    def drawn() -> dict[str, str]:
        with platform.store.read(CHIEF) as work:
            return {one.id: one.kind for one in drawing.drawn(work, COVERAGE)}

    assert drawn() == {"t1": "served", "t2": "gap", "t3": "served", "t4": "gap"}
    with platform.store.write(CHIEF) as work:
        jobs.take_back(work, feed)
    assert set(drawn().values()) <= {"gap"}
