"""Routes in the store: numbers within regions, dated calibration, and a locator that follows what changes."""

from __future__ import annotations

import pytest
import shapely
from fastapi.testclient import TestClient

from tongqu.kernel.geo import (
    Found,
    Locator,
    Mark,
    NewLine,
    Route,
    add_route,
    amend_route,
    check,
    find_routes,
    lines_of,
    parse_place,
    plain,
    put_lines,
    put_marks,
)
from tongqu.kernel.geo.tests.test_linear import length_of, road
from tongqu.kernel.store import Store, system_actor
from tongqu.kit.errors import Invalid, NotFound, Refused
from tongqu.kit.time import ManualClock

ROBOT = system_actor("test")
FAR = {"source": "test", "road_class": "county"}


def new_line(*marks: Mark, seed: int = 1, **how: object) -> NewLine:
    return NewLine(check(shapely.LineString(road(seed))), marks=marks, **how)  # type: ignore[arg-type]


def fill(store: Store) -> tuple[Route, Route, Route]:
    """X101 in two counties, and G9901 with two carriageways and two broken chains on one of them."""
    with store.write(ROBOT) as work:
        one = add_route(work, "X101", "990303", "云澄线", **FAR)
        two = add_route(work, "x101", "990104", "桐麦线", **FAR)
        put_lines(work, one.id, [new_line(plain(0, 0))])
        put_lines(work, two.id, [new_line(plain(0, 0), seed=2)])
        main = add_route(work, "G9901", "99", "澜望高速", road_class="expressway", source="test")
        chains = (plain(0, 40_000), Mark(5_000, 45_000, 44_800), Mark(9_000, 48_800, 49_300))
        up, down = new_line(*chains, seed=3, direction="up"), new_line(plain(0, 40_000), seed=4, direction="down")
        put_lines(work, main.id, [up, down])
    return one, two, main


def ask(store: Store, text: str, **how: str) -> Found:
    return Locator(store).find(parse_place(text), **how)


def test_a_number_that_stands_in_two_counties_is_asked_about(store: Store) -> None:
    fill(store)
    found = ask(store, "X101 K3+200")
    assert found.places == () and found.reason is not None and found.reason.code == "geo.which_region"
    assert [route.region for route in found.routes] == ["990104", "990303"]
    assert [place.text for place in ask(store, "X101 (990303) K3+200").places] == ["X101 K3+200"]
    assert ask(store, "X101 K3+200", region="990104").places[0].region == "990104"
    assert ask(store, "X101 K3+200", region="9901").places[0].region == "990104"
    assert ask(store, "X101 (990201) K3+200").reason.code == "geo.no_route_there"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "places", "reason"),
    [
        ("G9901 K42+000", ["G9901 K42+000 上行", "G9901 K42+000 下行"], None),
        ("G9901 K42+000 下行", ["G9901 K42+000 下行"], None),
        ("G9901 ZK42+000", ["G9901 K42+000 下行"], None),
        ("G9901 K44+900 上行", ["G9901 K44+900A 上行", "G9901 K44+900B 上行"], None),
        ("G9901 K44+900B", ["G9901 K44+900B 上行"], None),
        ("G9901 K49+000 上行", [], "geo.in_short_chain"),
        ("G9901 K42+000B 上行", [], "geo.no_branch"),
        ("G9901 K5+000", [], "geo.beyond_end"),
        ("G9901 AK0+100", [], "geo.not_calibrated"),
        ("G77 K5+000", [], "geo.no_route"),
    ],
)
def test_a_stake_has_two_places_one_or_none_with_the_reason(
    store: Store, text: str, places: list[str], reason: str | None
) -> None:
    fill(store)
    found = ask(store, text)
    assert [place.text for place in found.places] == places
    assert (found.reason and found.reason.code) == reason


def test_a_stake_without_a_route_is_asked_for_one(store: Store) -> None:
    with pytest.raises(Invalid) as refused:
        ask(store, "K3+200")
    assert refused.value.code == "geo.route_needed"


def test_places_near_a_point_lead_back_to_it(store: Store) -> None:
    _, _, main = fill(store)
    locator = Locator(store)
    (there,) = ask(store, "G9901 K44+900B").places
    here = locator.locate(there.lon, there.lat)[0]
    assert (here.route, here.branch, here.direction) == (main.id, "B", "up")
    assert here.stake_m == pytest.approx(44_900, abs=0.01) and here.side == "on"


