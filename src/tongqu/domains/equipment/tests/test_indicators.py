"""Each figure equals what plain Python makes of the exported positions."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import pairwise

import pytest

from tongqu.domains.equipment import indicators
from tongqu.domains.equipment.indicators import COMPLETE_GAP, INDICATORS
from tongqu.domains.equipment.module import MODULE as EQUIPMENT
from tongqu.kernel.indicators import Window
from tongqu.kernel.indicators.service import Asked
from tongqu.kernel.indicators.tests.observatory import Observatory
from tongqu.kernel.module import Module
from tongqu.kernel.rulebooks import value_of
from tongqu.kernel.telemetry.tests.house import NOON, TERMINAL, VEHICLE
from tongqu.kernel.telemetry.tests.toy import TOY
from tongqu.kit import text
from tongqu.kit.time import HOUR_MS

MINUTE = 60_000
HOUR = Window("hour", NOON, NOON + HOUR_MS)
SUSPICIOUS, DRIFTED = 1 | 2 | 4 | 8 | 16 | 32, 1 | 2 | 32
ONLINE, COMPLETE, DRIFT, QUALITY = INDICATORS


@pytest.fixture
def observatory(tmp_path):
    """An hour of four vehicles and a terminal of nobody: gaps, jumps, fixes at 0/0, one silent, one unfitted again."""
    text.register("equipment", EQUIPMENT.package)
    toys = Module("toys", "tongqu.kernel.telemetry.tests", "platform", streams=(TOY,), kinds=(VEHICLE, TERMINAL),
                  indicators=INDICATORS)  # fmt: skip
    made = Observatory(tmp_path, toys)
    house = made.house
    house.clock.advance(HOUR_MS)
    even = house.pair("even", region="990101", organisation="ORG1")[1]
    gappy = house.pair("gappy", region="990101", organisation="ORG2")[1]
    wild = house.pair("wild", region="990202", organisation="ORG2")[1]
    house.pair("silent", region="990202", organisation="ORG1")
    loose = house.terminal("loose")
    for i in range(60):
        house.fix(even.key, (NOON + i * MINUTE, 118.5 + 0.003 * i, 30.5))
        if i % 9 < 3:
            house.fix(gappy.key, (NOON + i * MINUTE, 118.5, 30.5 + 0.004 * i))
        house.fix(wild.key, (NOON + i * MINUTE, 0.0 if i % 10 == 5 else 118.5 + (0.7 if i % 13 == 6 else 0), 30.5))
    house.fix(loose.key, (NOON, 119.5, 30.5))
    house.catch_up()
    house.clock.advance(HOUR_MS)
    house.telemetry.writer.settle_now()
    house.telemetry.keep()
    made.compute()
    yield made
    house.close()


def by_vehicle(observatory):
    found = defaultdict(list)
    for row in observatory.exported(HOUR.from_ms, HOUR.to_ms):
        found[row["label"]].append(row)
    return found


def metres(a, b):
    """The spherical law of cosines: another formula than the platform's."""
    one, two = math.radians(a["lat"]), math.radians(b["lat"])
    turn = math.radians(b["lon"] - a["lon"])
    cosine = math.sin(one) * math.sin(two) + math.cos(one) * math.cos(two) * math.cos(turn)
    return 6_371_008.8 * math.acos(min(1.0, cosine))


def test_online_rate(observatory):
    sent = {label for label, rows in by_vehicle(observatory).items() if rows and label != "loose"}
    assert observatory.figure(ONLINE, HOUR) == pytest.approx(100 * len(sent) / 4) == pytest.approx(75)
    assert observatory.figure(ONLINE, HOUR, asked=Asked(region="9902")) == pytest.approx(50)
    assert observatory.figure(ONLINE, HOUR, asked=Asked(organisation="ORG1")) == pytest.approx(50)
    assert {row["label"]: row["fixes"] for row in observatory.rows(ONLINE, HOUR)} == {
        "silent": 0, **{label: len(rows) for label, rows in by_vehicle(observatory).items() if label != "loose"}
    }  # fmt: skip


def test_track_completeness(observatory):
    limit_ms = 1000 * value_of(COMPLETE_GAP, None, NOON)
    total = complete = 0.0
    for label, rows in by_vehicle(observatory).items():
        good = sorted((row for row in rows if not row["flags"] & SUSPICIOUS), key=lambda row: row["time_ms"])
        for before, after in pairwise(good):
            way = metres(before, after) if label != "loose" else 0.0
            total += way
            complete += way if after["time_ms"] - before["time_ms"] <= limit_ms else 0.0
    assert 0 < complete < total
    assert observatory.figure(COMPLETE, HOUR) == pytest.approx(100 * complete / total, rel=1e-6)
    longest = {row["label"]: row["longest_gap_s"] for row in observatory.rows(COMPLETE, HOUR)}
    assert longest["gappy"] == 7 * 60 and longest["even"] == 60


@pytest.mark.parametrize(
    ("indicator", "mask", "flagged_counts"), [(DRIFT, DRIFTED, True), (QUALITY, SUSPICIOUS, False)]
)
def test_drift_and_quality(observatory, indicator, mask, flagged_counts):
    rows = [row for rows in by_vehicle(observatory).values() for row in rows]
    counted = [row for row in rows if bool(row["flags"] & mask) == flagged_counts]
    assert 0 < len(counted) < len(rows)
    assert observatory.figure(indicator, HOUR) == pytest.approx(100 * len(counted) / len(rows))


def test_every_figure_is_the_sum_of_the_rows_it_opens(observatory):
    for indicator in INDICATORS:
        for asked in (Asked(), Asked(region="9901"), Asked(organisation="ORG2")):
            rows = observatory.rows(indicator, HOUR, asked)
            top, bottom = (sum(row[name] for row in rows) for name in ("numerator", "denominator"))
            assert observatory.figure(indicator, HOUR, asked=asked) == pytest.approx(100 * top / bottom)


def test_the_limit_of_a_gap_prints_its_status():
    from tongqu.kernel.indicators.service import described

    (number,) = described(COMPLETE, NOON)["parameters"]
    assert (number["id"], number["status"]) == (indicators.COMPLETE_GAP, "unverified") and number["source"]
