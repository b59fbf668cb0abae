"""Specialised decoders give what the tables give."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongqu.protocols import jt808
from tongqu.protocols.jt808 import codec
from tongqu.protocols.jt808.frame import parse
from tongqu.protocols.jt808.plans import MAX_KEYS, Plans
from tongqu.protocols.jt808.tests.samples import (
    PHONE_2013,
    PHONE_2019,
    frame,
    position,
    real_frames,
    real_session,
    sealed,
)
from tongqu.protocols.jt808.tests.strategies import bodies
from tongqu.protocols.jt808.wire import unwrap

RELAXED = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def plans(monkeypatch):
    """Plans that know nothing yet."""
    fresh = Plans(codec.Message)
    monkeypatch.setattr(codec, "_PLANS", fresh)
    return fresh


def by_tables(raw: bytes) -> codec.Message:
    inside = unwrap(raw)
    assert isinstance(inside, bytes)
    return codec.decode_head(parse(inside, merged=True))


def knows(plans: Plans, raw: bytes) -> bool:
    inside = unwrap(raw)
    assert isinstance(inside, bytes)
    return plans.decode(inside) is not None


FIXED = (0x0200, 0x0201, 0x0500, 0x0001, 0x8001, 0x0002, 0x8203)


@RELAXED
@given(st.data(), st.sampled_from(FIXED), st.sampled_from((2013, 2019)))
def test_the_second_frame_of_a_shape_reads_as_the_first(data, id, version):
    body = data.draw(bodies(jt808.MESSAGES[id], version))
    phone = PHONE_2019 if version == 2019 else PHONE_2013
    written = jt808.encode_body(id, body, version=version)
    for serial in (1, 2, 3):
        (raw,) = jt808.encode(id, written, phone=phone, serial=serial, version=version)
        assert jt808.decode(raw) == by_tables(raw)


@RELAXED
@given(st.integers(0, 73), st.integers(0, 255), st.booleans())
def test_a_changed_byte_reads_as_the_tables_read_it(at, byte, good_checksum):
    raw = frame()
    jt808.decode(raw)
    changed = bytearray(raw[1:-1])
    changed[at % len(changed)] = byte
    again = sealed(bytes(changed[:-1])) if good_checksum else b"\x7e" + bytes(changed) + b"\x7e"
    if isinstance(unwrap(again), bytes):
        assert jt808.decode(again) == by_tables(again)


def test_a_shape_is_learnt_from_its_first_good_frame(plans):
    raw = frame(serial=1)
    assert not knows(plans, raw)
    jt808.decode(raw)
    assert knows(plans, frame(serial=2, body=position(speed_kmh=1.5)))
    assert not knows(plans, frame(body=position(extras={"satellites": 3})))


def test_bad_frames_teach_nothing(plans):
    raw = frame()
    jt808.decode(raw[:-2] + bytes([raw[-2] ^ 1]) + b"\x7e")
    jt808.decode(frame(0x0200, jt808.encode_body(0x0200, position())[:22] + b"\xff" * 6))
    assert not knows(plans, raw)


def test_a_known_shape_with_a_bad_checksum_or_time_is_refused(plans):
    raw = frame()
    jt808.decode(raw)
    assert knows(plans, raw)
    assert jt808.decode(raw[:-2] + bytes([raw[-2] ^ 1]) + b"\x7e").reason == "checksum"
    inside = unwrap(raw)
    assert isinstance(inside, bytes)
    assert jt808.decode(sealed(inside[:39] + b"\xff" + inside[40:-1])).reason == "time"


def test_items_in_another_order_are_another_shape(plans):
    extras = position()["extras"]
    jt808.decode(frame(body=position(extras=extras)))
    turned = dict(reversed(extras.items()))
    message = jt808.decode(frame(body=position(extras=turned)))
    assert list(message.body["extras"]) == list(turned)


def test_a_southern_position_under_a_known_shape(plans):
    jt808.decode(frame())
    assert knows(plans, frame(body=position(latitude_deg=-1.5)))
    assert jt808.decode(frame(body=position(latitude_deg=-1.5, longitude_deg=-2.5))).body["latitude_deg"] == -1.5
    zero = jt808.decode(frame(body=position(status=0b1100, latitude_deg=0.0, longitude_deg=0.0)))
    assert str(zero.body["latitude_deg"]) == "0.0"


def test_alarms_of_the_supplements_have_shapes_too(plans, data_dir):
    raws = [bytes.fromhex(each["hex"]) for each in real_frames(data_dir) + real_session(data_dir)]
    alarms = [raw for raw in raws if {"adas", "dsm", "bsd"} & set(jt808.decode(raw).body.get("extras", {}))]
    assert len(alarms) == 3
    plans._shapes.clear()
    for raw in alarms:
        first = jt808.decode(raw)
        assert knows(plans, raw) is ("tpms" not in first.body["extras"])  # tyres are a list: no fixed size
        assert jt808.decode(raw) == first == by_tables(raw)


def test_shapes_are_bounded(plans):
    block = jt808.encode_body(0x0200, position(extras={}))
    for length in range(200):
        for id in (0xE1, 0xE2):
            jt808.decode(frame(0x0200, block + bytes([id, length]) + bytes(length)))
    for id in range(0xE1, 0xFF):
        jt808.decode(frame(0x0200, block + bytes([id, 5]) + bytes(5)))
    assert len(plans._shapes) <= MAX_KEYS
    assert max(len(shapes.known) for shapes in plans._shapes.values()) <= 8


def test_a_profile_or_version_is_never_answered_from_a_plan(plans):
    raw = frame()
    jt808.decode(raw)
    changed = jt808.STANDARD.with_items("x", [])
    assert jt808.decode(raw, changed) == by_tables(raw)


def test_real_frames_read_the_same_twice(plans, data_dir):
    for each in real_frames(data_dir):
        raw = bytes.fromhex(each["hex"])
        assert jt808.decode(raw) == jt808.decode(raw) == by_tables(raw)
