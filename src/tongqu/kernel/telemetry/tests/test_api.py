"""The routes: shapes that the page reads, bad requests, and who sees what, against a plain definition of it."""

from __future__ import annotations

import random

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tongqu.kernel import things
from tongqu.kernel.store import Actor
from tongqu.kernel.telemetry.api import router
from tongqu.kernel.telemetry.tests.house import NOON, TERMINAL, VEHICLE, House, over
from tongqu.kernel.telemetry.tests.toy import TOY, frame
from tongqu.kernel.web import install_problems
from tongqu.kernel.web.caller import Authenticate
from tongqu.kit.text import register

S = 1000
register("telemetry", "tongqu.kernel.telemetry")


class Desk:
    """An application over a house; `actor` is whoever is signed in."""

    def __init__(self, house) -> None:
        self.actor: Actor | None = over(everywhere=True)
        house.platform.provide(lambda _: self.actor, Authenticate)
        app = FastAPI()
        app.state.platform = house.platform
        install_problems(app)
        app.include_router(router(), prefix="/api/v1")
        self.client = TestClient(app, base_url="http://testserver/api/v1/", raise_server_exceptions=False)

    def get(self, path: str, actor: Actor | None = None, status: int = 200, **params):
        self.actor = actor or over(everywhere=True)
        answer = self.client.get(path, params=params)
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture
def desk(house):
    return Desk(house)


def fleet(house, count=40, seed=1):
    """Vehicles of several owners and homes, somewhere in four counties; (vehicle, terminal, presence) each."""
    dice = random.Random(seed)
    with house.work() as work:
        wanted = [
            things.New(
                f"V{i}",
                category=dice.choice(["bus", "tank"]),
                organisation=dice.choice(["ORG1", "ORG2", None]),
                region=dice.choice(["990101", "9901", "990201", "980101", None]),
            )
            for i in range(count)
        ]
        vehicles = things.mint_many(work, VEHICLE, wanted)
        terminals = things.mint_many(work, TERMINAL, [things.New(f"t{i}") for i in range(count)])
        pairs = zip(terminals, vehicles, strict=True)
        things.relate_many(work, [things.Link(t.urn, "fitted_to", v.urn, 0) for t, v in pairs])
    presences = []
    for terminal in terminals:
        lon, lat = 118.5 + dice.randrange(2), 30.5 + dice.randrange(2)
        presences.append(f"99{int(lon) - 100:02d}{int(lat) - 20:02d}")
        house.log.append(TOY.number, terminal.key, NOON, frame((NOON - S, lon, lat)))
    house.log.flush()
    house.catch_up()
    return list(zip(vehicles, terminals, presences, strict=True))


ACTORS = [
    over(everywhere=True),
    over("99"),
    over("9901"),
    over("990201"),
    over("9918"),
    over("991911"),
    over("98"),
    over(organisations={"ORG1"}),
    over(organisations={"ORG1", "ORG2"}),
    over(organisations=set()),
]


def oracle(actor, vehicle, presence):
    """Who sees a mover, in the words of the rule."""
    (grant,) = actor.grants
    if grant.everywhere:
        return True
    by_owner = grant.organisations is not None and vehicle.organisation in grant.organisations
    home, here = vehicle.region or "", presence
    return by_owner or (grant.region is not None and (home.startswith(grant.region) or here.startswith(grant.region)))


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """A house with a fleet that nobody changes."""
    house = House(tmp_path_factory.mktemp("town"))
    made = fleet(house)
    yield Desk(house), made
    house.close()


@pytest.mark.parametrize(
    "actor", ACTORS, ids=[str(a.grants[0].region or sorted(a.grants[0].organisations or ())) for a in ACTORS]
)
def test_every_route_shows_an_actor_exactly_what_the_rule_says(town, actor):
    desk, made = town
    seen = {str(vehicle.urn) for vehicle, _, presence in made if oracle(actor, vehicle, presence)}
    movers = desk.get("movers", actor)
    assert set(movers["columns"]["urn"]) == seen and movers["count"] == len(seen)
    keys = ",".join(str(vehicle.key) for vehicle, _, _ in made)
    assert {one["urn"] for one in desk.get("movers/labels", actor, keys=keys).values()} == seen
    for vehicle, _, _ in made[:12]:
        status = 200 if str(vehicle.urn) in seen else 404
        assert desk.get(f"movers/{vehicle.urn}", actor, status)
        assert desk.get(f"movers/{vehicle.urn}/track", actor, status)


