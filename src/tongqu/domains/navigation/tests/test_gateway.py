"""What comes over the sockets: ships on first hearing, stations, refusals, and what two receivers hear."""

from __future__ import annotations

import socket
import time

import pytest

from tongqu.domains.navigation.gateway.desk import Desk, Receiver
from tongqu.domains.navigation.gateway.server import Options
from tongqu.domains.navigation.tables import MESSAGE, RECEIVER, SHIP, STATION
from tongqu.domains.navigation.tests.conftest import SYSTEM, Running, until
from tongqu.kernel import things
from tongqu.kernel.layers.tables import FEATURE
from tongqu.kernel.platform import Settings
from tongqu.protocols import nmea

MMSI = 413_000_001
PLACE = {"longitude_deg": 121.5, "latitude_deg": 29.5, "speed_kn": 12.3, "course_deg": 90.0, "second": 30}
POSITION = nmea.encode(1, MMSI, PLACE)
VOYAGE = nmea.encode(
    5,
    MMSI,
    {"name": "OCEAN STAR", "call_sign": "BXYZ", "imo": 9074729, "ship_type": 70, "to_bow_m": 100, "to_stern_m": 80,
     "to_port_m": 10, "to_starboard_m": 18, "destination": "WANGTING", "draught_m": 9.5, "eta_month": 12, "eta_day": 3},
)  # fmt: skip


def test_a_ship_is_registered_when_she_is_first_heard_and_named_when_she_says_her_name(gateway):
    with gateway.send(*POSITION, *VOYAGE):
        ship = until(lambda: [row for row in gateway.rows(SHIP) if row["name"]])[0]
    assert (ship["id"], ship["name"], ship["call_sign"], ship["imo"]) == ("413000001", "OCEAN STAR", "BXYZ", 9074729)
    assert (ship["length_m"], ship["beam_m"], ship["draught_m"], ship["eta"]) == (180, 28, 9.5, "12-03")
    assert (ship["category"], ship["transponder"], ship["destination"]) == ("cargo", "A", "WANGTING")
    with gateway.platform.store.read(SYSTEM) as work:
        thing = things.get(work, ship["urn"])
        found = [things.find(work, "ship", kind, value) for kind, value in (("imo", "9074729"), ("call_sign", "bxyz"))]
    assert thing.name == "OCEAN STAR"
    assert [one.urn for one in found] == [ship["urn"], ship["urn"]]


def test_the_record_names_the_ship_the_receiver_and_the_time(gateway):
    with gateway.send(*POSITION):
        record = until(gateway.log)[0]
        ship = until(lambda: gateway.rows(SHIP))[0]
    assert record.source == ship["key"]
    (group,) = nmea.Assembler().feed(record.raw.decode())
    assert group.station == gateway.rows(RECEIVER)[0]["id"]
    assert abs(group.heard_ms - record.received_ms) < 60_000
    assert nmea.decode_group(group).mmsi == MMSI


def test_a_class_b_ship_of_two_parts(gateway):
    part_b = {"part": 1, "ship_type": 37, "call_sign": "TC6163", "to_bow_m": 10, "to_stern_m": 5, "to_starboard_m": 5}
    lines = nmea.encode(24, MMSI, {"part": 0, "name": "PROGUY"}) + nmea.encode(24, MMSI, part_b)
    with gateway.send(*lines):
        ship = until(lambda: [row for row in gateway.rows(SHIP) if row["name"] and row["call_sign"]])[0]
    assert (ship["name"], ship["category"], ship["length_m"], ship["transponder"]) == ("PROGUY", "pleasure", 15, "B")
    assert {(row["type"], row["part"]) for row in gateway.rows(MESSAGE)} == {(24, 0), (24, 1)}


