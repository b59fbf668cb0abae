"""Real messages read as what they say; broken entities take no other with them; bytes go and come."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from google.protobuf import text_format
from google.transit import gtfs_realtime_pb2 as pb
from hypothesis import given
from hypothesis import strategies as st

from tongqu.kit.errors import Invalid
from tongqu.protocols import gtfs_realtime
from tongqu.protocols.gtfs_realtime import Call, Message, Trip, TripUpdate, VehiclePosition


@pytest.fixture(scope="module")
def samples(data_dir: Path) -> Path:
    return data_dir / "travel" / "gtfs-rt"


def from_text(path: Path) -> bytes:
    return text_format.Parse(path.read_text(encoding="utf-8"), pb.FeedMessage()).SerializeToString()


def test_positions_of_a_real_fleet(samples: Path) -> None:
    data = (samples / "king-county-metro-1.pbf").read_bytes()
    message = gtfs_realtime.read(data)
    plain = pb.FeedMessage.FromString(data)
    assert len(message.vehicles) + message.skipped == len(plain.entity) == 627
    first = plain.entity[0].vehicle
    ours = message.vehicles[0]
    assert (ours.lat, ours.lon) == (first.position.latitude, first.position.longitude)
    assert (ours.trip.trip_id, ours.timestamp_ms) == (first.trip.trip_id, first.timestamp * 1000)


def test_trip_updates_of_the_specification(samples: Path) -> None:
    message = gtfs_realtime.read(from_text(samples / "trip-updates-full.asciipb"))
    plain = text_format.Parse((samples / "trip-updates-full.asciipb").read_text(), pb.FeedMessage())
    assert len(message.trip_updates) == sum(entity.HasField("trip_update") for entity in plain.entity)
    for ours, theirs in zip(message.trip_updates, (one.trip_update for one in plain.entity), strict=True):
        assert len(ours.calls) == len(theirs.stop_time_update)
        assert ours.trip.trip_id == theirs.trip.trip_id


def test_alerts_of_the_specification(samples: Path) -> None:
    message = gtfs_realtime.read(from_text(samples / "alerts.asciipb"))
    plain = text_format.Parse((samples / "alerts.asciipb").read_text(), pb.FeedMessage())
    (ours,), theirs = message.alerts, plain.entity[0].alert
    assert ours.header[0][1] == theirs.header_text.translation[0].text
    assert len(ours.concerns) == len(theirs.informed_entity)
    grave = Message(1_000, alerts=(replace(ours, severity="severe"),))
    assert gtfs_realtime.read(gtfs_realtime.write(grave)).alerts == grave.alerts


def test_a_real_message_comes_back(samples: Path) -> None:
    message = gtfs_realtime.read((samples / "king-county-metro-1.pbf").read_bytes())
    again = gtfs_realtime.read(gtfs_realtime.write(message))
    assert again.vehicles == message.vehicles and again.timestamp_ms == message.timestamp_ms


def test_a_broken_entity_takes_no_other_with_it(samples: Path) -> None:
    plain = pb.FeedMessage.FromString((samples / "king-county-metro-1.pbf").read_bytes())
    head = pb.FeedMessage(header=plain.header).SerializePartialToString()
    good = [entity.SerializeToString() for entity in plain.entity[:3]]
    bad = b"\x0a\xff\xff\xff\xff\x0f"  # a text longer than all that follows
    data = head + b"".join(b"\x12" + bytes([len(part)]) + part for part in (good[0], bad, good[1]) if len(part) < 128)
    message = gtfs_realtime.read(data)
    assert (len(message.vehicles), message.skipped) == (2, 1)
    assert [notice.code for notice in message.notices].count("unreadable_entity") == 1


@pytest.mark.parametrize("share", [0.2, 0.5, 0.999])
def test_a_message_cut_off_keeps_what_came(samples: Path, share: float) -> None:
    data = (samples / "king-county-metro-1.pbf").read_bytes()
    message = gtfs_realtime.read(data[: int(len(data) * share)])
    assert 0 < len(message.vehicles) < 627 and message.skipped >= 1


def test_what_is_no_message_is_refused() -> None:
    for data in (b"", b"<html>not found</html>", b"\xff" * 40):
        with pytest.raises(Invalid):
            gtfs_realtime.read(data)


def test_faults_are_told_by_their_code() -> None:
    calls = (
        Call(2, "b", arrival_ms=2_000_000, departure_ms=1_000_000),
        Call(1, "a", arrival_ms=500_000),
        Call(1, "a", arrival_ms=3_000_000),
    )
    vehicles = (
        VehiclePosition("v1", Trip(), "bus", "", 120.0, 27.0),
        VehiclePosition("v2", Trip(), "bus", "", 0.0, 0.0),
    )
    sent = Message(4_000_000_000_000, (TripUpdate("u", Trip("t"), calls),), vehicles)
    notices = gtfs_realtime.read(gtfs_realtime.write(sent), now_ms=1_000_000).notices
    codes = {notice.code for notice in notices}
    assert codes == {"E002", "E022", "E025", "E026", "E036", "E050", "E052"}
    assert all(
        notice.detail["zh"] and notice.detail["en"] for notice in gtfs_realtime.read(gtfs_realtime.write(sent)).notices
    )


TIMES = st.none() | st.integers(0, 4_000_000_000).map(lambda seconds: seconds * 1000)
DELAYS = st.none() | st.integers(-86_400, 86_400)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)
CALLS = st.builds(
    Call, st.none() | st.integers(0, 500), NAMES, TIMES, DELAYS, TIMES, DELAYS,
    st.sampled_from(["scheduled", "skipped", "no_data", "unscheduled"]),
)  # fmt: skip
TRIPS = st.builds(
    Trip, NAMES, NAMES, st.none() | st.integers(0, 1), st.just("20261128"), st.just("08:00:00"),
    st.sampled_from(["scheduled", "added", "canceled", "replacement", "new", "deleted", "duplicated", "unscheduled"]),
)  # fmt: skip
UPDATES = st.builds(TripUpdate, NAMES, TRIPS, st.lists(CALLS, max_size=5).map(tuple), NAMES, TIMES.filter(bool), DELAYS)


@given(st.lists(UPDATES, max_size=4))
def test_updates_go_and_come(updates: list[TripUpdate]) -> None:
    sent = Message(1_700_000_000_000, tuple(updates))
    assert gtfs_realtime.read(gtfs_realtime.write(sent)).trip_updates == tuple(updates)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        message = gtfs_realtime.read(b"\x0a\x05\x0a\x032.0" + data)
    except Invalid:
        return
    assert message.skipped >= 0
