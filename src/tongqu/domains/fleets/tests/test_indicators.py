"""Vehicles by category and alarms per 1,000 km equal what plain Python counts."""

from __future__ import annotations

import math
from collections import Counter

import pyarrow as pa
import pytest

from tongqu.domains.fleets.indicators import ALARMS, INDICATORS
from tongqu.kernel import things
from tongqu.kernel.indicators import Projection, Window
from tongqu.kernel.indicators.service import Asked
from tongqu.kernel.indicators.tests.observatory import Observatory
from tongqu.kernel.indicators.windows import window_at
from tongqu.kernel.module import Module
from tongqu.kernel.telemetry.tests.house import NOON, TERMINAL, VEHICLE
from tongqu.kernel.telemetry.tests.toy import TOY
from tongqu.kit.time import DAY_MS, HOUR_MS

MINUTE = 60_000
HOUR = Window("hour", NOON, NOON + HOUR_MS)
CATEGORIES, PER_DISTANCE = INDICATORS
SCHEMA = pa.schema([("time_ms", pa.int64()), ("subject", pa.string()), ("state", pa.string())])


def alarms(*rows):
    def read(_, from_ms, to_ms):
        return pa.Table.from_pylist([row for row in rows if from_ms <= row["time_ms"] < to_ms], schema=SCHEMA)

    return Projection(ALARMS, lambda: SCHEMA, read)


def alarm(vehicle, at_ms, state="cleared"):
    return {"time_ms": at_ms, "subject": f"urn:tongqu:vehicle:{vehicle}", "state": state}


@pytest.fixture
def observatory(tmp_path):
    told = (alarm("a", NOON), alarm("a", NOON + MINUTE), alarm("a", NOON + MINUTE, "withdrawn"),
            alarm("b", NOON + HOUR_MS), alarm("c", NOON + 5, "open"))  # fmt: skip
    module = Module("toys", "tongqu.kernel.telemetry.tests", "platform", streams=(TOY,), kinds=(VEHICLE, TERMINAL),
                    indicators=INDICATORS, projections=(alarms(*told),))  # fmt: skip
    made = Observatory(tmp_path, module)
    house = made.house
    house.clock.advance(HOUR_MS)
    a = house.pair("a", region="990101", category="taxi")[1]
    b = house.pair("b", region="990101", category="taxi")[1]
    house.pair("c", region="990202", category="city_bus")
    for i in range(30):
        house.fix(a.key, (NOON + i * MINUTE, 118.5 + 0.005 * i, 30.5))
        house.fix(b.key, (NOON + i * MINUTE, 118.5, 30.5 + 0.005 * i))
    house.catch_up()
    house.clock.advance(HOUR_MS)
    house.telemetry.writer.settle_now()
    house.telemetry.keep()
    yield made
    house.close()


def test_alarms_per_1000_km(observatory):
    observatory.compute()
    a_km = 29 * 0.005 * math.pi / 180 * 6371.0088 * math.cos(math.radians(30.5))
    b_km = 29 * 0.005 * math.pi / 180 * 6371.0088
    assert observatory.figure(PER_DISTANCE, HOUR) == pytest.approx(3 / (a_km + b_km) * 1000, rel=1e-5)
    assert observatory.figure(PER_DISTANCE, HOUR, asked=Asked(region="9901")) == pytest.approx(
        2 / (a_km + b_km) * 1000, rel=1e-5
    )
    assert observatory.figure(PER_DISTANCE, HOUR, asked=Asked(region="9902")) is None
    assert {row["label"]: row["alarms"] for row in observatory.rows(PER_DISTANCE, HOUR)} == {"a": 2, "b": 0, "c": 1}


def test_a_vehicle_counts_while_it_is_registered(observatory):
    day = window_at("day", NOON)
    with observatory.house.work() as work:
        things.retire(work, "urn:tongqu:vehicle:b", day.to_ms - 1)
    observatory.house.clock.advance(DAY_MS)
    observatory.house.telemetry.keep()
    observatory.compute()
    rows = observatory.rows(CATEGORIES, day)
    assert Counter(row["category"] for row in rows) == {"taxi": 1, "city_bus": 1}
    assert observatory.figure(CATEGORIES, day) == 2
    assert observatory.figure(CATEGORIES, day, asked=Asked(key="taxi")) == 1