def test_aids_and_base_stations_are_no_ships_and_are_drawn(gateway):
    place = {"longitude_deg": 121.6, "latitude_deg": 29.6}
    aid = place | {"name": "WT FAIRWAY 1", "aid_type": 24, "second": 20, "off_position": True}
    with gateway.send(*nmea.encode(21, 994131001, aid), *nmea.encode(4, 4131099, place)):
        rows = until(
            lambda: (found := gateway.rows(STATION)) and len(found) == 2 and all(r["lon"] for r in found) and found
        )
    by_kind = {row["kind"]: row for row in rows}
    assert (by_kind["aid"]["name"], by_kind["aid"]["off_position"], by_kind["aid"]["aid_type"]) == (
        "WT FAIRWAY 1",
        True,
        24,
    )
    assert by_kind["base"]["id"] == "004131099"
    assert gateway.rows(SHIP) == []
    with gateway.platform.store.read(SYSTEM) as work:
        drawn = {row["feature"]: row for row in work.rows(FEATURE.select()) if row["layer"] == "navigation.aids"}
    assert {key: row["kind"] for key, row in drawn.items()} == {"994131001": "off", "004131099": "base"}


def test_an_off_position_flag_without_a_second_is_not_believed(gateway):
    with gateway.send(*nmea.encode(21, 994131001, {"name": "X", "second": 61, "off_position": True})):
        assert until(lambda: gateway.rows(STATION))[0]["off_position"] is None


def test_bad_lines_are_counted_and_quarantined_with_their_reason(gateway):
    wrong = POSITION[0][:-1] + ("0" if POSITION[0][-1] != "0" else "1")
    zero = nmea.encode(1, 0, PLACE)[0]
    with gateway.send(wrong, zero, "hello", "$GPRMC,nonsense", *POSITION):
        until(lambda: gateway.rows(RECEIVER) and gateway.rows(RECEIVER)[0]["lines"] == 5)
        refused = until(lambda: len(found := [r for r in gateway.log() if r.reason]) == 3 and found)
    assert sorted(record.reason for record in refused) == ["checksum", "mmsi", "sentence"]
    assert {record.raw.decode() for record in refused} == {wrong, zero, "hello"}
    receiver = gateway.rows(RECEIVER)[0]
    assert (receiver["messages"], receiver["refused"], receiver["sentences"]) == (1, 3, 3)


def test_a_receiver_may_send_datagrams(gateway):
    gateway.datagram(*POSITION)
    until(lambda: gateway.rows(SHIP))
    assert [row["transport"] for row in gateway.rows(RECEIVER)] == ["udp"]


def test_what_two_receivers_hear_is_one_report(gateway):
    with gateway.send(*POSITION):
        until(lambda: gateway.rows(SHIP))
        gateway.datagram(*POSITION)
        rows = until(lambda: (found := {r["transport"]: r for r in gateway.rows(RECEIVER)}) and len(found) == 2
                     and found["udp"]["lines"] and found)  # fmt: skip
    assert (rows["tcp"]["messages"], rows["udp"]["messages"], rows["udp"]["doubled"]) == (1, 0, 1)
    assert len(gateway.log()) == 1


def test_a_receiver_that_waits_is_called(platform):
    with socket.create_server(("127.0.0.1", 0)) as waiting:
        running = Running(platform, Options(dial=(("127.0.0.1", waiting.getsockname()[1]),)))
        try:
            connection, _ = waiting.accept()
            connection.sendall((POSITION[0] + "\r\n").encode())
            until(lambda: running.rows(SHIP))
            connection.close()
            assert running.rows(RECEIVER)[0]["transport"] == "dial"
        finally:
            running.stop()


def test_a_receiver_that_hangs_up_is_off_line(gateway):
    gateway.send(*POSITION).close()
    row = until(lambda: (rows := gateway.rows(RECEIVER)) and rows[0]["lines"] and not rows[0]["online"] and rows[0])
    assert row["messages"] == 1


