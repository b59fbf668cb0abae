"""Simulated terminals against the gateway over real sockets: what they say arrives, once, whatever the network does."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from sqlalchemy import select

from tongqu.domains.equipment.service import commands
from tongqu.domains.equipment.simulator import wire
from tongqu.domains.equipment.simulator.circles import Circles
from tongqu.domains.equipment.simulator.device import Device, _covers
from tongqu.domains.equipment.simulator.fleet import Fleet, play, system_ms
from tongqu.domains.equipment.simulator.terminal import Mood
from tongqu.domains.equipment.simulator.values import Fix, Identity
from tongqu.domains.equipment.streams import POSITIONS_NUMBER
from tongqu.domains.equipment.tables import COMMAND, TERMINAL
from tongqu.protocols import jt808


class Still:
    """A source whose vehicles stand where a test puts them."""

    def __init__(self, interval_ms: int = 100) -> None:
        self.at = Fix(121.5, 31.25, 12, 0, 0, 1000)
        self._interval_ms = interval_ms

    def advance(self, at_ms: int) -> None:
        pass

    def fix(self, index: int) -> Fix:
        return self.at

    def interval_ms(self, index: int) -> int:
        return self._interval_ms


class Playing:
    """A fleet in a thread of its own."""

    def __init__(self, port, identities, source, **options):
        self.fleet: Fleet | None = None
        self._end = threading.Event()

        def make() -> Fleet:
            self.fleet = Fleet(identities, source, "127.0.0.1", port, **options)
            return self.fleet

        self._thread = threading.Thread(target=play, args=(make, self._end.is_set))
        self._thread.start()

    def stop(self) -> Fleet:
        self._end.set()
        self._thread.join(30)
        assert not self._thread.is_alive() and self.fleet is not None
        return self.fleet


@pytest.fixture
def fleets():
    playing: list[Playing] = []

    def start(port, identities, source, **options) -> Playing:
        playing.append(Playing(port, identities, source, **options))
        return playing[-1]

    yield start
    for one in playing:
        one.stop()


def positions(running) -> list[dict]:
    """All positions in the log, from whole reports and refills alike."""
    raws = [record.raw for record in running.log() if record.stream == POSITIONS_NUMBER and not record.reason]
    return [row for raw in raws for row in jt808.positions_of(jt808.decode(raw))]


def identities(count: int, **facts) -> list[Identity]:
    return [Identity(f"1007{n:07d}", 2013 if n % 2 else 2019, terminal_id=f"S{n:06d}", **facts) for n in range(count)]


def test_a_fleet_registers_reports_and_loses_nothing(gateway, fleets, wait):
    source = Circles(20, 121.5, 31.25, spread_km=10, interval_ms=200, begin_ms=system_ms())
    playing = fleets(gateway.port, identities(20), source)
    wait(lambda: playing.fleet and playing.fleet.counts.acknowledged >= 200)
    counts = playing.stop().counts
    assert counts.acknowledged == counts.sent
    assert counts.refused == counts.rejected == counts.dropped == 0
    assert len(positions(gateway)) == counts.sent
    rows = gateway.rows(select(TERMINAL))
    assert Counter(row["protocol"] for row in rows) == {2013: 10, 2019: 10}


def test_what_is_said_is_where_the_vehicle_is(gateway, fleets, wait):
    source = Still()
    source.at = Fix(-121.123456, -31.654321, 1234, 61.5, 271.4, 987.6, fuel_l=55.5, alarm=2)
    playing = fleets(gateway.port, identities(1), source)
    wait(lambda: playing.fleet and playing.fleet.counts.acknowledged >= 2)
    playing.stop()
    row = positions(gateway)[0]
    assert (row["lon"], row["lat"]) == (-121.123456, -31.654321)
    assert (row["altitude_m"], row["speed_kmh"], row["heading_deg"]) == (1234, 61.5, 271)
    assert (row["mileage_km"], row["alarm"]) == (987.6, 2)
    assert abs(row["time_ms"] - system_ms()) < 60_000


def test_an_outage_is_refilled(gateway, fleets, wait):
    playing = fleets(gateway.port, identities(3), Still(50))
    wait(lambda: playing.fleet and playing.fleet.counts.acknowledged >= 30)
    gateway.stop()
    wait(lambda: playing.fleet.counts.online == 0)
    before = playing.fleet.counts.sent
    wait(lambda: playing.fleet.counts.sent > before + 60)
    gateway.start()
    playing.fleet.port = gateway.port  # it came back elsewhere
    wait(lambda: playing.fleet.counts.refilled >= 60, 30)
    wait(lambda: playing.fleet.counts.online == 3)
    counts = playing.stop().counts
    assert counts.acknowledged == counts.sent
    kinds = Counter(record.raw[1:3].hex() for record in gateway.log())
    assert kinds["0704"] > 0
    assert len(positions(gateway)) >= counts.sent  # what was stored and not acknowledged comes twice


class Wire:
    """A connection that leads nowhere."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.ended = False

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def abort(self) -> None:
        self.ended = True