def test_movers_as_the_page_reads_them(house, desk):
    vehicle, terminal = house.pair("V", region="990101", category="bus")
    house.fix(terminal.key, (NOON - S, 119.1234567, 30.5, 44, 271, 0x100, 2, 99.5, 61))
    house.catch_up()
    body = desk.get("movers", bbox="119,30,120,31", region="99")
    assert body["count"] == 1 and body["at_ms"] == NOON and body["more"] == 0
    assert {name: values[0] for name, values in body["columns"].items()} == {
        "urn": str(vehicle.urn),
        "key": vehicle.key,
        "label": "V",
        "kind": "vehicle",
        "category": 1,
        "lon": 119.1234567,
        "lat": 30.5,
        "speed_kmh": 61.0,
        "heading_deg": 271,
        "time_ms": NOON - S,
        "state": 0,
        "alarm": 2,
    }
    assert desk.get("movers", format="rows")["items"][0]["label"] == "V"
    assert desk.get("movers/categories") == [
        {"id": 1, "code": "bus", "kind": "vehicle", "label": {"zh": "bus", "en": "bus"}, "color": "category-1"}
    ]
    one = desk.get(f"movers/{vehicle.urn}")
    assert one["terminal"] == {"urn": str(terminal.urn), "label": "t-V", "online": False, "session": None}
    assert one["position"]["frame"].isdecimal() and one["region"] == "991910" and one["position"]["mileage_km"] == 99.5
    house.clock.advance(301 * S)
    assert desk.get("movers")["columns"]["state"] == [2]


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({"bbox": "118,30,119,31"}, 1),
        ({"bbox": "118,30,120,31"}, 2),
        ({"bbox": "119.6,30,118.9,31"}, 1),  # the long way round: only what lies west of 118.9
        ({"region": "991910"}, 1),
        ({"region": "9919"}, 1),
        ({"region": "99"}, 2),
        ({"region": "98"}, 0),
        ({"kind": "vehicle"}, 2),
        ({"kind": "ship"}, 0),
        ({"limit": 1}, 2),
    ],
)
def test_filters_of_movers(house, desk, params, count):
    for name, lon in (("A", 118.5), ("B", 119.5)):
        _, terminal = house.pair(name)
        house.fix(terminal.key, (NOON - S, lon, 30.5))
    house.catch_up()
    body = desk.get("movers", **params)
    assert body["count"] == count
    assert len(body["columns"]["urn"]) == min(count, params.get("limit", 99)) and body["more"] == max(
        0, count - len(body["columns"]["urn"])
    )


@pytest.mark.parametrize(
    ("path", "params", "status", "code"),
    [
        ("movers", {"bbox": "1,2,3"}, 422, "telemetry.bad_box"),
        ("movers", {"bbox": "1,2,x,4"}, 422, "telemetry.bad_box"),
        ("movers", {"bbox": "1,5,3,4"}, 422, "telemetry.bad_box"),
        ("movers", {"bbox": "1,nan,3,4"}, 422, "telemetry.bad_box"),
        ("movers", {"region": "abc"}, 422, "telemetry.bad_region"),
        ("movers", {"region": "123"}, 422, "telemetry.bad_region"),
        ("movers", {"format": "xml"}, 422, "kit.request"),
        ("movers/urn:tongqu:vehicle:none", {}, 404, "telemetry.unknown_mover"),
        ("movers/nonsense/track", {}, 404, "telemetry.unknown_mover"),
        ("movers/urn:tongqu:vehicle:V/track", {"from": 5, "to": 5}, 422, "telemetry.empty_time"),
        ("movers/labels", {"keys": "a"}, 422, "kit.request"),
        ("movers/labels", {}, 422, "kit.request"),
        ("movers/labels", {"keys": "99999999"}, 200, None),
        ("quarantine", {"cursor": "x"}, 422, "store.bad_cursor"),
        ("quarantine", {"filter.raw": "x"}, 422, "store.unknown_column"),
        ("quarantine", {"sort": "raw"}, 422, "store.unknown_column"),
    ],
)
def test_bad_requests_get_a_clear_error(house, desk, path, params, status, code):
    house.pair("V")
    house.catch_up()
    body = desk.get(path, None, status, **params)
    assert code is None or (body["code"] == code and body["detail"]["zh"] != body["code"])


