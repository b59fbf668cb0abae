"""A user of 望汀市 sees nothing of 澜州市: over every route, stream, export and file there is.

The routes are read from the running platform. Each path parameter needs a rule in `OBJECTS`, each route that changes
something needs a body in `BODIES`: a new route without a rule fails here. The one who looks holds every role over
望汀市, so nothing is hidden for want of a permission.
"""

from __future__ import annotations

import io
import json
import re
import struct
import time
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest
from running import Running
from theirs import OURS, THEIRS, Theirs, wait_document
from websockets.sync.client import connect

pytestmark = [
    pytest.mark.needs("equipment", "fleets", "insight", "roads"),
    pytest.mark.xdist_group("demo"),
    pytest.mark.timeout(600),
]

OPEN_OBJECTS = {
    "code": THEIRS,
    "parameter": "calendar.holidays.days",
    "layer_id": "layers.roads",
    "z": "8",
    "x": "213",
    "y": "107",
    "feature": "1",
    "importer": "vehicles",
    "indicator_id": "equipment.online_rate",
    "form": "xlsx",
    "step_id": "open",
    "itinerary_id": "j1AAAA",
    "kind": "trip_updates",
    "stop": "NOSUCH",
    "file": "trip-updates",
    "gbfs_file": "station_status",
    "place_id": "NOSUCH",
    "route_id": "1",
}
"""Parameters that name nothing of a region: the region tree, the base map and routes are open to all who are signed in;
an itinerary's id holds the whole itinerary."""

BODIES: dict[str, dict[str, Any]] = {
    "PATCH identity/organisations/{organisation_id}": {"name": "x"},
    "POST identity/organisations/{organisation_id}/retire": {},
    "PATCH identity/people/{person_id}": {"name": "x"},
    "POST identity/people/{person_id}/disable": {},
    "POST identity/people/{person_id}/enable": {},
    "POST identity/people/{person_id}/password": {"password": "correct horse battery 9"},
    "DELETE identity/grants/{grant_id}": {},
    "DELETE identity/tokens/{token_id}": {},
    "POST identity/regions/{code}/change": {"name": "x", "name_en": "x", "at_ms": 4_000_000_000_000},
    "POST jobs/{job_id}/cancel": {},
    "DELETE documents/{document_id}": {},
    "POST documents/{document_id}/capture": {"device": "x", "captured_ms": 0},
    "PATCH documents/uploads/{upload_id}": {},
    "DELETE documents/uploads/{upload_id}": {},
    "POST documents/uploads/{upload_id}/complete": {},
    "POST imports/{importer}": {},
    "PATCH equipment/terminals/{terminal_id}": {"model": "x"},
    "POST equipment/terminals/{terminal_id}/bindings": {"vehicle": "{vehicle_urn}"},
    "DELETE equipment/terminals/{terminal_id}/bindings": {},
    "POST equipment/terminals/{terminal_id}/commands": {"kind": "text", "body": {"text": "x"}},
    "POST equipment/commands/{command_id}/cancel": {},
    "PATCH fleets/enterprises/{enterprise_id}": {"short_name": "x"},
    "POST fleets/enterprises/{enterprise_id}/retire": {},
    "PATCH fleets/vehicles/{vehicle_id}": {"model": "x"},
    "POST fleets/vehicles/{vehicle_id}/retire": {},
    "PATCH fleets/drivers/{driver_id}": {"name": "x"},
    "POST fleets/drivers/{driver_id}/retire": {},
    "PUT roads/routes/{route_id}/lines/{line_id}/marks": {"marks": [{"along_m": 0, "stake": "K0"}]},
    "PATCH roads/facilities/{facility_id}": {"name": "x"},
    "POST roads/facilities/{facility_id}/retire": {},
    "POST fleets/areas/{area_id}/end": {},
    "POST alarms/{alarm_id}/acknowledge": {"note": "x"},
    "POST notify/inbox/{delivery_id}/read": {},
    "PATCH notify/endpoints/{endpoint_id}": {"title": "x"},
    "POST cases/{case_id}/steps/{step_id}": {},
    "POST cases/{case_id}/documents": {"kind": "photo", "document": "x"},
    "POST cases/{case_id}/supervision": {"level": "county", "deadline_ms": 4_000_000_000_000, "reason": "x"},
    "POST cases/{case_id}/supervision/{supervision_id}/lift": {"reason": "x"},
    "PATCH travel/feeds/{feed_id}": {"name": "x"},
    "PUT travel/feeds/{feed_id}/realtime": {},
    "POST travel/feeds/{feed_id}/realtime/{kind}": {},
    "POST travel/feeds/{feed_id}/gbfs/{gbfs_file}": {},
    "DELETE travel/subscriptions/{subscription_id}": {},
    "DELETE travel/stop-places/{code}": {},
    "POST travel/feeds/{feed_id}/retire": {},
    "POST travel/feeds/{feed_id}/versions": {"document": "{document_id}"},
    "PUT travel/feeds/{feed_id}/file": {},
    "POST travel/versions/{version_id}/activate": {},
    "POST travel/versions/{version_id}/refuse": {"reason": "x"},
    "POST insight/incidents/{case_id}/reports": {"kind": "first"},
    "PUT insight/reports/{report_id}": {"title": "x", "body": [{"heading": "x", "text": "x"}]},
    "DELETE insight/reports/{report_id}": {},
    "POST insight/reports/{report_id}/submit": {},
    "POST insight/shifts/{case_id}/hand_over": {"summary": "x"},
    "POST insight/shifts/{case_id}/sign": {},
}
NO_OBJECT = {
    "POST travel/feeds",
    "POST travel/streets",
    "POST travel/subscriptions",
    "POST travel/accessibility",
    "POST identity/session",
    "DELETE identity/session",
    "POST identity/password",
    "POST identity/tokens",
    "POST identity/organisations",
    "POST identity/people",
    "POST identity/grants",
    "POST identity/regions",
    "POST documents/uploads",
    "POST documents/spreadsheet",
    "POST exports",
    "POST indicators/{indicator_id}/compute",
    "POST imports/{importer}",
    "POST imports/files",
    "POST equipment/terminals",
    "POST fleets/enterprises",
    "POST fleets/vehicles",
    "POST fleets/drivers",
    "POST roads/facilities",
    "POST fleets/areas",
    "POST rules/replay",
    "POST notify/inbox/read",
    "PUT notify/preferences",
    "POST notify/endpoints",
    "POST insight/shifts",
    "POST insight/daily",
}
"""Unsafe routes that name no existing object in their path; what their bodies may name is tested below."""


