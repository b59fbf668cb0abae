"""Areas are drawn, hold for their time, concern whom they name, and are never changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tongqu.domains.fleets import store
from tongqu.domains.fleets.rules import areas as rules
from tongqu.domains.fleets.service import areas
from tongqu.domains.fleets.tables import AREA
from tongqu.domains.fleets.tests.conftest import CHIEF, CITY, OTHER, READER
from tongqu.domains.fleets.values import NewArea
from tongqu.kernel.rules import Rule
from tongqu.kernel.rules.engine import Engine, spans
from tongqu.kernel.rules.tests.toys import view
from tongqu.kernel.telemetry.rows import empty
from tongqu.kit.errors import Forbidden, Invalid, NotFound, Refused

S = 1000
M = 1 / 111_195.0
BRIDGE = {
    "type": "Polygon",
    "coordinates": [[[120.0, 28.0], [120.02, 28.0], [120.02, 28.01], [120.0, 28.01], [120.0, 28.0]]],
}
WAY = {"type": "LineString", "coordinates": [[120.0, 28.0], [120.1, 28.0]]}
FORBIDDEN = NewArea("古城区", "keep_out", BRIDGE, "9902")
FOG = NewArea("望汀湾大桥雾限速", "speed", BRIDGE, "9902", limit_kmh=40, cause="fog")


@pytest.fixture(autouse=True)
def look_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "LOOK_S", 0.0)


@pytest.fixture
def vehicle(car: Any) -> Any:
    return car()


def put(platform: Any, new: NewArea, who: Any = CITY) -> dict[str, Any]:
    with platform.store.write(who) as work:
        return areas.make(work, new)


def alarms(
    platform: Any, rule: str, fixes: list[tuple[int, float, float, float]], key: int = 3
) -> list[dict[str, Any]]:
    """What a rule says of a vehicle, from (second, lon, lat, km/h), counted from when areas hold."""
    logic = getattr(rules, rule)(platform)
    rows = empty(len(fixes))
    second, lon, lat, speed = (np.array(column) for column in zip(*fixes, strict=True))
    begin = platform.clock.now_ms() + areas.AHEAD_MS
    rows["subject"][:] = rows["source"][:] = key
    rows["time_ms"][:], rows["lon"][:], rows["lat"][:] = begin + second * S, lon, lat
    rows["speed_kmh"][:], rows["key"][:], rows["log_offset"][:] = speed, second, np.arange(len(fixes))
    known = view()
    organisations = {"": 0, "o1": 1}
    mine = replace(known, organisation=np.array([0, 1, 1, 0, 0], dtype=np.int32), organisations=organisations)
    mine = replace(mine, categories=(("", ""), ("vehicle", "tour_coach"), ("vehicle", "heavy_truck")))
    engine = Engine([(Rule("fleets.x", lambda _: logic), logic)], mine)
    said = [one for _, one in engine.take(rows).transitions]
    return [
        dict(span.began.values) | {"from": (onset - begin) // S, "to": span.ended and (span.ended.at_ms - begin) // S}
        for onset, span in spans(said).items()
        if span.began is not None
    ]


def stay(lon: float, lat: float, begin: int, end: int, speed: float = 30.0) -> list[tuple[int, float, float, float]]:
    return [(second, lon, lat, speed) for second in range(begin, end, 10)]


def test_who_enters_a_forbidden_area_alarms_while_it_holds(platform: Any) -> None:
    area = put(platform, FORBIDDEN)
    inside, outside = (120.01, 28.005), (120.5, 28.5)
    (one,) = alarms(platform, "entered", stay(*outside, 0, 60) + stay(*inside, 60, 200) + stay(*outside, 200, 300))
    assert (one["area"], one["area_id"], one["from"], one["to"]) == ("古城区", area["id"], 60, 200)
    assert alarms(platform, "entered", stay(*inside, -600, -10)) == [], "it did not hold yet"
    (one,) = alarms(platform, "entered", stay(*inside, -600, 60))
    assert one["from"] == 0
    with platform.store.write(CITY) as work:
        areas.end(work, area["id"])
    assert alarms(platform, "entered", stay(*inside, 10, 200)) == []


def test_a_moment_inside_is_no_alarm(platform: Any) -> None:
    put(platform, FORBIDDEN)
    assert alarms(platform, "entered", stay(120.01, 28.005, 0, 30) + stay(120.5, 28.5, 30, 90)) == []


@pytest.mark.parametrize(
    ("concerns", "coach", "truck"),
    [({}, 1, 1), ({"categories": ("heavy_truck",)}, 0, 1), ({"organisation": "o1"}, 1, 0)],
    ids=["all", "a category", "a carrier"],
)
def test_an_area_concerns_whom_it_names(platform: Any, concerns: dict[str, Any], coach: int, truck: int) -> None:
    put(platform, replace(FORBIDDEN, **concerns), CHIEF)
    assert len(alarms(platform, "entered", stay(120.01, 28.005, 0, 90), key=1)) == coach
    assert len(alarms(platform, "entered", stay(120.01, 28.005, 0, 90), key=3)) == truck


def test_off_the_planned_route(platform: Any, vehicle: Any) -> None:
    corridor = NewArea("港城专线", "corridor", WAY, "9902", width_m=400, vehicles=(vehicle["urn"],))
    row = put(platform, corridor)
    with platform.store.write(CHIEF) as work:  # the rule's toy vehicle is another one
        store.change(work.as_system("test"), AREA, row["id"], {"vehicles": ["urn:tongqu:vehicle:v3"], "revision": 99})
    on, off = (120.05, 28.0 + 190 * M), (120.05, 28.0 + 210 * M)
    assert alarms(platform, "off_route", stay(*on, 0, 600)) == []
    (one,) = alarms(platform, "off_route", stay(*on, 0, 60) + stay(*off, 60, 300) + stay(*on, 300, 600))
    assert (one["area"], one["from"], one["to"]) == ("港城专线", 60, 300)
    assert alarms(platform, "off_route", stay(*off, 0, 600), key=2) == [], "nobody planned a route for this one"


def test_fog_lowers_the_limit_and_gives_its_alarms_a_cause(platform: Any) -> None:
    put(platform, FOG)
    (one,) = alarms(platform, "area_speed", stay(120.01, 28.005, 0, 60, 70.0) + stay(120.5, 28.0, 60, 120, 70.0))
    assert (one["speed_kmh"], one["limit_kmh"], one["cause"], one["area"]) == (70.0, 40.0, "fog", "望汀湾大桥雾限速")
    assert alarms(platform, "area_speed", stay(120.01, 28.005, 0, 60, 43.0)) == []


def test_what_an_area_lacks_is_said_and_nothing_is_kept(platform: Any, vehicle: Any) -> None:
    wrong = [
        (replace(FOG, limit_kmh=None), Invalid, "area_lacks"),
        (replace(FORBIDDEN, kind="keep_in"), Invalid, "area_lacks"),
        (NewArea("x", "corridor", WAY, "9902", vehicles=(vehicle["urn"],)), Invalid, "area_lacks"),
        (replace(FORBIDDEN, geometry=WAY), Invalid, "bad_geometry"),
        (
            replace(FORBIDDEN, geometry={"type": "Polygon", "coordinates": [[[28, 120], [29, 120], [29, 121]]]}),
            Invalid,
            "",
        ),
        (replace(FORBIDDEN, vehicles=("urn:tongqu:vehicle:nobody",)), NotFound, "unknown_vehicle"),
        (replace(FORBIDDEN, valid_to_ms=1), Invalid, "area_over"),
    ]
    for new, error, code in wrong:
        with pytest.raises(error, match=code):
            put(platform, new)
    for who in (OTHER, READER):
        with pytest.raises(Forbidden):
            put(platform, FORBIDDEN, who)
    with platform.store.read(CHIEF) as work:
        assert store.area_revision(work.as_system("test")) == 0


def test_an_area_is_ended_once_by_who_may(platform: Any) -> None:
    area = put(platform, FORBIDDEN)
    for who, error in ((OTHER, NotFound), (READER, Forbidden)):
        with platform.store.write(who) as work, pytest.raises(error):
            areas.end(work, area["id"])
    with platform.store.write(CITY) as work:
        assert area["valid_from_ms"] <= areas.end(work, area["id"])["valid_to_ms"] < area["valid_from_ms"] + 60_000
    with platform.store.write(CITY) as work, pytest.raises(Refused, match="area_ended"):
        areas.end(work, area["id"])
