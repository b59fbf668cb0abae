"""Captures through the gateway's socket: a recorded session, a recorded track, hex lines and raw streams."""

from __future__ import annotations

import asyncio
import gzip
import json
import xml.etree.ElementTree as ElementTree

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from tongqu.domains.equipment.cli import app
from tongqu.domains.equipment.simulator import capture, replay
from tongqu.domains.equipment.streams import POSITIONS_NUMBER
from tongqu.domains.equipment.tables import TERMINAL
from tongqu.kit.errors import Invalid, Refused, Unavailable
from tongqu.kit.time import parse_iso
from tongqu.protocols import jt808


def play(running, steps, speed=0.0):
    return asyncio.run(replay.play(steps, "127.0.0.1", running.port, speed))


def told(running) -> list[jt808.Message]:
    records = [record for record in running.log() if record.stream == POSITIONS_NUMBER and not record.reason]
    return [jt808.decode(record.raw) for record in records]


def test_a_recorded_session_ends_as_it_did_on_the_road(gateway, data_dir, wait):
    """60 frames of a 2019 terminal with a driver alarm: the right terminal, six positions, the alarm item."""
    steps = capture.read(data_dir / "vehicles" / "jt808_session_subiao.json", phone="")
    recorded = json.loads((data_dir / "vehicles" / "jt808_session_subiao.json").read_text())["frames"]
    assert [step.raw.hex() for step in steps] == [frame["hex"] for frame in recorded if frame["dir"] == "up"]
    played = play(gateway, steps)
    assert played.refused == 0
    assert played.answered == played.sent - 1  # its one general reply is not answered
    (terminal,) = wait(lambda: gateway.rows(select(TERMINAL).where(TERMINAL.c.imei != "")))
    assert terminal["phone"] == "00000000020232609559"
    assert (terminal["imei"], terminal["software"], terminal["protocol"]) == ("imei000003", "1.0.2", 2019)
    reports = [message for message in told(gateway) if message.head.message_id == 0x0200]
    expected = [frame["expect"]["body"] for frame in recorded if frame["expect"]["msg_id"] == "0x0200"]
    rows = [row for message in reports for row in jt808.positions_of(message)]
    assert len(rows) == len(expected) == 6
    for row, body in zip(rows, expected, strict=True):
        assert round(row["lat"] * 1e6) == body["lat_e6"] and round(row["lon"] * 1e6) == body["lon_e6"]
        assert row["time_ms"] == parse_iso(body["time_gmt8"])
    alarms = [frame["expect"]["body"]["items"] for frame in recorded if frame["expect"]["msg_id"] == "0x0200"]
    (item,) = [bytes.fromhex(item[1]) for items in alarms for item in items if item[0] == "0x65"]
    (driver,) = [found for message in reports if (found := message.body["extras"].get("dsm"))]
    assert (driver["alarm_id"], driver["dsm_type"], driver["level"]) == (
        int.from_bytes(item[:4], "big"),
        item[5],
        item[6],
    )
    assert driver["identifier"]["terminal_id"].encode() == item[31:38]
    assert gateway.refused() == []


def test_a_bus_trip_comes_back_point_by_point(gateway, data_dir):
    file = data_dir / "vehicles" / "bus_trip_304.gpx.gz"
    steps = capture.read(file, phone="10070000304")
    play(gateway, steps)
    root = ElementTree.fromstring(gzip.decompress(file.read_bytes()))
    points = [point for point in root.iter() if point.tag.endswith("trkpt")]
    rows = [row for message in told(gateway) for row in jt808.positions_of(message)]
    assert len(rows) == len(points) == 2144
    for row, point in zip(rows, points, strict=True):
        when = next(child.text for child in point if child.tag.endswith("time"))
        assert row["time_ms"] == parse_iso(when.replace("Z", "+00:00"))
        assert round(row["lat"], 6) == round(float(point.get("lat")), 6)
        assert round(row["lon"], 6) == round(float(point.get("lon")), 6)
    assert max(row["speed_kmh"] for row in rows) < 120
    (terminal,) = gateway.rows(select(TERMINAL))
    assert terminal["phone_key"] == "10070000304"


def test_a_track_may_begin_now(data_dir):
    steps = capture.read(data_dir / "vehicles" / "bus_trip_304.gpx.gz", phone="1", begin_ms=1_790_000_000_000)
    (row,) = jt808.positions_of(jt808.decode(steps[0].raw))
    assert row["time_ms"] == 1_790_000_000_000
    assert steps[-1].at_s == pytest.approx(
        jt808.positions_of(jt808.decode(steps[-1].raw))[0]["time_ms"] / 1000 - 1.79e9
    )