TRAVELLERS = tuple(f"travel/{name}" for name in ("open-data", "places", "plan", "itineraries/", "network", "boards/"))
"""What the public is told: timetables and the names of stops belong to nobody."""


def routes(client: httpx.Client) -> list[tuple[str, str, list[str]]]:
    """Method, path below /api/v1 and names of its path parameters, of every route."""
    document = client.get(str(client.base_url).replace("/api/v1/", "/api/openapi.json")).json()
    return [
        (method.upper(), path.removeprefix("/api/v1/"), re.findall(r"{(\w+)}", path))
        for path, methods in document["paths"].items()
        for method in methods
    ]


def fill(path: str, objects: dict[str, str]) -> str:
    return re.sub(r"{(\w+)}", lambda match: objects[match[1]], path)


def test_every_route_has_a_rule(ours: httpx.Client, theirs: Theirs) -> None:
    known = theirs.objects.keys() | OPEN_OBJECTS.keys()
    missing = [f"{m} {p}: no rule for {{{n}}}" for m, p, names in routes(ours) for n in names if n not in known]
    unsafe = [f"{m} {p}" for m, p, _ in routes(ours) if m not in ("GET", "HEAD")]
    missing += [f"{one}: no body" for one in unsafe if one not in BODIES and one not in NO_OBJECT]
    assert not missing


def test_reading_shows_nothing(ours: httpx.Client, theirs: Theirs) -> None:
    wrong: list[str] = []
    for method, path, names in routes(ours):
        if method != "GET" or path.endswith("/stream"):
            continue
        theirs_named = [name for name in names if name not in OPEN_OBJECTS]
        target = fill(path, OPEN_OBJECTS | theirs.objects)
        cursor: str | None = None
        for _ in range(50):
            answer = ours.get(target, params={"cursor": cursor} if cursor else {})
            if answer.status_code >= 500:
                wrong.append(f"GET {path}: {answer.status_code} {answer.text[:200]}")
            if theirs_named and answer.status_code not in (403, 404):
                wrong.append(f"GET {path}: {answer.status_code} for an object of 澜州市")
            # an error may repeat the id that was asked for, nothing else
            if seen := theirs.leaked(answer.content, besides=target):
                wrong.append(f"GET {path} shows {seen[:3]}")
            cursor = _next(answer)
            if cursor is None:
                break
    assert not wrong


