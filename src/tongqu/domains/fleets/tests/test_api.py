"""Fleets over HTTP: lists, forms, entity tags, scope, masks."""

from __future__ import annotations

from typing import Any

import pytest

from tongqu.domains.fleets.module import MODULE
from tongqu.domains.fleets.tests.conftest import ALL, CHIEF, CITY, OTHER, READER
from tongqu.kernel.jobs.tests.support import application, as_person
from tongqu.kernel.web import described


@pytest.fixture
def app(platform: Any) -> Any:
    return application(platform, *ALL)


def made(client: Any, kind: str, **body: Any) -> dict[str, Any]:
    answer = client.post(f"fleets/{kind}", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_register_list_and_find(app: Any) -> None:
    client = as_person(app, CITY)
    owner = made(
        client,
        "enterprises",
        name="望汀港城物流",
        region="9902",
        category="heavy_truck",
        business="重型载货、集装箱运输",
    )
    assert owner["business"] == ["heavy_truck", "container_truck"]
    vehicle = made(
        client,
        "vehicles",
        plate="澜A·D12345",
        plate_colour="green",
        category="taxi",
        enterprise="望汀港城物流",
        seats=5,
    )
    assert (vehicle["enterprise"], vehicle["enterprise_name"], vehicle["region"]) == (
        owner["id"],
        "望汀港城物流",
        "9902",
    )
    for number in range(5):
        made(
            client, "vehicles", plate=f"澜A1000{number}", plate_colour="yellow", category="heavy_truck", region="990201"
        )
    page = client.get("fleets/vehicles", params={"limit": 4}).json()
    rest = client.get("fleets/vehicles", params={"limit": 4, "cursor": page["next"]}).json()
    plates = [row["plate"] for row in page["items"] + rest["items"]]
    assert (plates, page["total"]) == (sorted(plates), 6)

    def found(**params: Any) -> int:
        return client.get("fleets/vehicles", params=params).json()["total"]

    assert found(q="ad123") == found(q="澜A·D1") == 1
    assert (found(**{"filter.region": "9902"}), found(**{"filter.region": "990201"})) == (6, 5)
    assert found(**{"filter.category": "taxi"}) == found(**{"filter.enterprise": owner["id"]}) == 1
    assert found(sort="-enterprise_name") == 6
    assert client.get("fleets/vehicles", params={"sort": "identity_key"}).json()["code"] == "store.unknown_column"


def test_an_edit_of_what_has_changed_meanwhile_is_refused(app: Any, car: Any) -> None:
    client, path = as_person(app, CITY), f"fleets/vehicles/{car()['id']}"
    tag = client.get(path).headers["etag"]
    first = client.patch(path, json={"model": "A"}, headers={"If-Match": tag})
    assert (first.status_code, first.json()["model"]) == (200, "A")
    late = client.patch(path, json={"model": "B"}, headers={"If-Match": tag})
    assert (late.status_code, late.json()["code"]) == (412, "web.changed_meanwhile")
    again = client.patch(path, json={"model": ""}, headers={"If-Match": first.headers["etag"]})
    assert again.json()["model"] is None, "an empty box empties"
    assert client.patch(path, json={"plate": ""}).status_code in (200, 422)
    assert client.get(path).json()["plate"] == "澜A·12345"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"plate": "XX12345", "plate_colour": "blue", "category": "taxi", "region": "99"}, "fleets.bad_plate"),
        ({"plate": "澜A12345", "plate_colour": "green", "category": "taxi", "region": "99"}, "fleets.bad_colour"),
        ({"plate": "澜A12345", "plate_colour": "blue", "category": "taxi"}, "fleets.region_needed"),
        ({"plate": "澜A12345", "plate_colour": "blue", "category": "spaceship", "region": "99"}, "kit.request"),
        ({"plate": "澜A12345", "plate_colour": "blue", "category": "taxi", "vin": "SHORT"}, "kit.request"),
        (
            {"plate": "澜A12345", "plate_colour": "blue", "category": "taxi", "enterprise": "nobody"},
            "fleets.no_such_enterprise",
        ),
        ({"plate": "澜A12345", "plate_colour": "blue", "category": "taxi", "region": "9901"}, "identity.not_here"),
        ({"plate": "澜A12345", "plate_colour": "blue", "category": "taxi", "region": "9902", "x": 1}, "kit.request"),
    ],
)
def test_what_is_wrong_is_said(app: Any, body: dict[str, Any], code: str) -> None:
    answer = as_person(app, CITY).post("fleets/vehicles", json=body)
    assert answer.json()["code"] == code
    assert 400 <= answer.status_code < 500