def test_what_is_not_acknowledged_is_repeated_with_growing_waits_then_refilled():
    """T(N+1) = T(N) × (N+1): after 10, 20 and 60 s it is sent again, after 240 s the connection is given up."""
    fleet = Fleet([Identity("10070000001", auth_code="x")], Still(), "", 0, clock=lambda: 0, heartbeat_ms=10**9)
    (terminal,) = fleet.terminals
    terminal._transport, terminal.mood = Wire(), Mood.ONLINE
    terminal.report(Still().at, fleet.seconds.bcd(1_790_000_000_000))
    line, said = terminal._transport, {0: 1}
    for second in range(1, 340):
        fleet.now_ms = second * 1000
        if not line.ended:
            terminal.tick(fleet.now_ms)
            said[second] = len(line.written)
    assert [second for second in said if second and said[second] > said[second - 1]] == [10, 30, 90]
    assert len(set(line.written)) == 1
    assert max(said) == 330 and line.ended
    terminal.connection_lost(None)
    assert len(terminal.stored) == 1


def test_a_device_answers_every_command(gateway, fleets, wait):
    playing = fleets(gateway.port, [Identity("10070000001", 2019, terminal_id="S1")], Still())
    wait(lambda: playing.fleet and playing.fleet.counts.acknowledged)
    (terminal,) = gateway.rows(select(TERMINAL))
    asked = [
        ("text", {"text": "注意安全"}),
        ("circle", {"longitude_deg": 121.5, "latitude_deg": 31.25, "radius_m": 300, "area_id": 7}),
        ("rectangle", {"west_deg": 121, "south_deg": 31, "east_deg": 122, "north_deg": 32, "area_id": 8}),
        ("polygon", {"points": [[121, 31], [122, 31], [122, 32]], "area_id": 9}),
        ("route", {"points": [[121, 31], [122, 31]], "area_id": 10}),
        ("query_areas", {"shape": "circle"}),
        ("query_areas", {"shape": "polygon"}),
        ("query_areas", {"shape": "route"}),
        ("delete_areas", {"shape": "rectangle"}),
        ("set_parameters", {"parameters": {"max_speed_kmh": 80}}),
        ("query_parameters", {}),
        ("query_parameters", {"parameter_ids": [0x55]}),
        ("locate", {}),
        ("track", {"interval_s": 1, "duration_s": 30}),
        ("doors", {"lock": True}),
        ("attributes", {}),
    ]
    for kind, body in asked:
        gateway.write(lambda work, kind=kind, body=body: commands.queue(work, terminal["id"], kind, body))
    wait(lambda: {row["state"] for row in gateway.rows(select(COMMAND))} == {"answered"}, 20)
    rows = gateway.rows(select(COMMAND))
    replies: dict[str, list] = {}
    for row in sorted(rows, key=lambda row: row["queued_ms"]):
        replies.setdefault(row["kind"], []).append(row["reply"])
    assert replies["locate"][0]["longitude_deg"] == 121.5
    assert replies["query_parameters"][0]["parameters"]["max_speed_kmh"] == 80
    assert replies["query_parameters"][1]["parameters"] == {"max_speed_kmh": 80}
    assert replies["query_areas"][0]["circle_settings"][0]["circles"][0]["radius_m"] == 300
    assert replies["attributes"][0]["model"] == "TQ-SIM"
    device = playing.fleet.terminals[0].device
    assert device.texts == ["注意安全"]
    assert set(device.areas) == {(1, 7), (3, 9), (4, 10)}