def _next(answer: httpx.Response) -> str | None:
    if "json" not in answer.headers.get("content-type", ""):
        return None
    body = answer.json()
    return body.get("next") if isinstance(body, dict) else None


@pytest.mark.parametrize(
    "path",
    [
        "movers?format=columns&region=9901",
        "movers?bbox=110,20,130,40&format=columns",
        "movers?bbox=110,20,130,40",
        "fleets/vehicles?filter.region=9901",
        "fleets/vehicles?q=澜A&limit=1000",
        "fleets/drivers?limit=1000&reveal=true",
        "identity/people?limit=1000&reveal=true",
        "identity/people/export.csv",
        "equipment/terminals?limit=1000",
        "equipment/sessions?limit=1000",
        "equipment/commands?limit=1000",
        "insight/overview?region=9901",
        "search?q=澜A",
        "search?q=100&limit=50",
        "quarantine?limit=1000",
        "audit?limit=1000",
        "jobs?limit=1000",
        "alarms?limit=1000",
        "alarms?filter.region=9901&limit=1000",
        "documents?limit=1000",
        "indicators?region=9901",
        "indicators/equipment.online_rate/series?period=hour&from=1700000000000&to=1700003600000&by=organisation",
        "indicators/equipment.online_rate/rows?period=day&from={today}&limit=1000",
        "indicators/fleets.vehicles_by_category/rows?period=day&from={today}&region=9901&limit=1000",
        "cases?limit=1000",
        "cases?region=9901&limit=1000",
        "insight/daily?region=9901&day=2026-11-28",
        "insight/shifts/current?region=9901",
        "notify/inbox?limit=1000",
    ],
)
def test_asking_for_them_shows_nothing(ours: httpx.Client, theirs: Theirs, path: str) -> None:
    now = time.time_ns() // 1_000_000
    answer = ours.get(path.format(today=now - (now + 8 * 3_600_000) % 86_400_000))
    assert answer.status_code in (200, 403, 422), answer.text[:300]
    assert not theirs.leaked(answer.content)


def test_labels_of_their_keys_are_not_told(ours: httpx.Client, theirs: Theirs) -> None:
    keys = ",".join(str(key) for key in sorted(theirs.keys)[:200])
    assert not theirs.leaked(ours.get("movers/labels", params={"keys": keys}).content)


def test_changing_changes_nothing(demo: Running, ours: httpx.Client, theirs: Theirs) -> None:
    watched = [
        f"fleets/vehicles/{theirs.objects['vehicle_id']}",
        f"fleets/drivers/{theirs.objects['driver_id']}",
        f"fleets/enterprises/{theirs.objects['enterprise_id']}",
        f"identity/people/{theirs.objects['person_id']}",
        f"identity/organisations/{theirs.objects['organisation_id']}",
        f"equipment/terminals/{theirs.objects['terminal_id']}/bindings",
        f"documents/{theirs.objects['document_id']}/details",
    ]
    with demo.client("admin") as admin:
        before = [admin.get(path).json() for path in watched]
        wrong = []
        for method, path, names in routes(ours):
            if method in ("GET", "HEAD") or not [name for name in names if name not in OPEN_OBJECTS]:
                continue
            body = json.loads(fill(json.dumps(BODIES[f"{method} {path}"]), theirs.objects))
            headers = {"If-Match": "*", "Upload-Offset": "0"}
            target = fill(path, OPEN_OBJECTS | theirs.objects)
            answer = ours.request(method, target, json=body, headers=headers)
            if answer.status_code not in (403, 404):
                wrong.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        assert not wrong
        assert [admin.get(path).json() for path in watched] == before


