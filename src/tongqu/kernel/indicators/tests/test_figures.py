"""A figure is the sum of its rows: for each who sees some of them, after late data, and after a corrected binding."""

from __future__ import annotations

import io
from itertools import pairwise

import openpyxl
import pytest

from tongqu.kernel import things
from tongqu.kernel.indicators import excel, service, store
from tongqu.kernel.indicators.service import Asked
from tongqu.kernel.indicators.tests.toy import QUALITY, RINGS
from tongqu.kernel.indicators.values import Window
from tongqu.kernel.indicators.windows import window_at, windows_between
from tongqu.kernel.store import Actor, Grant, system_actor
from tongqu.kernel.telemetry.tests.house import NOON
from tongqu.kit.errors import Invalid
from tongqu.kit.time import DAY_MS, HOUR_MS

MINUTE = 60_000
HOUR = Window("hour", NOON, NOON + HOUR_MS)
ALL = system_actor("test")


def over(region=None, organisations=None):
    held = None if organisations is None else frozenset(organisations)
    return Actor("p", "p", grants=(Grant("r", frozenset({"indicators.read"}), organisations=held, region=region),))


def series(observatory, actor=ALL, indicator=QUALITY, period="hour", asked=Asked(), by=None):
    with observatory.house.store.read(actor) as work:
        return service.series(work, indicator, period, NOON - DAY_MS, NOON + DAY_MS, asked, by)


def value(observatory, actor=ALL, **more):
    found = {point["from_ms"]: point for point in series(observatory, actor, **more)}
    return found[NOON]["value"] if NOON in found else None


@pytest.fixture
def busy(observatory):
    """A (county 990101) with 3 good of 4 fixes, B (of ORG2, no region) with 1 of 2, and a terminal of nobody with 1."""
    house = observatory.house
    a = house.pair("A", region="990101", category="bus")[1]
    b = house.pair("B", organisation="ORG2", category="taxi")[1]
    loose = house.terminal("loose")
    for i in range(3):
        house.fix(a.key, (NOON + i * MINUTE, 118.5, 30.5))
    house.fix(a.key, (NOON + 3 * MINUTE, 0.0, 0.0))
    house.fix(b.key, (NOON, 118.5, 30.5), (NOON + MINUTE, 0.0, 0.0))
    house.fix(loose.key, (NOON, 119.5, 30.5))
    house.catch_up()
    house.clock.advance(2 * HOUR_MS)
    house.telemetry.writer.settle_now()
    house.telemetry.keep()
    return observatory, a, b, loose


def test_windows_are_hours_and_days_of_china():
    day = window_at("day", NOON)
    assert (day.from_ms % DAY_MS, day.length_ms) == (16 * HOUR_MS, DAY_MS)
    hours = list(windows_between("hour", day.from_ms, day.to_ms))
    assert [hours[0].from_ms, hours[-1].to_ms, len(hours)] == [day.from_ms, day.to_ms, 24]
    assert all(a.to_ms == b.from_ms for a, b in pairwise(hours))


def test_a_figure_is_what_its_actor_sees(busy):
    observatory, *_ = busy
    observatory.compute()
    assert value(observatory) == pytest.approx(100 * 5 / 7)
    assert value(observatory, over("99")) == pytest.approx(75)
    assert value(observatory, over(organisations={"ORG2"})) == pytest.approx(50)
    assert value(observatory, over("98")) is None
    assert value(observatory, asked=Asked(region="990101")) == pytest.approx(75)
    assert value(observatory, period="day", asked=Asked(organisation="ORG2")) is None  # a day begins at 16:00 UTC
    days = [point["value"] for point in series(observatory, period="day") if point["value"] is not None]
    assert days == [pytest.approx(100 * 5 / 7)]


def test_a_figure_opens_the_rows_it_is_the_sum_of(busy):
    observatory, *_ = busy
    observatory.compute()
    for actor in (ALL, over("99"), over("9901"), over(organisations={"ORG2"}), over("98")):
        rows, total = observatory.keeper.rows(actor, QUALITY, HOUR, Asked(), 0, 100)
        found = rows.to_pylist()
        assert len(found) == total
        good, fixes = sum(row["numerator"] for row in found), sum(row["denominator"] for row in found)
        assert value(observatory, actor) == (pytest.approx(100 * good / fixes) if fixes else None)
    rows, _ = observatory.keeper.rows(ALL, QUALITY, HOUR, Asked(), 0, 100)
    assert [(row["label"], row["good"], row["fixes"]) for row in rows.to_pylist()] == [
        ("A", 3, 4), ("B", 1, 2), ("loose", 1, 1),
    ]  # fmt: skip