def test_crossing_an_area_alarms_once(gateway, fleets, wait):
    source = Still(50)
    playing = fleets(gateway.port, [Identity("10070000001", 2019, terminal_id="S1")], source)
    wait(lambda: playing.fleet and playing.fleet.counts.acknowledged)
    (terminal,) = gateway.rows(select(TERMINAL))
    circle = {"longitude_deg": 121.6, "latitude_deg": 31.25, "radius_m": 300, "area_id": 7}
    gateway.write(lambda work: commands.queue(work, terminal["id"], "circle", circle))
    wait(lambda: playing.fleet.terminals[0].device and playing.fleet.terminals[0].device.areas)
    for lon in (121.6, 121.7):
        source.at = source.at._replace(lon=lon)
        told = playing.fleet.counts.acknowledged
        wait(lambda told=told: playing.fleet.counts.acknowledged > told + 3)
    playing.stop()
    decoded = [jt808.decode(record.raw) for record in gateway.log() if record.raw[1:3] == b"\x02\x00"]
    crossings = [m.body["extras"] for m in decoded if m.body["alarm"] & 1 << 20]
    assert [one["crossed_area"] for one in crossings] == [
        {"area_type": 1, "area_id": 7, "crossing": 0},
        {"area_type": 1, "area_id": 7, "crossing": 1},
    ]


def test_shapes_of_areas():
    square = [{"longitude_deg": x, "latitude_deg": y} for x, y in ((0, 0), (2, 0), (2, 2), (0, 2))]
    assert _covers(3, {"points": square}, 1, 1) and not _covers(3, {"points": square}, 3, 1)
    box = {"left_longitude_deg": 0, "right_longitude_deg": 2, "bottom_latitude_deg": 0, "top_latitude_deg": 2}
    assert _covers(2, box, 1, 1) and not _covers(2, box, 1, 3)
    circle = {"longitude_deg": 0, "latitude_deg": 60, "radius_m": 1000}
    assert _covers(1, circle, 0.017, 60) and not _covers(1, circle, 0.019, 60)


def test_hand_packed_positions_are_what_the_codec_makes_of_them():
    fix = Fix(121.5, 31.25, -5, 88.8, 359.9, 12.3, status=0b11, alarm=0)
    body = wire.position(fix, wire.Seconds().bcd(1_790_000_000_000))
    raw = wire.Header("10070000001", 2019).frame(wire.LOCATION, 5, wire.batch([body], refill=True)[5:])
    message = jt808.decode(raw)
    assert message.ok and not message.rest
    again = jt808.encode(0x0200, message.body, phone=message.head.phone, serial=5, version=2019)
    assert again == [raw]
    assert len(wire.batch([body] * wire.BATCH_MOST, refill=True)) <= 1023


def test_the_device_forgets_areas_on_reset(gateway, fleets, wait):
    playing = fleets(gateway.port, [Identity("10070000001", 2019, terminal_id="S1")], Still())
    wait(lambda: playing.fleet and playing.fleet.counts.acknowledged)
    device = playing.fleet.terminals[0].device = Device(playing.fleet.terminals[0])
    device.areas[1, 1] = {"area_attributes": 0, "longitude_deg": 0, "latitude_deg": 0, "radius_m": 1}
    (terminal,) = gateway.rows(select(TERMINAL))
    gateway.write(lambda work: commands.queue(work, terminal["id"], "control", {"control": "reset"}))
    wait(lambda: playing.fleet.counts.dials == 2, 20)
    assert device.areas == {}