def test_ships_known_before_a_restart_are_met_no_second_time(platform):
    first = Running(platform, Options())
    first.send(*POSITION).close()
    until(lambda: first.rows(SHIP))
    first.stop()
    second = Running(platform, Options())
    try:
        second.send(*nmea.encode(1, MMSI, PLACE | {"second": 40})).close()
        until(lambda: len(second.log()) == 2)
        assert len(second.rows(SHIP)) == 1
        assert len({record.source for record in second.log()}) == 1
    finally:
        second.stop()


class Notes:
    """A log that keeps what it is given."""

    def __init__(self):
        self.kept, self.refused = [], []

    def append(self, *record):
        self.kept.append(record)

    def append_refused(self, *record):
        self.refused.append(record)


NOW = 1_800_000_000_000


def desk_with(*lines, now_ms=NOW):
    notes = Notes()
    desk = Desk(notes, {MMSI: 7}, lambda *_: None)
    desk.lines(Receiver("R1", "test"), [line.encode("latin-1") for line in lines], now_ms)
    return desk, notes


def heard_ms(record):
    (group,) = nmea.Assembler().feed(record[3].decode())
    return group.heard_ms


def test_time_comes_from_the_stream_where_it_has_one():
    rmc = "$GPRMC,092211.00,A,5759.09700,N,01144.34344,E,5.257,28.27,200715,,,A*58"
    mark = "$PGHP,1,2010,6,11,11,46,11,390,231,45,992190934,1,2B*5B"
    assert heard_ms(desk_with(*POSITION)[1].kept[0]) == NOW
    assert heard_ms(desk_with(rmc, *POSITION)[1].kept[0]) == 1_437_384_131_000
    assert heard_ms(desk_with(mark, *POSITION)[1].kept[0]) == 1_276_256_771_390
    own_clock = 1_437_384_131_000 + 20_000  # a receiver whose clock is ours, but for some seconds
    assert heard_ms(desk_with(rmc, *POSITION, now_ms=own_clock)[1].kept[0]) == own_clock


def test_senders_that_wait_for_the_registry_lose_nothing():
    asked = []
    notes = Notes()
    desk = Desk(notes, {}, lambda mmsi, receiver: asked.append(mmsi))
    later = nmea.encode(1, MMSI, PLACE | {"second": 31})[0]
    desk.lines(Receiver("R1", "test"), [POSITION[0].encode(), later.encode()], NOW)
    assert (asked, notes.kept) == ([MMSI], [])
    desk.met({MMSI: 9}, [MMSI])
    assert [record[1] for record in notes.kept] == [9, 9]


@pytest.mark.parametrize("value", ["nowhere", "host:", "host:99999", "host:x"])
def test_a_wrong_setting_is_said(tmp_path, value):
    with pytest.raises(ValueError, match="host:port"):
        Options.of(Settings(tmp_path, "", options={"navigation.dial": value}))


def test_a_line_without_an_end_is_not_kept_for_ever(gateway):
    with gateway.send() as connection:
        connection.sendall(b"!AIVDM" + b"x" * 10_000)
        time.sleep(0.2)
        connection.sendall(b"\r\n" + POSITION[0].encode() + b"\r\n")
        until(lambda: gateway.rows(SHIP))


def test_a_recording_does_not_set_the_clock_of_a_live_receiver_at_the_same_address(gateway):
    rmc = "$GPRMC,092211.00,A,5759.09700,N,01144.34344,E,5.257,28.27,200715,,,A*58"
    live = nmea.encode(1, 413_000_002, PLACE)
    with gateway.send(rmc, *POSITION):
        until(lambda: len(gateway.log()) == 1)
        with gateway.send(*live):
            records = until(lambda: len(found := gateway.log()) == 2 and found)
    heard = [nmea.Assembler().feed(record.raw.decode())[0].heard_ms for record in records]
    assert heard[0] == 1_437_384_131_000
    assert abs(heard[1] - records[1].received_ms) < 60_000
    assert len(gateway.rows(RECEIVER)) == 1
