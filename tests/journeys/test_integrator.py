"""Journey 3: an integrator points terminals at the platform, reads frames, finds refused ones, plays captures."""

from __future__ import annotations

import gzip
import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from running import Running
from shell import tongqu, until
from terminal import POSITION, Terminal, fix, now_ms

from tongqu.kit.time import parse_iso
from tongqu.protocols import jt808

pytestmark = [pytest.mark.needs("equipment", "fleets", "insight"), pytest.mark.xdist_group("demo")]


@pytest.fixture(scope="module")
def admin(demo: Running) -> Iterator[httpx.Client]:
    client = demo.client("admin")
    yield client
    client.close()


def terminal_of(client: httpx.Client, phone: str) -> dict[str, Any] | None:
    found = client.get("equipment/terminals", params={"q": phone}).json()["items"]
    return next((row for row in found if row["phone"].lstrip("0") == phone), None)


def track(client: httpx.Client, urn: str, from_ms: int, to_ms: int) -> dict[str, list[Any]]:
    answer = client.get(f"movers/{urn}/track", params={"from": from_ms, "to": to_ms, "format": "columns"})
    return dict(answer.raise_for_status().json()["columns"])


@pytest.mark.parametrize(("edition", "phone"), [(2011, "13900002011"), (2013, "13900002013"), (2019, "13900002019")])
def test_a_terminal_registers_authenticates_reports_and_moves(
    demo: Running, admin: httpx.Client, edition: int, phone: str
) -> None:
    with Terminal(demo.jt808_port, phone, edition) as terminal:
        terminal.log_in()
        at_ms = now_ms()
        assert terminal.result(POSITION, fix(time_ms=at_ms)) == 0
        entered = until(lambda: terminal_of(admin, phone))
        assert (entered["protocol"], entered["state"]) == (edition, "registered")
        assert until(lambda: terminal_of(admin, phone)["online"])
        mover = until(lambda: mover_of(admin, entered["urn"]))
        shown = {name: mover[name] for name in ("lon", "lat", "speed_kmh", "time_ms", "state")}
        assert shown == {"lon": 120.9, "lat": 28.2, "speed_kmh": 61.5, "time_ms": at_ms, "state": 0}
        frame = admin.get(f"movers/{entered['urn']}").json()["position"]["frame"]
        explained = admin.get(f"equipment/frames/{frame}").json()
        assert (explained["message_id"], explained["version"], explained["ok"]) == ("0x0200", edition, True) or (
            edition == 2011 and explained["version"] == 2013  # a position of 2011 is one of 2013, byte by byte
        )
    assert until(lambda: not terminal_of(admin, phone)["online"])


def mover_of(client: httpx.Client, urn: str) -> dict[str, Any] | None:
    columns = client.get("movers", params={"bbox": "120.8,28.1,121.0,28.3", "format": "columns"}).json()["columns"]
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return next((row for row in rows if row["urn"] == urn), None)


def test_every_refused_frame_is_found_with_its_bytes_and_reason(demo: Running, admin: httpx.Client) -> None:
    with Terminal(demo.jt808_port, "13900002666", 2019) as terminal:
        terminal.log_in()
        good = terminal.frame(POSITION, fix())
        refused = {
            "checksum": good[:40] + bytes((good[40] ^ 1,)) + good[41:],
            "unknown_id": terminal.frame(0x0F0F, b"\x01\x02"),
            "body": terminal.frame(POSITION, bytes(27)),
            "escape": good[:30] + b"\x7d\x07" + good[32:],
            "overflow": b"\x7e" + bytes(70_000),
        }
        terminal.raw(b"".join(refused.values()))
        source = until(lambda: terminal_of(admin, "13900002666"))["urn"]

        def found() -> list[dict[str, Any]]:
            items = admin.get("quarantine", params={"filter.source": source, "limit": 100}).json()["items"]
            return items if len(items) >= len(refused) else []

        rows = until(found)
    by_reason = {row["reason"]: row for row in rows[: len(refused)]}
    assert set(by_reason) == set(refused)
    for reason, sent in refused.items():
        kept = bytes.fromhex(by_reason[reason]["hex"])
        assert kept == sent or (reason == "overflow" and len(kept) >= 65_536 and sent.startswith(kept[:65_536]))
        label = by_reason[reason]["reason_label"]
        assert label["zh"] and label["en"] and label["en"] != reason
        assert by_reason[reason]["remote"].startswith("127.0.0.1")
        assert by_reason[reason]["source"] == source


