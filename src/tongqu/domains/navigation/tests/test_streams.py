"""Records of the log to rows: times, sentinels, keys."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongqu.domains.navigation.categories import Category, category_of, plausible
from tongqu.domains.navigation.streams import fix_ms, positions
from tongqu.kit.arrow import Frames
from tongqu.protocols import nmea

NOW = 1_800_000_030_500
PLACE = {"longitude_deg": 121.5, "latitude_deg": 29.5, "speed_kn": 10.0, "course_deg": 90.0, "second": 30}


def rows(*messages, received_ms=NOW):
    raws = ["\r\n".join(lines).encode() for lines in messages]
    return positions(Frames.of(raws, source=[7] * len(raws), received_ms=[received_ms] * len(raws)))


def test_a_position():
    read = rows(nmea.encode(1, 413000001, PLACE | {"heading_deg": 88, "status": 0, "accuracy": True}))
    row = {name: column[0] for name, column in read.columns.items()}
    assert (row["source"], row["lon"], row["lat"]) == (7, 121.5, 29.5)
    assert row["speed_kmh"] == pytest.approx(18.52)
    assert (row["heading_deg"], row["status"], row["alarm"]) == (88, 0b11, 0)
    assert row["time_ms"] == 1_800_000_030_000


def test_sentinels_are_no_values():
    assert len(rows(nmea.encode(1, 413000001, {"speed_kn": 5.0}))) == 0
    read = rows(nmea.encode(1, 413000001, {"longitude_deg": 1.0, "latitude_deg": 2.0}))
    assert (read.columns["speed_kmh"][0], read.columns["heading_deg"][0]) == (0, -1)


def test_messages_without_a_position_give_no_row_and_no_reject():
    read = rows(nmea.encode(5, 413000001, {"name": "X"}), nmea.encode(1, 413000001, PLACE))
    assert (read.frame.tolist(), len(read.reject_frame)) == ([1], 0)


def test_a_damaged_record_is_a_reject():
    read = rows(["!AIVDM,1,1,,A,16:ktL002f,0*00"])
    assert (read.reject_frame.tolist(), read.reject_reason) == ([0], ["checksum"])


def test_two_receivers_give_one_key_and_one_time():
    line = nmea.encode(1, 413000001, PLACE)
    first, second = rows(line), rows(line, received_ms=NOW + 3_000)
    repeated = rows(nmea.encode(1, 413000001, PLACE, repeat=2))
    other = rows(nmea.encode(1, 413000001, PLACE | {"speed_kn": 10.1}))
    for name in ("time_ms", "key"):
        assert first.columns[name][0] == second.columns[name][0] == repeated.columns[name][0]
    assert first.columns["key"][0] != other.columns["key"][0]


def test_a_distress_beacon_is_an_alarm():
    read = rows(nmea.encode(1, 970123456, PLACE), nmea.encode(1, 413000001, PLACE))
    assert read.columns["alarm"].tolist() == [1, 0]


@given(st.integers(1_000_000_000_000, 2_000_000_000_000), st.integers(-1, 63))
@settings(deadline=None)
def test_the_time_of_a_report_lies_within_half_a_minute_of_its_hearing(heard, second):
    at = int(fix_ms(np.array([heard]), np.array([second]))[0])
    assert abs(at - heard) <= 30_000
    if 0 <= second < 60:
        assert at // 1000 % 60 == second


@given(st.integers(1_000_000_000_000, 2_000_000_000_000), st.integers(0, 59), st.integers(0, 5_000))
@settings(deadline=None)
def test_a_delay_of_some_seconds_does_not_change_it(sent, second, delay):
    """As long as a report is heard within 25 s of its second, two receivers agree."""
    heard = sent // 60_000 * 60_000 + second * 1000 + 1_000
    times = fix_ms(np.array([heard, heard + delay]), np.array([second, second]))
    assert times[0] == times[1] == heard - 1_000


@pytest.mark.parametrize(
    ("mmsi", "ship_type", "category"),
    [
        (413000001, 70, Category.CARGO), (413000001, 89, Category.TANKER), (413000001, 30, Category.FISHING),
        (413000001, 52, Category.SERVICE), (413000001, 36, Category.PLEASURE), (413000001, None, Category.OTHER),
        (111265591, None, Category.AIRCRAFT), (970123456, 70, Category.DISTRESS), (413000001, 40, Category.HIGH_SPEED),
    ],
)  # fmt: skip
def test_categories(mmsi, ship_type, category):
    assert category_of(mmsi, ship_type) is category


@pytest.mark.parametrize("mmsi", [0, 123456789, 1_000_000_001, 1_073_741_823])
def test_numbers_that_are_nobodys(mmsi):
    assert not plausible(mmsi)