def test_nothing_is_computed_twice_and_late_data_is_computed_anew(busy):
    observatory, a, *_ = busy
    house = observatory.house
    assert observatory.compute()["changed"] > 0
    assert [one for one in observatory.keeper.due() if one.closed] == []
    house.fix(a.key, (NOON + 30 * MINUTE, 118.5, 30.5), refill=True)
    house.catch_up()
    house.telemetry.writer.settle_now()
    house.clock.advance(16 * MINUTE)
    house.telemetry.keep()
    hours = [one for one in observatory.keeper.due() if one.closed and one.window.period == "hour"]
    assert [one.window for one in hours] == [HOUR]
    assert observatory.compute()["changed"] >= 1
    assert value(observatory) == pytest.approx(100 * 6 / 8)


def test_a_corrected_binding_counts(busy):
    observatory, _, _, loose = busy
    observatory.compute()
    c = observatory.house.vehicle("C", organisation="ORG2")
    observatory.house.fit(loose, c, NOON - HOUR_MS)
    assert HOUR in {one.window for one in observatory.keeper.due() if one.closed}
    observatory.compute()
    assert value(observatory, over(organisations={"ORG2"})) == pytest.approx(100 * 2 / 3)
    assert value(observatory) == pytest.approx(100 * 5 / 7)


def test_the_end_of_a_binding_leaves_earlier_windows_alone(busy):
    observatory, a, *_ = busy
    observatory.compute()
    with observatory.house.work() as work:
        relation = observatory.house.relations(work, a)[0]
        things.end_relation(work, relation.id, NOON + 90 * MINUTE)
    assert [one.window for one in observatory.keeper.due() if one.closed and one.window.to_ms <= NOON + HOUR_MS] == []


def test_records_of_another_room_count_and_their_changes_too(busy):
    observatory, *_ = busy
    bell = {"time_ms": NOON + MINUTE, "urn": "urn:tongqu:vehicle:A", "rings": 2}
    observatory.bells.rows = [bell, {"time_ms": NOON, "urn": "urn:tongqu:vehicle:B", "rings": 5}]
    observatory.compute()
    points = series(observatory, indicator=RINGS, by="key")
    assert {(p["group"], p["value"]) for p in points if p["from_ms"] == NOON} == {("bus", 2), ("taxi", 5)}
    bell["rings"] = 3
    assert {tuple(one.fingerprints) for one in observatory.keeper.due() if one.closed} == {("toys.rings",)}
    observatory.compute()
    assert value(observatory, indicator=RINGS, asked=Asked(key="bus")) == 3


def test_the_window_that_runs_says_so_and_is_looked_at_again(busy):
    observatory, a, *_ = busy
    house = observatory.house
    now = house.clock.now_ms()
    house.fix(a.key, (now, 118.5, 30.5))
    house.catch_up()
    house.telemetry.writer.settle_now()
    observatory.compute()
    running = series(observatory)[-1]
    assert (running["from_ms"], running["value"], running["closed"]) == (now, 100, False)
    assert not [one for one in observatory.keeper.due() if one.window.from_ms == now]
    house.clock.advance(11 * MINUTE)
    assert [one for one in observatory.keeper.due() if one.window.from_ms == now]


def test_a_run_says_what_it_was_computed_from(busy):
    observatory, *_ = busy
    observatory.compute()
    with observatory.house.store.read(ALL) as work:
        run = store.run_of(work, QUALITY.id, 1, "hour", NOON)
    assert run["closed"] and run["rows"] == 3 and run["job"]
    assert sum(rows for _, rows in run["parts"]) == 7 and all(name.endswith(".parquet") for name, _ in run["parts"])


def test_what_was_handed_over_goes_when_it_was_used(busy):
    observatory, *_ = busy
    observatory.compute()
    assert list((observatory.house.folder / "indicators").glob("*")) == []


@pytest.mark.parametrize(
    ("more", "code"),
    [({"period": "year"}, "indicators.bad_period"), ({"by": "colour"}, "indicators.bad_by")],
)
def test_a_series_that_makes_no_sense_is_refused(observatory, more, code):
    with pytest.raises(Invalid) as refused:
        series(observatory, **more)
    assert refused.value.code == code


def test_a_workbook_holds_definition_figures_and_rows(busy):
    observatory, *_ = busy
    observatory.compute()
    rows, total = observatory.keeper.rows(ALL, QUALITY, HOUR, Asked(), 0, 100)
    points = [point for point in series(observatory) if point["closed"]]
    body = excel.workbook(service.described(QUALITY, NOON), points, rows, QUALITY, "zh", total=total)
    book = openpyxl.load_workbook(io.BytesIO(body))
    definition, figures, listed = book.worksheets
    assert [cell.value for cell in definition["B"]][:2] == ["合格 (toys.quality)", "合格 = 好 ÷ 全部"]
    assert pytest.approx(100 * 5 / 7) in [cell.value for cell in figures["C"]]
    names = [cell.value for cell in listed[1]]
    good, fixes = (
        sum(row[names.index(name)].value for row in listed.iter_rows(min_row=2)) for name in ("分子", "分母")
    )
    assert (good, fixes) == (5, 7)