def test_who_is_not_signed_in_or_has_no_right_sees_nothing(house, desk):
    from tongqu.kernel.store import Grant

    for actor, status in ((None, 401), (Actor("p", "p", grants=(Grant("r", frozenset({"x.y"})),)), 403)):
        desk.actor = actor
        for path in ("movers", "movers/labels?keys=1", "movers/categories", "movers/u", "movers/u/track", "quarantine"):
            assert desk.client.get(path).status_code == status, path
        assert desk.client.post("exports", json={"from": 1, "to": 2}).status_code in (status, 403)


def test_a_track_is_thinned_only_with_a_word(house, desk):
    vehicle, terminal = house.pair("V")
    for i in range(0, 100, 20):
        house.fix(terminal.key, *((NOON - 200 * S + (i + k) * S, 119 + (i + k) * 1e-5, 30.5) for k in range(20)))
    house.catch_up()
    path = f"movers/{vehicle.urn}/track"
    whole = desk.get(path)
    assert whole["total"] == 100 and not whole["thinned"] and len(whole["columns"]["frame"]) == 100
    assert whole["columns"]["lon"][7] == 119.00007
    some = desk.get(path, limit=10)
    times = some["columns"]["time_ms"]
    assert some["total"] == 100 and some["thinned"] and len(times) == 10
    assert times[0] == NOON - 200 * S and times[-1] == NOON - 101 * S
    part = desk.get(path, **{"from": NOON - 150 * S, "to": NOON - 140 * S})
    assert part["columns"]["time_ms"] == [NOON - 150 * S + i * S for i in range(10)]


def test_quarantine_is_paged_and_scoped(house, desk):
    _, mine = house.pair("A", region="990101")
    other = house.terminal("t-B", organisation="ORG2")
    for i in range(5):
        house.send(mine.key, b"?%d" % i)
    house.send(other.key, b"?other")
    house.log.append_refused(TOY.number, 0, NOON, b"\x00\xff", "checksum", "10.0.0.1:7")
    house.log.flush()
    house.catch_up()
    first = desk.get("quarantine", limit=4)
    assert first["total"] == 7 and len(first["items"]) == 4
    assert first["items"][0] | {"id": "", "frame": ""} == {
        "id": "",
        "frame": "",
        "received_ms": NOON,
        "stream": "toys.toy",
        "reason": "checksum",
        "reason_label": {"zh": "checksum", "en": "checksum"},
        "source": None,
        "source_label": None,
        "remote": "10.0.0.1:7",
        "size": 2,
        "hex": "00ff",
    }
    second = desk.get("quarantine", limit=4, cursor=first["next"])
    assert second["next"] is None and [row["hex"] for row in second["items"]][-1] == b"?0".hex()
    assert desk.get("quarantine", over("9901"))["total"] == 5
    assert desk.get("quarantine", over("99"))["total"] == 5
    assert desk.get("quarantine", over(organisations={"ORG2"}))["total"] == 1
    assert desk.get("quarantine", over("98"))["total"] == 0
    assert desk.get("quarantine", **{"filter.reason": "checksum"})["total"] == 1
    assert desk.get("quarantine", **{"filter.source": str(mine.urn)})["total"] == 5
    assert desk.get("quarantine", q="t-A")["total"] == 5
    assert desk.get("quarantine", q="CHECK")["total"] == 1


def test_a_frame_is_seen_by_whom_its_row_is(house):
    from tongqu.kit.errors import NotFound

    telemetry = house.telemetry
    _, terminal = house.pair("A", region="990101", organisation="ORG1")
    (offset,) = house.fix(terminal.key, (NOON - S, 119.5, 30.5))
    house.catch_up()
    for actor in (over("9901"), over(organisations={"ORG1"}), over("991910"), over(everywhere=True), None):
        assert telemetry.frame(str(offset), actor).source == terminal.key
    for actor in (over("9902"), over(organisations={"ORG2"}), over("991911")):
        with pytest.raises(NotFound):
            telemetry.frame(str(offset), actor)
    for name in ("", "-1", "x", "9" * 40, str(offset + 1), "18446744073709551615"):
        with pytest.raises(NotFound):
            telemetry.frame(name)


def test_a_vehicle_that_changes_its_owner_changes_its_watchers(house, desk):
    vehicle, terminal = house.pair("A", organisation="ORG1")
    house.fix(terminal.key, (NOON - S, 119.5, 30.5))
    house.catch_up()
    assert desk.get("movers", over(organisations={"ORG1"}))["count"] == 1
    with house.work() as work:
        things.amend(work, VEHICLE, vehicle.urn, organisation="ORG2")
    house.catch_up()
    assert desk.get("movers", over(organisations={"ORG1"}))["count"] == 0
    assert desk.get("movers", over(organisations={"ORG2"}))["count"] == 1
