"""What belongs to 澜州市: an example of every sort of thing, and what must not be seen of it from elsewhere."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from running import Running
from shell import until
from terminal import POSITION, Terminal, fix

OURS, THEIRS = "9902", "9901"


@dataclass
class Theirs:
    """What belongs to 澜州市: an example for each path parameter, and all strings that must not be seen."""

    objects: dict[str, str] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    keys: set[int] = field(default_factory=set)
    vehicles: set[str] = field(default_factory=set)
    names: dict[str, set[str]] = field(default_factory=dict)
    key_of: dict[str, int] = field(default_factory=dict)
    look: Callable[[], set[str]] = set
    told: Callable[[], str] = str

    def leaked(self, body: bytes, besides: str = "") -> list[str]:
        """The secrets that stand in an answer, plain or escaped, but for those in `besides`.

        A vehicle that has driven into our city by now is no secret any more: it may be seen there. Nor is what an
        alarm says that was raised within our city.
        """
        text = body.decode("utf-8", errors="replace")
        seen = [one for one in self.secrets if (one in text or json.dumps(one)[1:-1] in text) and one not in besides]
        if seen:
            self.forget_visitors()
        return [one for one in seen if one in self.secrets]

    def forget_visitors(self) -> None:
        for urn in self.look():
            self.secrets -= self.names.get(urn, set())
            self.keys.discard(self.key_of.get(urn, -1))
        told = self.told()
        self.secrets -= {secret for secret in self.secrets if secret in told}


def pages(client: httpx.Client, path: str, **query: Any) -> Iterator[dict[str, Any]]:
    cursor: str | None = None
    while True:
        answer = client.get(path, params={"limit": 1000, **query, **({"cursor": cursor} if cursor else {})})
        answer.raise_for_status()
        body = answer.json()
        yield from body["items"]
        cursor = body["next"]
        if cursor is None:
            return


def everything_over(demo: Running, region: str) -> str:
    """The login of a new person who holds every role over a region."""
    login, secret = f"all-{region}-{time.time_ns()}", "correct horse battery 望汀 9"
    with demo.client("admin") as admin:
        body = {"login": login, "name": f"管理员{region}", "region": region, "password": secret}
        person = admin.post("identity/people", json=body)
        person.raise_for_status()
        for role in pages(admin, "identity/roles"):
            grant = {"person": person.json()["id"], "role": role["code"], "region": region}
            admin.post("identity/grants", json=grant).raise_for_status()
    demo.logins[login] = secret
    return login


def belongings(demo: Running, lanzhou: httpx.Client) -> Iterator[Theirs]:
    """Things of 澜州市 of every sort there is, made where the demo has none."""
    found = Theirs()
    with demo.client("admin") as admin:
        visiting = _present(admin)
        found.vehicles = {v["urn"] for v in pages(admin, "fleets/vehicles") if str(v["region"]).startswith(THEIRS)}
        of_theirs = lambda row: str(row.get("region") or "").startswith(THEIRS)  # noqa: E731
        vehicles = [v for v in pages(admin, "fleets/vehicles") if of_theirs(v) and v["urn"] not in visiting]
        drivers = [d for d in pages(admin, "fleets/drivers") if of_theirs(d)]
        enterprises = [e for e in pages(admin, "fleets/enterprises") if of_theirs(e)]
        organisations = [o for o in pages(admin, "identity/organisations") if of_theirs(o)]
        people = [p for p in pages(admin, "identity/people") if of_theirs(p)]
        assert len(vehicles) > 20 and drivers and enterprises and people, "the demo has too little of 澜州市"
        vehicle = vehicles[0]
        terminals = list(pages(admin, "equipment/terminals"))
        bound = {t["vehicle"]: t for t in terminals if t.get("vehicle")}
        fitted = [(v, bound[v["urn"]]) for v in vehicles if v["urn"] in bound]
        assert fitted, "no terminal of 澜州市 is bound"
        vehicle, terminal = fitted[0]
        command = lanzhou.post(
            f"equipment/terminals/{terminal['id']}/commands", json={"kind": "text", "body": {"text": "隔离检查 3f9a"}}
        )
        command.raise_for_status()
        job = lanzhou.post("exports", json={"from": 0, "to": 1, "region": THEIRS})
        job.raise_for_status()
        upload = lanzhou.post("documents/uploads", json=_upload())
        token = lanzhou.post("identity/tokens", json={"name": "隔离检查 7c1d", "permissions": ["fleets.read"]})
        token.raise_for_status()
        grants = [g for g in pages(admin, "identity/grants") if g["person"] == people[0]["id"]]
        hook = lanzhou.post(
            "notify/endpoints", json={"title": "隔离检查 5b2e", "url": "http://127.0.0.1:9/", "region": THEIRS}
        )
        hook.raise_for_status()
        document = wait_document(lanzhou, job.json()["job"])
        track = until(lambda: _track(admin, vehicle["urn"]), 60)
        facility = next(row for row in pages(admin, "roads/facilities") if of_theirs(row))
        found.objects = {
            "urn": vehicle["urn"],
            "vehicle_urn": vehicle["urn"],
            "vehicle_id": vehicle["id"],
            "driver_id": drivers[0]["id"],
            "enterprise_id": enterprises[0]["id"],
            "organisation_id": organisations[0]["id"],
            "person_id": people[0]["id"],
            "grant_id": grants[0]["id"],
            "token_id": _id(token.json()),
            "terminal_id": terminal["id"],
            "command_id": _id(command.json()),
            "job_id": job.json()["job"],
            "job": job.json()["job"],
            "document_id": document,
            "upload_id": _id(upload.json()),
            "frame": track["columns"]["frame"][0],
            "alarm_id": _call_for_help(admin, demo, track["columns"]),
            "area_id": _area(lanzhou, track["columns"]),
            "endpoint_id": _id(hook.json()),
            "delivery_id": "NOSUCH",
            "case_id": _first(admin.get("cases", params={"region": THEIRS}).json()["items"]),
            "supervision_id": "NOSUCH",
            "line_id": "1",
            "facility_id": facility["id"],
            **_feed(lanzhou, document),
            "report_id": "NOSUCH",
            "ship_id": "NOSUCH",
            "subscription_id": "NOSUCH",
        }
        for rows, names in (
            (vehicles, ("id", "urn", "plate", "vin")),
            (drivers, ("id", "urn")),
            (enterprises, ("id", "name")),
            (organisations, ("id", "name")),
            (people, ("id", "name")),
            ([t for _, t in fitted], ("id", "urn")),
            ([facility], ("id", "urn", "name")),
        ):
            found.secrets |= {str(row[name]) for row in rows for name in names if row.get(name)}
        found.secrets |= {found.objects[name] for name in ("command_id", "job_id", "document_id", "upload_id")}
        found.secrets |= {"隔离检查 3f9a", "隔离检查 7c1d", "隔离检查 5b2e", "隔离检查 8d4a"}
        found.secrets.discard("澜A·D12345")  # also the example in the template of imports
        columns = admin.get("movers", params={"format": "columns"}).json()["columns"]
        by_urn = dict(zip(columns["urn"], columns["key"], strict=True))
        found.key_of = {v["urn"]: by_urn[v["urn"]] for v in vehicles if v["urn"] in by_urn}
        found.keys = set(found.key_of.values())
        found.names = {v["urn"]: {str(v[name]) for name in ("id", "urn", "plate", "vin")} for v in vehicles}
        found.look = lambda: _present(admin)
        found.told = lambda: _raised_here(admin)
        found.forget_visitors()
        assert len(found.keys) > 10
        yield found


def _present(admin: httpx.Client) -> set[str]:
    """URNs of all movers that are in 望汀市 now."""
    return set(admin.get("movers", params={"format": "columns", "region": OURS}).json()["columns"]["urn"])


def _raised_here(admin: httpx.Client) -> str:
    """All alarms that were raised within 望汀市, whoever's vehicle it was."""
    here = [alarm for alarm in pages(admin, "alarms") if str(alarm["region"] or "").startswith(OURS)]
    return json.dumps(here, ensure_ascii=False)


