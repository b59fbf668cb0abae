"""Explaining: every byte has a row, offsets lead back to the bytes, nothing is said that is not so."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongqu.kit.text import has, text
from tongqu.protocols import jt808
from tongqu.protocols.jt808.tests.samples import frame, position, real_frames, real_session, sealed


def check_cover(raw: bytes) -> list[jt808.Row]:
    """The rows follow each other without a gap, in the unescaped frame and on the wire, and so do children."""
    rows = jt808.explain(raw)
    at = wire_at = 0
    for row in rows:
        assert (row.offset, row.wire_offset) == (at, wire_at)
        at += row.length
        wire_at += row.wire_length
    assert wire_at == len(raw)
    for row in rows:
        check_children(row)
    return rows


def check_children(row: jt808.Row) -> None:
    """Parts that have bytes cover their row; bits stand on the bytes of their word."""
    parts = [child for child in row.children if child.raw_hex or not child.length]
    if row.raw_hex:
        assert len(row.raw_hex) == row.length * 2
    for child in row.children:
        assert row.offset <= child.offset
        assert child.offset + child.length <= row.offset + row.length
        check_children(child)
    at = row.offset
    for part in parts:
        assert part.offset == at, (row.path, part.path)
        assert row.raw_hex[(at - row.offset) * 2 :].startswith(part.raw_hex)
        at += part.length


def test_every_byte_of_real_frames_has_a_row(data_dir):
    for each in (*real_frames(data_dir), *real_session(data_dir)):
        rows = check_cover(bytes.fromhex(each["hex"]))
        assert not [row for row in rows if row.path == "rest"]


def test_labels_and_meanings_are_in_the_catalogue(data_dir):
    def walk(rows):
        for row in rows:
            assert has(row.name), row.name
            assert row.meaning is None or has(row.meaning), row.meaning
            walk(row.children)

    for each in (*real_frames(data_dir), *real_session(data_dir)):
        walk(jt808.explain(bytes.fromhex(each["hex"])))


def by_path(rows: list[jt808.Row]) -> dict[str, jt808.Row]:
    found: dict[str, jt808.Row] = {}
    for row in rows:
        found[row.path] = row
        found |= by_path(list(row.children))
    return found


def test_the_words_for_a_position():
    rows = by_path(jt808.explain(frame(body=position(alarm=1 << 1, status=0b1100000011))))
    assert text(rows["header.message_id"].meaning)["zh"] == "位置信息汇报"
    assert rows["header.message_id"].value == "0x0200" and rows["header.message_id"].raw_hex == "0200"
    assert text(rows["body.alarm.overspeed"].name)["zh"] == "超速报警"
    assert (rows["body.alarm.overspeed"].value, rows["body.alarm.fatigue"].value) == (1, 0)
    assert text(rows["body.status.load"].meaning) == {"zh": "满载", "en": "Full"}
    assert (rows["body.speed_kmh"].value, rows["body.speed_kmh"].unit) == (45.6, "km/h")
    assert (rows["body.speed_kmh"].offset, rows["body.speed_kmh"].length) == (36, 2)
    assert rows["body.time_ms"].unit is None
    assert rows["body.extras.mileage_km"].value == 12345.6
    assert rows["body.extras.mileage_km"].unit == "km"
    assert rows["body.extras.mileage_km.id"].raw_hex == "01"
    assert rows["checksum"].meaning == "jt808.notes.checksum_ok"


def test_a_southern_latitude_is_explained_with_its_sign():
    rows = by_path(jt808.explain(frame(body=position(latitude_deg=-33.5))))
    assert rows["body.latitude_deg"].value == -33.5
    assert rows["body.latitude_deg"].meaning == "jt808.notes.sign_elsewhere"


def test_wire_offsets_count_the_escapes():
    raw = frame(body=position(alarm=0x7E7D7E7D))
    rows = by_path(check_cover(raw))
    alarm = rows["body.alarm"]
    assert raw[alarm.wire_offset : alarm.wire_offset + alarm.wire_length] == bytes.fromhex("7d027d017d027d01")
    assert alarm.raw_hex == "7e7d7e7d"
    assert rows["body.status"].wire_offset == rows["body.status"].offset + 4


def test_a_wrong_checksum_is_shown_with_the_right_one():
    raw = frame(0x0002, {})
    bad = raw[:-2] + bytes([raw[-2] ^ 1]) + raw[-1:]
    row = by_path(check_cover(bad))["checksum"]
    assert row.meaning == "jt808.notes.checksum_wrong"
    assert row.value == f"0x{raw[-2]:02X}"


def test_an_item_of_another_length_says_so():
    body = jt808.encode_body(0x0200, position(extras={})) + bytes.fromhex("0502aabb" + "c001ff" + "e10107")
    rows = by_path(check_cover(frame(0x0200, body)))
    assert rows["body.extras.0x05"].meaning == "jt808.notes.not_as_standard"
    assert rows["body.extras.0x05"].name == "jt808.fields.tyre_pressures"
    assert rows["body.extras.0x05"].value == b"\xaa\xbb"
    assert rows["body.extras.0xC0"].name == "jt808.notes.unknown_item"
    assert rows["body.extras.0xE1"].name == "jt808.notes.private_item"


@pytest.mark.parametrize(
    ("raw", "last"),
    [
        (b"", "frame"),
        (b"\x7e", "frame"),
        (b"hello", "frame"),
        (b"\x7e\x7d\x00\x7e", "frame"),
        (b"\x7e\x7e", "end"),
        (b"\x7e\x01\x7e", "end"),
    ],
)
def test_what_is_no_frame_is_explained_as_such(raw, last):
    assert jt808.explain(raw)[-1].path == last


def test_what_can_be_read_of_a_cut_body_is_shown():
    whole = jt808.encode_body(0x0200, position())
    inside = bytes.fromhex("0200400a01000000000138001380000001") + whole[:10]
    rows = check_cover(sealed(inside))
    paths = [row.path for row in rows]
    assert "body.alarm" in paths
    assert "body.status" in paths
    assert "rest" in paths


def test_an_encrypted_body_is_not_guessed_at():
    inside = bytes.fromhex("020004040138001380000001") + b"\1\2\3\4"
    paths = [row.path for row in check_cover(sealed(inside))]
    assert paths[-3:] == ["rest", "checksum", "end"]


def test_an_entry_of_a_batch_that_does_not_decode_is_shown():
    good = jt808.encode_body(0x0200, position())
    bad = good[:22] + b"\xff" * 6
    body = b"\x00\x02\x00" + len(good).to_bytes(2, "big") + good + len(bad).to_bytes(2, "big") + bad
    rows = by_path(check_cover(frame(0x0704, body)))
    assert "body.positions[0].extras.mileage_km" in rows
    assert "body.positions[1].alarm" in rows


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=60).map(lambda data: b"\x7e" + data.replace(b"\x7e", b"") + b"\x7e"),
)
def test_any_bytes_are_explained(raw):
    check_cover(raw)
