"""Terminals from a spreadsheet: row by row, the same file twice changes nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tongqu.domains.equipment.importers import TERMINALS
from tongqu.domains.equipment.service import terminals
from tongqu.domains.equipment.tables import TERMINAL, Admission
from tongqu.domains.equipment.values import NewTerminal
from tongqu.kernel.store import Actor, Grant, system_actor
from tongqu.kit.errors import TongquError

EMPTY = dict.fromkeys(column.name for column in TERMINALS.columns)


@pytest.fixture
def take(platform):
    actor = Actor("p", "p", grants=(Grant("integrator", frozenset({"equipment.read", "equipment.edit"}), region="99"),))

    def row(**cells):
        with platform.store.write(actor) as work:
            return TERMINALS.apply(work, EMPTY | cells)

    return row


def test_a_row_is_created_then_unchanged_then_updated(take, platform, vehicle):
    vehicle("澜A12345")
    row = {"phone": "10000000001", "terminal_id": "T1", "plate": "澜A·12345", "plate_colour": "yellow"}
    assert take(**row).done == "created"
    assert take(**row).done == "unchanged"
    assert take(**row, model="TQ").done == "updated"
    assert take(**row, model="TQ").done == "unchanged"
    with platform.store.read(Actor("s", "s", grants=(Grant("system", all=True),))) as work:
        (found,) = work.rows(select(TERMINAL))
    assert (found["vehicle_label"], found["region"], found["admission"]) == ("澜A12345", "9901", "imported")


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"plate": "澜A99999", "plate_colour": "yellow"}, "equipment.unknown_vehicle"),
        ({"plate": "澜A12345"}, "equipment.colour_missing"),
        ({"region": "98"}, "equipment.not_yours"),
        ({}, "equipment.not_yours"),
        ({"region": "9901", "profile": "x"}, "equipment.profile"),
    ],
)
def test_what_is_wrong_with_a_row(take, vehicle, cells, code):
    vehicle("澜A12345")
    with pytest.raises(TongquError) as caught:
        take(phone="10000000002", **cells)
    assert caught.value.code == code


def test_a_vehicle_has_one_terminal(take, vehicle):
    vehicle("澜A12345")
    fitted = {"plate": "澜A12345", "plate_colour": "yellow"}
    take(phone="10000000001", **fitted)
    with pytest.raises(TongquError) as caught:
        take(phone="10000000002", **fitted)
    assert caught.value.code == "equipment.vehicle_taken"


def test_phones_are_read_as_people_write_them():
    parse = next(column.parse for column in TERMINALS.columns if column.name == "phone")
    assert parse("１００ 0000 0001") == "10000000001"
    assert parse("4F07ABCDEF01") == "4f07abcdef01"
    for wrong in ("", "phone", "0", "1" * 21):
        with pytest.raises(TongquError):
            parse(wrong)


def test_many_are_fitted_since_when_each_says(platform, vehicle):
    """What a terminal brings from before it was entered is the vehicle's, as far back as it says it was fitted."""
    plates = [vehicle("澜A10001"), vehicle("澜A10002")]
    ago_ms = platform.clock.now_ms() - 86_400_000
    news = [
        NewTerminal("013800000001", vehicle=plates[0].urn, from_ms=ago_ms),
        NewTerminal("013800000002", vehicle=plates[1].urn),
    ]
    with platform.store.write(system_actor("test")) as work:
        rows = terminals.enter_many(work, news, Admission.IMPORTED, {one.urn: one for one in plates})
        now_ms = work.now_ms
    with platform.store.read(system_actor("test")) as work:
        found = [terminals.bindings(work, row["id"]) for row in rows]
    assert [(one["vehicle"], one["from_ms"], one["to_ms"]) for (one,) in found] == [
        (plates[0].urn, ago_ms, None),
        (plates[1].urn, now_ms, None),
    ]