def test_making_things_over_there_is_refused(ours: httpx.Client, theirs: Theirs) -> None:
    tries = [
        ("identity/people", {"login": "intruder1", "name": "x", "region": THEIRS}),
        ("identity/organisations", {"name": "x", "kind": "carrier", "region": THEIRS}),
        ("identity/grants", {"person": theirs.objects["person_id"], "role": "monitor", "region": OURS}),
        ("exports", {"from": 0, "to": 4_000_000_000_000, "region": THEIRS}),
        ("notify/endpoints", {"title": "x", "url": "http://127.0.0.1:9/", "region": THEIRS}),
        ("imports/files", {"document": theirs.objects["document_id"]}),
        ("insight/shifts", {"region": THEIRS}),
        ("insight/daily", {"region": THEIRS, "day": "2026-11-28"}),
    ]
    for path, body in tries:
        answer = ours.post(path, json=body)
        if path == "exports" and answer.status_code < 300:
            document = wait_document(ours, answer.json()["job"])
            table = pq.read_table(io.BytesIO(ours.get(f"documents/{document}").content))
            assert not theirs.vehicles & set(table["urn"].to_pylist()), "only our own vehicles that were over there"
        else:
            assert answer.status_code in (403, 404), f"{path}: {answer.status_code} {answer.text[:200]}"


def test_an_export_holds_nothing_of_them(ours: httpx.Client, theirs: Theirs) -> None:
    job = ours.post("exports", json={"from": 0, "to": 4_000_000_000_000})
    document = wait_document(ours, job.json()["job"])
    columns = pq.read_table(io.BytesIO(ours.get(f"documents/{document}").content)).to_pydict()
    assert columns["urn"]
    away = {
        (urn, region)
        for urn, region in zip(columns["urn"], columns["region"], strict=True)
        if urn in theirs.vehicles and not str(region).startswith(OURS)
    }
    assert not away, "rows of their vehicles from where they were not in our city"


def test_the_live_socket_shows_nothing_of_them(demo: Running, ours: httpx.Client, theirs: Theirs) -> None:
    seen: set[int] = set()
    address = f"ws://127.0.0.1:{demo.port}/api/v1/movers/live"
    cookie = "; ".join(f"{name}={value}" for name, value in ours.cookies.items())
    with connect(address, additional_headers={"Cookie": cookie, "Origin": demo.address}) as socket:
        socket.send(json.dumps({"bbox": [110, 20, 130, 40], "zoom": 12}))
        until = time.monotonic() + 6
        while time.monotonic() < until:
            try:
                message = socket.recv(timeout=2)
            except TimeoutError:
                continue
            if isinstance(message, bytes):
                _, kind, _, _, _, count, _ = struct.unpack_from("<IBBHdII", message)
                if kind in (1, 2):
                    seen |= {struct.unpack_from("<I", message, 24 + 20 * i)[0] for i in range(count)}
    assert seen, "nothing of our own was seen either"
    theirs.forget_visitors()
    assert not seen & theirs.keys


def test_streams_show_nothing_of_them(ours: httpx.Client, lanzhou: httpx.Client, theirs: Theirs) -> None:
    for path in ("jobs/stream", "equipment/commands/stream", "alarms/stream"):
        received = b""
        with ours.stream("GET", path, timeout=4) as answer:
            assert answer.status_code == 200
            lanzhou.post(
                f"equipment/terminals/{theirs.objects['terminal_id']}/commands",
                json={"kind": "text", "body": {"text": "隔离检查 3f9a"}},
            )
            try:
                for piece in answer.iter_bytes():
                    received += piece
            except httpx.ReadTimeout:
                pass
        assert not theirs.leaked(received)


def test_nobody_sees_anything(demo: Running, ours: httpx.Client, theirs: Theirs) -> None:
    """Without signing in there is only the page, its description, the health, and what is told to every traveller."""
    open_routes = {"health", "meta"}
    with demo.client() as nobody:
        for method, path, _ in routes(ours):
            if method != "GET" or path in open_routes:
                continue
            answer = nobody.get(fill(path, OPEN_OBJECTS | theirs.objects))
            if path.startswith(TRAVELLERS) and answer.status_code != 401:
                assert answer.status_code < 500, f"GET {path}: {answer.status_code}"
                assert not theirs.leaked(answer.content), f"GET {path}"
                continue
            assert answer.status_code == 401, f"GET {path}: {answer.status_code}"