def test_decode_on_the_command_line(data_dir: Any) -> None:
    corpus = json.loads(gzip.decompress((data_dir / "vehicles" / "jt808_1078_frames.json.gz").read_bytes()))
    frames = [frame for frame in corpus["frames"] if frame["expect"]["msg_id"] == "0x0200"][:5]
    assert len(frames) >= 3
    for told in (
        tongqu("decode", "jt808", *[frame["hex"] for frame in frames]),
        tongqu("decode", "jt808", "-", told="\n".join(frame["hex"] for frame in frames) + "\n\n"),
    ):
        printed = [json.loads(line) for line in told.stdout.splitlines()]
        assert len(printed) == len(frames), told.stderr
        for one, frame in zip(printed, frames, strict=True):
            expected = frame["expect"]
            assert {"ok", "reason", "message_id", "phone", "serial", "body"} <= set(one)
            assert one["message_id"] == expected["msg_id"] and one["serial"] == expected["serial"]
            assert one["phone"].lstrip("0") == expected["phone"].lstrip("0")
            assert one["ok"] is (expected["checksum_ok"] and expected["body_len_ok"])


def test_decode_explains_every_byte_and_refuses_what_is_no_frame() -> None:
    (frame,) = jt808.encode(POSITION, fix(), phone="13900000001", serial=7, version=2019)
    told = tongqu("decode", "jt808", frame.hex(), "--explain")
    assert told.returncode == 0
    rows = json.loads(told.stdout)["explain"]
    leaves = [leaf for row in rows for leaf in leaves_of(row)]
    covered = {at for leaf in leaves for at in range(leaf["offset"], leaf["offset"] + leaf["length"])}
    assert covered >= set(range(len(jt808.peek(frame).body)))
    assert any(leaf["label"]["zh"] == "纬度" for leaf in leaves)
    spoilt = frame[:20] + bytes((frame[20] ^ 1,)) + frame[21:]
    told = tongqu("decode", "jt808", "7E zz 7E", spoilt.hex(), frame.hex(" "))
    assert told.returncode == 1
    assert [(one["ok"], one["reason"]) for one in map(json.loads, told.stdout.splitlines())] == [
        (False, "hex"),
        (False, "checksum"),
        (True, None),
    ]


def leaves_of(row: dict[str, Any]) -> list[dict[str, Any]]:
    return [leaf for child in row["children"] for leaf in leaves_of(child)] or [row]


def test_a_recorded_session_ends_in_the_api(demo: Running, admin: httpx.Client, data_dir: Any) -> None:
    """60 frames of a 2019 terminal: the right terminal, six positions, the driver alarm item."""
    file = data_dir / "vehicles" / "jt808_session_subiao.json"
    expected = [
        frame["expect"]["body"]
        for frame in json.loads(file.read_text())["frames"]
        if frame["expect"]["msg_id"] == "0x0200"
    ]
    told = tongqu("replay", file, "--speed", "0", "--port", demo.jt808_port)
    assert told.returncode == 0, told.stdout + told.stderr
    assert json.loads(told.stdout)["refused"] == 0
    terminal = until(lambda: terminal_of(admin, "20232609559"))
    assert (terminal["phone"], terminal["protocol"]) == ("00000000020232609559", 2019)
    assert (terminal["imei"], terminal["software"]) == ("imei000003", "1.0.2")
    times = [parse_iso(body["time_gmt8"]) for body in expected]
    rows = until(lambda: six_of(track(admin, terminal["urn"], min(times) - 1000, max(times) + 1000)))
    assert sorted(rows["time_ms"]) == sorted(times)
    assert [round(lat * 1e6) for lat in rows["lat"]] == [body["lat_e6"] for body in expected]
    assert [round(lon * 1e6) for lon in rows["lon"]] == [body["lon_e6"] for body in expected]
    alarms = []
    for frame in rows["frame"]:
        explained = admin.get(f"equipment/frames/{frame}").json()
        assert explained["phone"] == terminal["phone"] and explained["ok"]
        alarms += [row for row in explained["rows"] if row["path"].endswith("dsm")]
    assert len(alarms) == 1
    assert alarms[0]["label"]["zh"] and alarms[0]["length"] > 0


def six_of(columns: dict[str, list[Any]]) -> dict[str, list[Any]] | None:
    return columns if len(columns["time_ms"]) == 6 else None


def test_a_bus_trip_comes_back_point_by_point(demo: Running, admin: httpx.Client, data_dir: Any) -> None:
    file = data_dir / "vehicles" / "bus_trip_304.gpx.gz"
    root = ElementTree.fromstring(gzip.decompress(file.read_bytes()))
    points = [point for point in root.iter() if point.tag.endswith("trkpt")]
    told = tongqu("replay", file, "--speed", "5000", "--phone", "13900000304", "--port", demo.jt808_port)
    assert told.returncode == 0, told.stdout + told.stderr
    terminal = until(lambda: terminal_of(admin, "13900000304"))
    times = [parse_iso(next(c.text for c in p if c.tag.endswith("time")).replace("Z", "+00:00")) for p in points]

    def whole() -> dict[str, list[Any]] | None:
        columns = track(admin, terminal["urn"], times[0], times[-1] + 1)
        return columns if len(columns["time_ms"]) >= len(points) else None

    rows = until(whole)
    assert rows["time_ms"] == times
    assert [round(lat, 6) for lat in rows["lat"]] == [round(float(point.get("lat")), 6) for point in points]
    assert [round(lon, 6) for lon in rows["lon"]] == [round(float(point.get("lon")), 6) for point in points]