def test_calibration_is_dated_and_the_locator_follows_it(store: Store, clock: ManualClock) -> None:
    """Recalibrated from a moment on: before it the old stakes hold, after it the new ones, also asked later."""
    one, _, _ = fill(store)
    locator, text = Locator(store), parse_place("X101 (990303) K3+200")
    before = locator.find(text).places[0]
    with store.write(ROBOT) as work:
        line = lines_of(work, one.id)[0]
        put_marks(work, line.id, [plain(0, 1_000)], valid_from_ms=2_000_000)
    clock.advance(999_000)
    assert locator.find(text).places[0].lon == before.lon
    clock.advance(2_000)
    assert locator.find(text).places[0].lon < before.lon
    assert locator.find(text, at_ms=1_500_000).places[0].lon == before.lon


def test_new_lines_end_the_old_ones_and_their_marks(store: Store, clock: ManualClock) -> None:
    one, _, _ = fill(store)
    with store.write(ROBOT) as work:
        put_lines(work, one.id, [new_line(plain(0, 7_000), seed=5)], valid_from_ms=500_000)
        put_lines(work, one.id, [new_line(plain(0, 8_000), seed=5)], valid_from_ms=500_000)
        assert [line.marks[0].ahead_m for line in lines_of(work, one.id)] == [8_000]
        assert [line.marks[0].ahead_m for line in lines_of(work, one.id, at_ms=400_000)] == [0]


def test_a_contradiction_stores_nothing(store: Store) -> None:
    one, _, _ = fill(store)
    with pytest.raises(Invalid), store.write(ROBOT) as work:
        put_lines(work, one.id, [new_line(plain(0, 0)), new_line(plain(0, 0), plain(100, -5))])
    with store.read(ROBOT) as work:
        assert len(lines_of(work, one.id)) == 1


def test_undeclared_gaps_and_overlaps_between_parts_are_told(store: Store) -> None:
    one, _, _ = fill(store)
    end = length_of(road(1))
    parts = [new_line(plain(0, 0)), new_line(plain(0, end + 300)), new_line(plain(0, end))]
    with store.write(ROBOT) as work:
        odd = put_lines(work, one.id, parts)
    assert [problem.code for problem in odd] == ["geo.stake_gap", "geo.stake_overlap"]


def test_a_number_is_one_route_in_its_region(store: Store) -> None:
    fill(store)
    with store.write(ROBOT) as work:
        with pytest.raises(Refused) as refused:
            add_route(work, "Ｘ 101", "990303", "又一条", **FAR)
        assert refused.value.code == "geo.route_taken"
        assert [route.name for route in find_routes(work, "X101")] == ["桐麦线", "云澄线"]
        with pytest.raises(NotFound):
            amend_route(work, 99, name="x")


def test_what_is_no_line_is_refused(store: Store) -> None:
    one, _, _ = fill(store)
    with store.write(ROBOT) as work, pytest.raises(Invalid) as refused:
        put_lines(work, one.id, [NewLine(check(shapely.Point(120, 27)))])
    assert refused.value.code == "geo.not_a_line"


def test_over_http(client: TestClient, store: Store) -> None:
    fill(store)
    found = client.get("/api/v1/geo/stakes/find", params={"q": "G9901 K44+900 上行"}).json()
    assert [place["stake"] for place in found["places"]] == ["K44+900A", "K44+900B"]
    here = client.get("/api/v1/geo/stakes", params={"lon": found["places"][0]["lon"], "lat": found["places"][0]["lat"]})
    assert here.json()["places"][0]["text"]["zh"] == "G9901 K44+900A 上行"
    asked = client.get("/api/v1/geo/stakes/find", params={"q": "X101 K3+200"}).json()
    assert asked["code"] == "geo.which_region" and len(asked["routes"]) == 2
    assert client.get("/api/v1/geo/stakes/find", params={"q": "rubbish"}).status_code == 422
    swapped = client.get("/api/v1/geo/stakes", params={"lon": 28.0, "lat": 120.0})
    assert swapped.status_code == 422 and swapped.json()["code"] == "geo.swapped"
