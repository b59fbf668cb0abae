"""The registry's verbs: identity of vehicles, rights at both ends of a move, things, events and masks."""

from __future__ import annotations

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from tongqu.domains.fleets import categories
from tongqu.domains.fleets.service import drivers, enterprises, vehicles
from tongqu.domains.fleets.tables import METADATA
from tongqu.domains.fleets.tests.conftest import CITY, OTHER, READER, ROOT
from tongqu.kernel import events, identity, things
from tongqu.kernel.store import Actor, Grant
from tongqu.kernel.things import finding
from tongqu.kit import text
from tongqu.kit.errors import Forbidden, NotFound, Refused


def told(platform: Any, urn: str) -> list[str]:
    with platform.store.read(ROOT) as work:
        return [event.type for event in reversed(events.about(work, urn))]


def test_an_enterprise_is_an_organisation_and_a_thing(platform: Any, carrier: Any) -> None:
    row = carrier(licence="L1", short_name="港城")
    with platform.store.read(ROOT) as work:
        assert identity.organisation(work, row["id"]).name == row["name"]
        thing = things.get(work, row["urn"])
        assert (thing.name, thing.organisation, thing.region) == (row["name"], row["id"], "9902")
        assert [enterprises.named(work, name) for name in ("L1", "港城", row["name"], row["id"])] == [row["id"]] * 4
    assert told(platform, row["urn"]) == ["fleets.enterprise_registered"]


def test_a_vehicle_is_a_moving_thing_found_by_its_plate(platform: Any, carrier: Any, car: Any) -> None:
    row = car("澜A·D12345", "green", enterprise=carrier()["id"], vin="LTQDEMA10TA000137")
    with platform.store.read(CITY) as work:
        thing = things.find(work, "vehicle", "plate", "澜AD12345 green")
        assert thing is not None
        assert (thing.urn, thing.name, thing.category) == (row["urn"], "澜A·D12345", "heavy_truck")
        assert thing.urn.endswith(row["id"]), "the page finds the row by the last part of the URN"
        for q in ("D12345", "澜ad123", "ltqdema", "澜A·D"):
            assert row["urn"] in [hit.urn for hit in finding.search(work, platform.modules, q)], q
    assert categories.VEHICLE.moving
    assert told(platform, row["urn"]) == ["fleets.vehicle_registered"]


def test_plate_and_colour_together_are_the_identity(car: Any) -> None:
    first = car("澜A12345", "yellow")
    assert car("澜A12345", "blue")["id"] != first["id"]
    with pytest.raises(Refused, match="plate_taken"):
        car("澜A·12345", "yellow")
    car("澜A99999", vin="LTQDEMA10TA000137")
    with pytest.raises(Refused, match="vin_taken"):
        car("澜A99998", vin="LTQDEMA10TA000137")


def test_a_plate_is_taken_also_where_the_actor_cannot_see(car: Any) -> None:
    car("澜A12345", region="9901")
    with pytest.raises(Refused, match="plate_taken"):
        car("澜A12345", actor=CITY)


def test_a_new_plate_keeps_the_thing(platform: Any, rules: Any, car: Any) -> None:
    row = car("澜A12345")
    with platform.store.write(CITY) as work:
        after = vehicles.amend(work, row["id"], plate=rules.read("澜A·D54321", "green"))
        assert (after["urn"], after["plate"], after["revision"]) == (row["urn"], "澜A·D54321", 2)
        assert things.find(work, "vehicle", "plate", "澜A12345 yellow") is None
        assert things.find(work, "vehicle", "plate", "澜AD54321 green").urn == row["urn"]
    car("澜A12345")


def test_nothing_happens_where_nothing_differs(platform: Any, rules: Any, car: Any) -> None:
    row = car("澜A12345", model="M")
    with platform.store.write(CITY) as work:
        assert vehicles.amend(work, row["id"], plate=rules.read("澜A·12345", "yellow"), model="M") == row
    assert told(platform, row["urn"]) == ["fleets.vehicle_registered"]


def test_a_move_needs_rights_at_both_ends(platform: Any, carrier: Any, car: Any) -> None:
    here, there = carrier(), carrier("澜州货运有限公司", "9901")
    row = car(enterprise=here["id"])
    with platform.store.write(CITY) as work:
        with pytest.raises(NotFound, match="unknown_enterprise"):
            vehicles.amend(work, row["id"], enterprise=there["id"])
        with pytest.raises(Forbidden):
            vehicles.amend(work, row["id"], region="9901")
    with platform.store.write(OTHER) as work, pytest.raises(NotFound, match="unknown_vehicle"):
        vehicles.amend(work, row["id"], enterprise=there["id"])
    with platform.store.write(ROOT) as work:
        after = vehicles.amend(work, row["id"], enterprise=there["id"], region="9901")
        assert (after["organisation"], things.get(work, row["urn"]).region) == (there["id"], "9901")
    with platform.store.read(CITY) as work, pytest.raises(NotFound):
        vehicles.get(work, row["id"])


