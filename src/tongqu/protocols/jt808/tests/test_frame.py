"""Frames and headers: escapes, checksum, versions, phones, merged frames; and the traps of each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongqu.kit.errors import Invalid
from tongqu.protocols import jt808
from tongqu.protocols.jt808.frame import phone_digits, registration_version
from tongqu.protocols.jt808.tests.samples import PHONE_2013, PHONE_2019, frame, position, sealed
from tongqu.protocols.jt808.wire import escape, unescape, xor_of

HEAD = bytes.fromhex("000200000138001380000001")


@given(st.binary(max_size=300))
def test_xor_is_the_xor_of_all_bytes(data):
    expected = 0
    for byte in data:
        expected ^= byte
    assert xor_of(data) == expected


@given(st.lists(st.sampled_from([0x7D, 0x7E, 0x01, 0x02, 0x55]), max_size=40).map(bytes))
def test_escaping_is_undone(data):
    assert b"\x7e" not in escape(data)
    assert unescape(escape(data)) == data


def test_escape_order():
    """7D 02 inside the data is not an escaped flag: the 7D must be escaped first and unescaped last."""
    assert escape(b"\x7d\x02") == b"\x7d\x01\x02"
    assert unescape(b"\x7d\x01\x02") == b"\x7d\x02"
    assert unescape(b"\x7d\x03") is None
    assert unescape(b"\x55\x7d") is None


def test_an_escaped_checksum_byte():
    for check in (0x7D, 0x7E):
        inside = HEAD[:-1] + bytes([xor_of(HEAD[:-1]) ^ check])  # the serial makes the checksum what is wanted
        raw = sealed(inside)
        assert raw.endswith(bytes([0x7D, check - 0x7C, 0x7E]))
        assert jt808.peek(raw).ok


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "frame"),
        (b"\x7e", "frame"),
        (b"\x7e\x7e", "short"),
        (HEAD, "frame"),
        (b"\x7e" + HEAD + b"\x7e\x00\x7e", "frame"),
        (b"\x7e\x7d\x05\x7e", "escape"),
        (b"\x7e\x00\x02\x00\x7e", "short"),
        (sealed(HEAD)[:-2] + b"\x55\x7e", "checksum"),
        (sealed(HEAD + b"\x00"), "length"),
        (sealed(bytes.fromhex("000200010138001380000001")), "length"),
        (sealed(bytes.fromhex("000204000138001380000001")), "encrypted"),
        (sealed(bytes.fromhex("00022000013800138000000100020003")), "header"),
        (sealed(bytes.fromhex("00022000013800138000000100020000")), "header"),
        (sealed(bytes.fromhex("000220000138001380000001")), "short"),
        (sealed(bytes.fromhex("000240000138001380000001")), "short"),
        (sealed(bytes.fromhex("0F0F00000138001380000001")), "unknown_id"),
        (sealed(bytes.fromhex("0001000201380013800000010001")), "body"),
    ],
)
def test_bad_frames_have_a_reason(raw, reason):
    message = jt808.decode(raw)
    assert not message.ok
    assert message.reason == reason


@pytest.mark.parametrize("raw", [sealed(HEAD)[:-2] + b"\x55\x7e", sealed(HEAD + b"\x00")])
def test_a_refusal_can_be_answered_where_the_header_is_usable(raw):
    head = jt808.peek(raw)
    assert not head.ok
    assert head.usable
    assert (head.message_id, head.phone, head.serial) == (2, PHONE_2013, 1)


def test_a_phone_that_is_not_decimal_stays_a_hex_key():
    raw = sealed(bytes.fromhex("000200004f07ab12cdef0001"))
    head = jt808.peek(raw)
    assert head.phone == "4f07ab12cdef"
    assert jt808.encode(2, {}, phone=head.phone, serial=1, version=2013) == [raw]


def test_phones_are_padded_to_the_left_and_cut_only_of_zeros():
    assert phone_digits("13800138000", 2013).hex() == PHONE_2013
    assert phone_digits("13800138000", 2019).hex() == "00000000013800138000"
    assert phone_digits(PHONE_2019, 2013).hex() == PHONE_2013
    for phone, version in (("1" * 13, 2013), ("1" * 21, 2019), ("12345x", 2013)):
        with pytest.raises(Invalid):
            phone_digits(phone, version)


def test_leading_zeros_of_a_2019_phone_stay():
    assert jt808.peek(frame()).phone == PHONE_2019


def registration(size: int) -> bytes:
    """A registration body of a size, of whatever layout."""
    return bytes([0, 31, 0, 115]) + b"A" * (size - 4)


@pytest.mark.parametrize(("size", "version"), [(25, 2011), (36, 2011), (37, 2013), (60, 2013), (76, 2019), (90, 2019)])
def test_registration_layouts_under_the_short_header_are_told_by_length(size, version):
    (raw,) = jt808.encode(0x0100, registration(size), phone=PHONE_2013, serial=1, version=2013)
    assert jt808.peek(raw).version == version == registration_version(size)
    assert jt808.decode(raw).ok


def test_registration_of_2011_and_2013_have_their_own_model_length():
    body = {
        "province": 31,
        "city": 115,
        "maker": "70111",
        "model": "M8",
        "terminal_id": "ID00001",
        "plate_colour": 2,
        "plate": "澜A12345",
    }
    for version, size in (
        (2011, 4 + 5 + 8 + 7 + 1 + 8),
        (2013, 4 + 5 + 20 + 7 + 1 + 8),
        (2019, 4 + 11 + 30 + 30 + 1 + 8),
    ):
        (raw,) = jt808.encode(0x0100, body, phone=PHONE_2013, serial=1, version=version)
        message = jt808.decode(raw)
        assert len(message.head.body) == size
        assert message.head.version == version
        assert message.body == body


def test_a_2019_header_without_its_version_bit():
    """Not every 2019 device sets bit 14: length, version byte and the zeros of the phone tell."""
    inside = bytes.fromhex("0002000001000000000138001380000007")
    head = jt808.peek(sealed(inside))
    assert (head.ok, head.version, head.phone, head.serial) == (True, 2019, PHONE_2019, 7)
    off_by_five = jt808.peek(sealed(bytes.fromhex("0002000001380013800000010000000000")))
    assert off_by_five.reason == "length"


def test_long_bodies_become_sub_packets_with_consecutive_serials():
    body = bytes(range(256)) * 9
    frames = jt808.encode(0x0900, b"\x41" + body, phone="1", serial=65534)
    heads = [jt808.peek(raw) for raw in frames]
    assert [head.serial for head in heads] == [65534, 65535, 0]
    assert [(head.part_total, head.part_index) for head in heads] == [(3, 1), (3, 2), (3, 3)]
    assert [head.first_serial for head in heads] == [65534] * 3
    assert b"".join(head.body for head in heads) == b"\x41" + body
    assert all(len(head.body) <= 1023 for head in heads)
    part = jt808.decode(frames[1])
    assert (part.ok, part.name, part.rest) == (True, "part", heads[1].body)


def batch(count: int) -> dict:
    positions = [position(altitude_m=index % 1000) for index in range(count)]
    return {"batch_type": 1, "positions": positions}


@pytest.mark.parametrize("version", [2013, 2019])
@pytest.mark.parametrize("count", [15, 60])
def test_merged_frames_are_read_from_the_log_and_refused_from_the_wire(version, count):
    frames = jt808.encode(0x0704, batch(count), phone=PHONE_2013, serial=5, version=version)
    assert (len(frames) > 1) == (count == 60)
    assembler = jt808.Assembler()
    whole = [assembler.add(jt808.peek(raw), 0) for raw in frames][-1]
    assert whole is not None
    raw = jt808.merge_frame(whole.head, whole.head.body)
    message = jt808.decode(raw)
    assert message.ok
    assert message.head.merged is (count == 60)
    assert (message.head.serial, message.head.version, message.head.part_total) == (5, version, 0)
    assert len(message.body["positions"]) == count
    assert (jt808.peek(raw).reason == "length") is (count == 60)
    assert [row.path for row in jt808.explain(raw)][-2:] == ["checksum", "end"]


@given(st.integers(0, 65535), st.sampled_from((2013, 2019)), st.binary(max_size=200))
def test_any_body_is_framed_and_read(serial, version, body):
    phone = PHONE_2019 if version == 2019 else PHONE_2013
    (raw,) = jt808.encode(0x0B01, body, phone=phone, serial=serial, version=version)
    head = jt808.peek(raw)
    assert (head.ok, head.body, head.serial, head.phone, head.version) == (True, body, serial, phone, version)
