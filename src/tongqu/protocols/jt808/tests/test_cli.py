"""What the command line prints for a line of hex."""

from __future__ import annotations

import json

import pytest

from tongqu.protocols.jt808.cli import decode_line
from tongqu.protocols.jt808.tests.samples import PHONE_2019, TIME_MS, frame, position


def test_a_position():
    answer = decode_line(frame(serial=7).hex())
    assert (answer["ok"], answer["reason"]) == (True, None)
    assert (answer["message_id"], answer["name"]) == ("0x0200", "location_report")
    assert (answer["phone"], answer["serial"], answer["version"]) == (PHONE_2019, 7, 2019)
    assert answer["body"]["time_ms"] == TIME_MS
    assert answer["body"]["extras"]["mileage_km"] == 12345.6
    assert "explain" not in answer


@pytest.mark.parametrize("form", ["{}", "  {}\n", "0x{}"])
def test_hex_in_any_dress(form):
    assert decode_line(form.format(frame().hex().upper()))["ok"]
    spaced = " ".join(f"0x{byte:02X}" for byte in frame())
    assert decode_line(spaced)["ok"]


@pytest.mark.parametrize("line", ["zz", "7e0", "七", "\0"])
def test_what_is_no_hex_is_said_so(line):
    answer = decode_line(line)
    assert (answer["ok"], answer["reason"], answer["message_id"]) == (False, "hex", None)


def test_an_empty_line_is_no_frame():
    assert decode_line("")["reason"] == "frame"


def test_a_bad_checksum_names_the_sender_all_the_same():
    raw = frame(serial=9)
    answer = decode_line((raw[:-2] + bytes([raw[-2] ^ 1]) + b"\x7e").hex())
    assert (answer["ok"], answer["reason"]) == (False, "checksum")
    assert (answer["message_id"], answer["phone"], answer["serial"]) == ("0x0200", PHONE_2019, 9)


def test_bytes_are_hex_in_json():
    answer = decode_line(frame(body=position(extras={"0xE1": b"\x01\xff"})).hex(), explain=True)
    assert json.loads(json.dumps(answer))["body"]["extras"] == {"0xE1": "01ff"}


def test_explained_rows_have_their_words_in_both_languages():
    rows = decode_line(frame().hex(), explain=True)["explain"]
    speed = next(row for row in rows if row["path"] == "body.speed_kmh")
    assert (speed["label"]["zh"], speed["label"]["en"], speed["unit"]) == ("速度", "Speed", "km/h")
    assert (speed["offset"], speed["length"], speed["raw"]) == (36, 2, "01c8")


def test_a_part_says_which():
    from tongqu.protocols import jt808

    frames = jt808.encode(0x0900, b"\x41" + bytes(1500), phone="1", serial=1)
    answer = decode_line(frames[1].hex())
    assert (answer["ok"], answer["name"], answer["part"]) == (True, "part", {"total": 2, "index": 2})


def test_a_tail_is_shown():
    from tongqu.protocols import jt808

    body = jt808.encode_body(0x0200, position()) + b"\x01\x04\x00"
    assert decode_line(frame(0x0200, body).hex())["rest"] == "010400"
