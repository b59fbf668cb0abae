"""Every message table: what is encoded is decoded, and every name in every table has its labels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongqu.kit.errors import Invalid, NotFound
from tongqu.kit.text import has
from tongqu.protocols import jt808
from tongqu.protocols.jt808 import docs
from tongqu.protocols.jt808.explain import HEADER_LONG, HEADER_SHORT
from tongqu.protocols.jt808.fields import Field, Number
from tongqu.protocols.jt808.layout import Layout
from tongqu.protocols.jt808.meaning import Bits
from tongqu.protocols.jt808.tests.samples import frame, position
from tongqu.protocols.jt808.tests.strategies import bodies

RELAXED = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("id", jt808.MESSAGES, ids=lambda id: f"0x{id:04X}")
@RELAXED
@given(data=st.data(), version=st.sampled_from((2011, 2013, 2019)))
def test_what_is_encoded_is_decoded(id, data, version):
    body = data.draw(bodies(jt808.MESSAGES[id], version))
    written = jt808.encode_body(id, body, version=version)
    phone = "1380013800" if version < 2019 else "00000000013800138000"
    head = jt808.Head(id, phone, version, 1, 0, 0, 0, written)
    message = jt808.decode_head(head, version=version)
    assert message.ok, (message.reason, body)
    assert message.rest == b""
    assert message.body == body
    assert jt808.encode_body(id, message.body, version=version) == written


@pytest.mark.parametrize("id", jt808.MESSAGES, ids=lambda id: f"0x{id:04X}")
@settings(RELAXED, max_examples=4)
@given(data=st.data(), version=st.sampled_from((2013, 2019)))
def test_explaining_reads_the_same_values(id, data, version):
    body = data.draw(bodies(jt808.MESSAGES[id], version))
    written = jt808.encode_body(id, body, version=version)
    if len(written) > 1023:
        return
    (raw,) = jt808.encode(id, written, phone="1", serial=1, version=version)
    rows = jt808.explain(raw, version=version)
    top = {row.path.removeprefix("body."): row.value for row in rows if row.path.startswith("body.")}
    for name, value in body.items():
        if not isinstance(value, dict | list):
            shown = top[name]
            if isinstance(value, int) and isinstance(shown, str):  # the id of a message, as the standard writes it
                shown = int(shown, 16)
            assert shown == value


def all_fields() -> Iterator[Field]:
    found = [field for layout in (*docs.layouts(), HEADER_LONG, HEADER_SHORT) for field in layout.fields]
    sets = [*docs.item_sets(), *(profile.extras for profile in jt808.PROFILES.values())]
    for items in sets:
        for item in items.items:
            for variant in item.variants:
                found += list(variant.of.fields) if isinstance(variant.of, Layout) else [variant.of]
    while found:
        field = found.pop()
        yield field
        for inner in docs.inside(field):
            found += list(inner.fields) if isinstance(inner, Layout) else [inner]


def bit_keys(bits: Bits) -> Iterator[str]:
    for meanings in bits.bits.values():
        for bit in meanings:
            yield f"jt808.flags.{bits.name}.{bit.name}"
            yield from (f"jt808.flags.{bits.name}.{bit.name}_{value}" for value in bit.labelled)


def test_every_name_in_every_table_has_both_labels():
    keys = {f"jt808.messages.0x{id:04X}" for id in jt808.MESSAGES}
    for items in (*docs.item_sets(), *(profile.extras for profile in jt808.PROFILES.values())):
        keys |= {f"jt808.fields.{item.name}" for item in items.items}
    for field in all_fields():
        keys.add(f"jt808.fields.{field.name}")
        if isinstance(field, Number) and field.flags is not None:
            keys |= set(bit_keys(field.flags))
        if isinstance(field, Number) and field.codes is not None:
            keys |= {f"jt808.codes.{field.codes.name}.{code}" for code in field.codes.codes.values()}
    keys |= {f"jt808.reasons.{reason}" for reason in jt808.Reason}
    keys.add("jt808.fields.checksum")
    assert len(keys) > 900
    assert sorted(key for key in keys if not has(key)) == []


def test_every_note_and_error_the_code_uses_has_both_labels():

    sources = [
        path.read_text(encoding="utf-8")
        for path in Path(jt808.__file__).parent.rglob("*.py")
        if "tests" not in path.parts
    ]
    text = "\n".join(sources)
    keys = set(re.findall(r"jt808\.notes\.\w+", text))
    keys |= {f"jt808.errors.{code}" for code in re.findall(r'(?:Invalid|NotFound)\("jt808\.(\w+)"', text)}
    keys |= {f"jt808.errors.{code}" for code in re.findall(r'\.invalid\(\s*"(\w+)"', text)}
    assert len(keys) > 30
    assert sorted(key for key in keys if not has(key)) == []


def test_no_id_is_declared_twice_and_ids_are_sorted():
    assert list(jt808.MESSAGES) == sorted(jt808.MESSAGES)
    assert len({table.name for table in jt808.MESSAGES.values()}) == len(jt808.MESSAGES)


def test_answers_name_messages_that_exist():
    for table in jt808.MESSAGES.values():
        assert all(request in jt808.MESSAGES and request != table.id for request in table.answers)


def test_the_documentation_has_every_message_and_field():
    text = jt808.document()
    for id, table in jt808.MESSAGES.items():
        assert f"## 0x{id:04X} " in text
        assert f"`{table.name}`" in text
    for name in ("mileage_km", "heartbeat_interval_s", "adas_parameters", "identifier"):
        assert f"`{name}`" in text


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"text_flags": 8, "text_type": 1}, "jt808.missing_field", "text"),
        ({"text_flags": 8, "text_type": 1, "text": "x", "extra": 1}, "jt808.unknown_field", "extra"),
        ({"text_flags": 256, "text_type": 1, "text": "x"}, "jt808.out_of_range", "text_flags"),
        ({"text_flags": "8", "text_type": 1, "text": "x"}, "jt808.out_of_range", "text_flags"),
        ({"text_flags": 8, "text_type": 1, "text": "\N{GRINNING FACE}"}, "jt808.not_gbk", "text"),
        ({"text_flags": 8, "text_type": 1, "text": 5}, "jt808.not_text", "text"),
    ],
)
def test_values_that_do_not_fit_are_named(body, code, field):
    with pytest.raises(Invalid) as caught:
        jt808.encode(0x8300, body, phone="1", serial=0)
    assert (caught.value.code, caught.value.field) == (code, field)
    assert caught.value.detail["zh"] != f"jt808.errors.{code.partition('.')[2]}"


def test_the_field_of_an_error_says_where_it_is():
    circle = {"area_id": 1, "area_attributes": 0, "latitude_deg": 31.0, "longitude_deg": 121.0, "radius_m": -1}
    with pytest.raises(Invalid) as caught:
        jt808.encode_body(0x8600, {"setting": 0, "circles": [circle | {"radius_m": 5, "area_name": ""}, circle]})
    assert caught.value.field == "circles[1].radius_m"


def test_an_unknown_message_is_not_found():
    with pytest.raises(NotFound):
        jt808.encode(0x7777, {}, phone="1", serial=0)


def test_fields_of_another_version_are_left_out():
    """A command is written once for all terminals; what a version does not have is not sent."""
    body = {"text_flags": 8, "text_type": 1, "text": "请减速"}
    assert jt808.encode_body(0x8300, body, version=2013) == b"\x08" + "请减速".encode("gbk")
    assert jt808.encode_body(0x8300, body, version=2019) == b"\x08\x01" + "请减速".encode("gbk")


def test_text_that_is_no_gbk_does_not_refuse_the_message():
    body = bytes([0, 31, 0, 115]) + b"maker".ljust(5) + b"m" * 20 + b"7654321" + b"\x01" + b"\xb2\xe2\xff\x81"
    (raw,) = jt808.encode(0x0100, body, phone="1", serial=1, version=2013)
    message = jt808.decode(raw)
    assert message.ok
    assert message.body["plate"].startswith("测")
    assert "\\x" in message.body["plate"]


def test_the_sign_of_a_coordinate_is_the_bit_of_its_status():
    raw = frame(body=position(latitude_deg=-33.5, longitude_deg=-70.25))
    message = jt808.decode(raw)
    assert message.body["status"] == 3 | 0b1100
    assert (message.body["latitude_deg"], message.body["longitude_deg"]) == (-33.5, -70.25)
    assert jt808.status_names(message.body["status"]) == ["acc_on", "fixed", "south", "west"]


def test_the_sign_of_a_route_corner_stands_behind_it():
    corner = {
        "corner_id": 1,
        "segment_id": 2,
        "latitude_deg": -10.5,
        "longitude_deg": 20.25,
        "width_m": 30,
        "segment_attributes": 0,
    }
    body = {"route_id": 1, "route_attributes": 0, "corners": [corner], "area_name": "X101"}
    (raw,) = jt808.encode(0x8606, body, phone="1", serial=1)
    found = jt808.decode(raw).body["corners"][0]
    assert (found["latitude_deg"], found["segment_attributes"]) == (-10.5, 0b100)


def test_a_polygon_in_the_south_must_say_so():
    body = {
        "area_id": 1,
        "area_attributes": 0,
        "points": [{"latitude_deg": -1.0, "longitude_deg": 1.0}],
        "area_name": "",
    }
    with pytest.raises(Invalid) as caught:
        jt808.encode_body(0x8604, body)
    assert caught.value.code == "jt808.sign_bit"
    assert jt808.encode_body(0x8604, body | {"area_attributes": 1 << 6})


def test_a_daily_time_of_an_area_stays_digits():
    circle = {
        "area_id": 1,
        "area_attributes": 1,
        "latitude_deg": 31.0,
        "longitude_deg": 121.0,
        "radius_m": 100,
        "start_time_ms": "000000083000",
        "end_time_ms": "000000170000",
        "area_name": "学校",
    }
    body = {"setting": 0, "circles": [circle]}
    (raw,) = jt808.encode(0x8600, body, phone="1", serial=1)
    assert jt808.decode(raw).body == body


def test_server_time_is_the_only_utc_on_the_wire():
    at_ms = 1_700_000_000_000  # 2023-11-14T22:13:20Z
    assert jt808.encode_body(0x8004, {"time_ms": at_ms}) == bytes.fromhex("231114221320")
    assert jt808.encode_body(0x0200, position(extras={}))[22:28] == bytes.fromhex("231115061320")
    (raw,) = jt808.encode(0x8004, {"time_ms": at_ms}, phone="1", serial=0)
    assert jt808.decode(raw).body == {"time_ms": at_ms}


def test_resend_requests_count_with_a_byte_in_2013_and_a_word_in_2019():
    body = {"first_serial": 7, "part_indexes": [2, 3]}
    assert jt808.encode_body(0x8003, body, version=2013).hex() == "0007" + "02" + "00020003"
    assert jt808.encode_body(0x8003, body, version=2019).hex() == "0007" + "0002" + "00020003"


def test_alarm_bits_have_the_meaning_of_their_version():
    assert jt808.alarm_names(1 << 3 | 1 << 31, 2013) == ["danger_warning", "illegal_door_opening"]
    assert jt808.alarm_names(1 << 3 | 1 << 16, 2019) == ["dangerous_driving", "tyre_pressure_warning"]
    assert jt808.alarm_names(1 << 16, 2013) == ["bit16"]


def test_driver_card_of_2011_is_read_when_the_session_knows():
    body = {"driver_name": "驾驶员0137", "id_number": "1" * 18, "certificate": "C1", "issuer": "发证机构"}
    (raw,) = jt808.encode(0x0702, body, phone="1", serial=1, version=2011)
    assert jt808.decode(raw, version=2011).body == body