def test_every_route_is_scoped(app: Any, carrier: Any, car: Any, driver: Any) -> None:
    owner = carrier(licence="L1")
    rows = {"enterprises": owner, "vehicles": car(enterprise=owner["id"]), "drivers": driver(owner["id"])}
    for kind, row in rows.items():
        for actor, status in ((CITY, 200), (CHIEF, 200), (READER, 200), (OTHER, 404)):
            client = as_person(app, actor)
            assert client.get(f"fleets/{kind}/{row['id']}").status_code == status, (kind, actor.id)
            assert client.get(f"fleets/{kind}").json()["total"] == (status == 200)
        other = as_person(app, OTHER)
        assert other.patch(f"fleets/{kind}/{row['id']}", json={}).status_code == 404
        assert other.post(f"fleets/{kind}/{row['id']}/retire").status_code == 404
        reader = as_person(app, READER)
        assert reader.patch(f"fleets/{kind}/{row['id']}", json={}).status_code == 403
        assert reader.post(f"fleets/{kind}", json={}).status_code == 403
        assert as_person(app, "nobody").get(f"fleets/{kind}").status_code == 401
    assert as_person(app, CITY).post(f"fleets/drivers/{rows['drivers']['id']}/retire").json()["active"] is False


def test_drivers_are_masked_and_revealing_is_written_down(platform: Any, app: Any, carrier: Any, driver: Any) -> None:
    row = driver(carrier()["id"])
    listed = as_person(app, CITY).get("fleets/drivers").json()["items"][0]
    assert "*" in listed["driving_licence"]
    assert "*" in listed["phone"]
    assert as_person(app, CITY).get("fleets/drivers", params={"reveal": True}).status_code == 403
    clear = as_person(app, CHIEF).get(f"fleets/drivers/{row['id']}", params={"reveal": True}).json()
    assert clear["driving_licence"] == "990201000000000137"
    with platform.store.engine.connect() as connection:
        entries = connection.exec_driver_sql(
            "select actor, subject from audit_entry where verb = 'fleets.reveal'"
        ).all()
    assert entries == [(CHIEF.id, row["urn"])]
    assert as_person(app, CITY).get("fleets/drivers", params={"q": "990201"}).json()["total"] == 0, "no oracle"


def test_a_masked_form_sent_back_changes_only_what_was_changed(app: Any, carrier: Any, driver: Any) -> None:
    path = f"fleets/drivers/{driver(carrier()['id'])['id']}"
    client = as_person(app, CITY)
    shown = client.get(path)
    form = {name: shown.json()[name] for name in ("name", "driving_licence", "phone", "licence_class")}
    saved = client.patch(path, json=form | {"licence_class": "A2"}, headers={"If-Match": shown.headers["etag"]}).json()
    assert (saved["licence_class"], saved["driving_licence"]) == ("A2", shown.json()["driving_licence"])
    clear = as_person(app, CHIEF).get(path, params={"reveal": True}).json()
    assert (clear["driving_licence"], clear["phone"]) == ("990201000000000137", "10000000137")


def test_categories_and_resources_have_their_texts(platform: Any, app: Any) -> None:
    found = as_person(app, CITY).get("fleets/categories").json()
    assert [one["code"] for one in found if one["key"]] == [
        "scheduled_coach",
        "tour_coach",
        "dangerous_goods",
        "heavy_truck",
    ]
    assert found[2]["label"]["zh"] == "危险货物运输"
    for resource in MODULE.resources:
        shown = described(resource)
        for column in (*shown["columns"], *shown["form"], *shown["edit_form"]):
            labels = [column["label"], *(option["label"] for option in column.get("options", ()))]
            assert not [label for label in labels if label["zh"].startswith("fleets.")], (resource.id, column["name"])