def test_seeing_an_enterprise_is_not_enough_to_move_a_vehicle_there(platform: Any, carrier: Any, car: Any) -> None:
    here, there = carrier(), carrier("望汀公交")
    row = car(enterprise=here["id"])
    own = Grant("own", frozenset(("fleets.read", "fleets.edit")), frozenset((here["id"],)))
    clerk = Actor("p-clerk", "clerk", grants=(own, Grant("all", frozenset(("fleets.read",)), region="99")))
    with platform.store.write(clerk) as work:
        assert vehicles.amend(work, row["id"], model="X")["model"] == "X"
        with pytest.raises(Forbidden):
            vehicles.amend(work, row["id"], enterprise=there["id"])


def test_reading_is_not_editing(platform: Any, car: Any) -> None:
    row = car()
    with pytest.raises(Forbidden):
        car("澜A00001", actor=READER)
    with platform.store.write(READER) as work, pytest.raises(Forbidden):
        vehicles.retire(work, row["id"])


def test_a_retired_vehicle_frees_its_plate_and_stays_in_the_history(platform: Any, car: Any) -> None:
    row = car(vin="LTQDEMA10TA000137")
    with platform.store.write(CITY) as work:
        assert vehicles.retire(work, row["id"])["active"] is False
        with pytest.raises(Refused, match="retired"):
            vehicles.amend(work, row["id"], model="X")
    second = car(vin="LTQDEMA10TA000137")
    assert second["urn"] != row["urn"]
    assert told(platform, row["urn"]) == ["fleets.vehicle_registered", "fleets.vehicle_retired"]
    with platform.store.read(CITY) as work:
        assert vehicles.get(work, row["id"])["plate"] == "澜A·12345"


def test_an_enterprise_that_runs_something_is_not_retired(platform: Any, carrier: Any, car: Any, driver: Any) -> None:
    owner = carrier(licence="L1")
    vehicle, person = car(enterprise=owner["id"]), driver(owner["id"])
    for verb, row in ((vehicles.retire, vehicle), (drivers.retire, person)):
        with platform.store.write(CITY) as work, pytest.raises(Refused, match="still_runs"):
            enterprises.retire(work, owner["id"])
        with platform.store.write(CITY) as work:
            verb(work, row["id"])
    with platform.store.write(CITY) as work:
        enterprises.retire(work, owner["id"])
        assert identity.organisation(work, owner["id"]).retired_ms is not None
    with pytest.raises(Refused, match="retired"):
        car("澜A00009", enterprise=owner["id"])
    assert carrier(licence="L1")["id"] != owner["id"]


def test_an_enterprise_and_its_organisation_change_together(platform: Any, carrier: Any) -> None:
    row = carrier()
    carrier("另一家", licence="L2")
    with platform.store.write(CITY) as work:
        enterprises.amend(work, row["id"], name="望汀新港物流", licence="L1")
        assert identity.organisation(work, row["id"]).name == "望汀新港物流"
        with pytest.raises(Refused, match="licence_taken"):
            enterprises.amend(work, row["id"], licence="L2")
        with pytest.raises(Forbidden):
            enterprises.register(work, enterprises.NewEnterprise("外地公司", "9901", "taxi"))


def test_numbers_of_drivers_are_masked_and_a_mask_sent_back_changes_nothing(
    platform: Any, carrier: Any, driver: Any
) -> None:
    row = driver(carrier()["id"])
    with platform.store.write(CITY) as work:
        (shown,) = drivers.shown(work, [row], reveal=False)
        assert "0000000001" not in shown["driving_licence"]
        assert shown["phone"].startswith("100*")
        after = drivers.amend(work, row["id"], phone=shown["phone"], driving_licence=shown["driving_licence"])
        assert after == row
        after = drivers.amend(work, row["id"], phone="10000000138")
        assert after["phone"] == "10000000138"
        with pytest.raises(Forbidden):
            drivers.shown(work, [row], reveal=True)


def test_a_taken_driving_licence_is_not_told_in_full(carrier: Any, driver: Any) -> None:
    owner = carrier()["id"]
    driver(owner)
    with pytest.raises(Refused, match="driver_taken") as caught:
        driver(owner)
    assert "990201000000000137" not in str(caught.value)


def test_no_event_or_audit_entry_carries_a_driver_s_numbers(platform: Any, carrier: Any, driver: Any) -> None:
    row = driver(carrier()["id"])
    with platform.store.write(CITY) as work:
        drivers.amend(work, row["id"], phone="10000000999", driving_licence="990201000000000999")
    with platform.store.engine.connect() as connection:
        for name in ("events_event", "audit_entry", "things_thing", "things_alias"):
            said = str(connection.exec_driver_sql(f"select * from {name}").all())
            for secret in ("990201000000000137", "990201000000000999", "10000000999", "10000000137"):
                assert secret not in said, name


def test_migrations_make_the_declared_tables_and_catalogues_are_equal(platform: Any) -> None:
    with platform.store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = [str(one) for one in compare_metadata(context, METADATA) if "fleets_" in str(one)]
    assert [one for one in found if "fleets_version" not in one] == []
    assert text.load("fleets", "zh").keys() == text.load("fleets", "en").keys()
    for code in categories.CODES:
        assert text.has(f"fleets.options.category.{code}")