def _id(body: dict[str, Any]) -> str:
    return str(body.get("id") or body["token"]["id"])


def _first(rows: list[dict[str, Any]]) -> str:
    """Id of a row where the demo has any by now."""
    return str(rows[0]["id"]) if rows else "NOSUCH"


def _feed(client: httpx.Client, document: str) -> dict[str, str]:
    """A feed of theirs with a version, where there are feeds."""
    made = client.post(
        "travel/feeds", json={"code": f"isolation-{time.time_ns()}", "name": "隔离检查 8d4a", "region": THEIRS}
    )
    if made.status_code == 404:
        return {"feed_id": "NOSUCH", "version_id": "NOSUCH"}
    made.raise_for_status()
    version = client.post(f"travel/feeds/{made.json()['id']}/versions", json={"document": document})
    version.raise_for_status()
    return {"feed_id": made.json()["id"], "version_id": version.json()["id"]}


def _area(client: httpx.Client, columns: dict[str, list[Any]]) -> str:
    """An area for supervision around where one of their vehicles was."""
    lon, lat = columns["lon"][0], columns["lat"][0]
    ring = [[lon, lat], [lon + 0.01, lat], [lon, lat + 0.01], [lon, lat]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    body = {"name": "隔离检查 5b2e", "kind": "keep_in", "geometry": shape, "region": THEIRS}
    vehicle = next(pages(client, "fleets/vehicles"))["urn"]
    answer = client.post("fleets/areas", json=body | {"vehicles": [vehicle]})
    answer.raise_for_status()
    return str(answer.json()["id"])


def _call_for_help(admin: httpx.Client, demo: Running, columns: dict[str, list[Any]]) -> str:
    """The alarm of a terminal of theirs that calls for help where one of their vehicles was."""
    here = {"longitude_deg": columns["lon"][0], "latitude_deg": columns["lat"][0]}
    with Terminal(demo.jt808_port, "13900005555", 2019) as terminal:
        terminal.log_in()
        assert terminal.result(POSITION, fix(alarm=1, **here)) == 0
    until = time.monotonic() + 30
    while time.monotonic() < until:
        found = admin.get("alarms", params={"filter.rule": "equipment.emergency"}).json()["items"]
        mine = [one for one in found if "13900005555" in one["subject_name"]]
        if mine:
            assert mine[0]["home_region"].startswith(THEIRS)
            return str(mine[0]["id"])
        time.sleep(0.3)
    raise AssertionError("the call for help raised no alarm")


def _upload() -> dict[str, Any]:
    import hashlib

    content = "隔离检查".encode()
    return {
        "name": "a.txt",
        "media_type": "text/plain",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _track(client: httpx.Client, urn: str) -> dict[str, Any] | None:
    """The whole track of a vehicle; None until there is some."""
    found: dict[str, Any] = client.get(f"movers/{urn}/track", params={"from": 0, "to": 9_999_999_999_999}).json()
    return found if found["columns"]["frame"] else None


def wait_document(client: httpx.Client, job: str) -> str:
    """The document that a job makes, when it is done."""
    end = time.monotonic() + 90
    while time.monotonic() < end:
        found = client.get(f"jobs/{job}").json()
        if found["state"] == "done":
            return str(found["result"]["document"])
        assert found["state"] in ("queued", "running"), found
        time.sleep(0.3)
    raise AssertionError(f"job {job} is not done")