def frames(fix, count=3, phone="13800138000", version=2019):
    return [
        jt808.encode(0x0200, fix(time_ms=1_790_000_000_000 + n * 5000), phone=phone, serial=n + 1, version=version)[0]
        for n in range(count)
    ]


def test_hex_lines_with_and_without_seconds(gateway, fix, tmp_path):
    raws = frames(fix)
    plain, timed = tmp_path / "a.txt", tmp_path / "b.hex"
    plain.write_text("# a remark\n" + "\n".join(raw.hex() for raw in raws) + "\n\n")
    timed.write_text("\n".join(f"{n * 0.5} {raw.hex()} # {n}" for n, raw in enumerate(raws)))
    assert [(step.at_s, step.raw) for step in capture.read(plain, phone="")] == list(zip((0, 5, 10), raws, strict=True))
    assert [step.at_s for step in capture.read(timed, phone="")] == [0, 0.5, 1.0]
    assert play(gateway, capture.read(plain, phone="")).answered == 4  # and the login


def test_a_raw_stream_of_several_terminals_goes_over_several_connections(gateway, fix, tmp_path):
    file = tmp_path / "stream.bin"
    mixed = [raw for pair in zip(frames(fix), frames(fix, phone="139", version=2013), strict=True) for raw in pair]
    file.write_bytes(b"noise" + b"".join(mixed))
    played = play(gateway, capture.read(file, phone=""))
    assert len(played.phones) == 2 and played.refused == 0
    assert len(gateway.rows(select(TERMINAL))) == 2
    assert len([message for message in told(gateway) if message.head.message_id == 0x0200]) == 6


def test_a_session_with_a_registration_gets_the_code_of_this_platform(gateway, devices, fix):
    device = devices(gateway)
    login = [*device.frames(0x0100, device.registration())]
    login += device.frames(0x0102, {"auth_code": "OF-ANOTHER", "imei": "1", "software_version": "2"})
    steps = [capture.Step(0, raw) for raw in [*login, *device.frames(0x0200, fix())]]
    assert play(gateway, steps).refused == 0


def test_a_refused_terminal_is_said_to_be_refused(gateways, fix):
    running = gateways(open_admission=False)
    with pytest.raises(Refused, match="refused"):
        play(running, [capture.Step(0, raw) for raw in frames(fix)])


def test_nobody_there(fix):
    with pytest.raises(Unavailable):
        asyncio.run(replay.play([capture.Step(0, raw) for raw in frames(fix)], "127.0.0.1", 9, 0))


def test_broken_frames_are_played_as_they_are(gateway, fix):
    good = frames(fix)
    broken = good[1][:30] + bytes((good[1][30] ^ 1,)) + good[1][31:]
    play(gateway, [capture.Step(0, raw) for raw in (good[0], broken, good[2])])
    assert [record.reason for record in gateway.refused()] == ["checksum"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.json", b"{}"),
        ("x.json", b"not json"),
        ("x.txt", b"zz top"),
        ("x.txt", b""),
        ("x.bin", b""),
        ("x.gpx", b"<gpx></gpx>"),
        ("x.gpx", b"<gpx"),
        ("x.gpx.gz", b"not gzip"),
    ],
)
def test_files_that_are_no_capture(tmp_path, name, content):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(Invalid, match="not_a_capture"):
        capture.read(file, phone="1")
    with pytest.raises(Invalid, match="not_a_capture"):
        capture.read(tmp_path / "absent.json", phone="1")


def test_the_command_line_plays_and_simulates(gateway, fix, tmp_path):
    file = tmp_path / "capture.txt"
    file.write_text("\n".join(raw.hex() for raw in frames(fix)))
    told = CliRunner().invoke(app(), ["replay", str(file), "--speed", "0", "--port", str(gateway.port)])
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout.splitlines()[-1])["answered"] == 4  # one of them for the login
    options = ["-n", "3", "--rate", "5", "--seconds", "1.5", "--port", str(gateway.port)]
    played = CliRunner().invoke(app(), ["simulate", *options])
    counts = json.loads(played.stdout.splitlines()[-1])
    assert played.exit_code == 0 and counts["acknowledged"] == counts["sent"] > 10
