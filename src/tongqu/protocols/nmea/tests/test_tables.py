"""Decode, encode and explain come from one table: what one writes the other reads."""

from __future__ import annotations

import json
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongqu.kit.errors import Invalid
from tongqu.kit.text import has
from tongqu.protocols import nmea
from tongqu.protocols.nmea.bulk_tables import GROUPS
from tongqu.protocols.nmea.explain import explain
from tongqu.protocols.nmea.fields import Number
from tongqu.protocols.nmea.tables import MESSAGES, words
from tongqu.protocols.nmea.tests.support import bodies, groups
from tongqu.protocols.nmea.wire import Bits, Reason, armour, dearmour

ANY = st.sampled_from(list(MESSAGES.values())).flatmap(
    lambda table: st.tuples(st.just(table), bodies(table), st.integers(0, 3))
)


def test_every_type_of_the_standard_has_a_table():
    assert list(MESSAGES) == list(range(1, 28))
    assert sorted(kind for kinds in GROUPS.values() for kind in kinds) == list(range(1, 28))


@given(ANY)
@settings(deadline=None)
def test_what_was_written_is_read_back(drawn):
    table, (mmsi, body), repeat = drawn
    lines = nmea.encode(table.type, mmsi, body, repeat=repeat, sequence=3)
    (group,) = groups(lines)
    message = nmea.decode_group(group)
    assert (message.type, message.mmsi, message.repeat) == (table.type, mmsi, repeat)
    fill = group.fill
    got = {name: value for name, value in message.fields.items() if name not in _swallowed(table, body, fill)}
    assert got == {name: value for name, value in body.items() if name not in _swallowed(table, body, fill)}


def _swallowed(table, body, fill):
    """A text of no letters at the very end cannot be told from none."""
    return {"name_extension"} if table.type == 21 and not body["name_extension"] else set()


@given(ANY)
@settings(deadline=None)
def test_explained_rows_cover_every_bit_and_agree_with_decode(drawn):
    table, (mmsi, body), repeat = drawn
    payload, fill = armour(nmea.encode_bits(table.type, mmsi, body, repeat=repeat))
    bits = dearmour(payload, fill)
    rows = explain(payload, fill)
    at = 0
    for row in rows:
        assert row.offset == at
        at += row.length
        assert has(row.name), row.name
        assert row.meaning is None or has(row.meaning), row.meaning
    assert at == bits.count
    message = nmea.decode_bits(bits)
    for row in rows:
        if row.path in message.fields:
            assert row.value == message.fields[row.path]


@pytest.mark.parametrize("table", MESSAGES.values(), ids=lambda table: table.name)
def test_every_name_has_its_words_in_both_languages(table):
    assert has(f"nmea.messages.{table.type}")
    for name in table.names:
        assert has(f"nmea.fields.{name}"), name
    for layout in table.layouts:
        for field in layout.fields:
            codes = field.codes if isinstance(field, Number) else None
            for value in codes.values if codes else ():
                assert has(codes.key(value)), codes.key(value)


def test_reasons_have_words_and_there_are_no_others():
    assert all(has(f"nmea.reasons.{reason}") for reason in Reason)
    for language in ("zh", "en"):
        catalogue = json.loads(
            resources.files("tongqu.protocols.nmea").joinpath("locale", f"{language}.json").read_text("utf-8")
        )
        assert set(catalogue["reasons"]) == {str(reason) for reason in Reason}
        names = {name for table in MESSAGES.values() for name in table.names}
        assert set(catalogue["fields"]) == names
        assert set(catalogue["codes"]["ship_type"]) == {str(value) for value in words.SHIP_TYPE.values}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("speed_kn", 200, "nmea.out_of_range"),
        ("speed_kn", "fast", "nmea.no_number"),
        ("speed_kn", True, "nmea.no_number"),
        ("turn_deg_min", 900.0, "nmea.out_of_range"),
        ("longitude_deg", float("nan"), "nmea.no_number"),
        ("velocity", 1, "nmea.unknown_field"),
    ],
)
def test_what_the_wire_cannot_carry_is_refused_with_its_field(field, value, code):
    with pytest.raises(Invalid) as refused:
        nmea.encode(1, 412000000, {field: value})
    assert (refused.value.code, refused.value.field) == (code, field)
    assert has(f"nmea.errors.{code.partition('.')[2]}")


def test_names_that_do_not_fit_are_refused():
    with pytest.raises(Invalid, match=r"nmea\.too_long"):
        nmea.encode(5, 412000000, {"name": "A" * 21})
    with pytest.raises(Invalid, match=r"nmea\.no_letter"):
        nmea.encode(5, 412000000, {"name": "望汀"})
    with pytest.raises(Invalid, match=r"nmea\.unknown_type"):
        nmea.encode(28, 412000000, {})


def test_what_is_not_given_is_not_available():
    fields = nmea.decode_bits(nmea.encode_bits(1, 412000000, {})).fields
    absent = {name for name, value in fields.items() if value is None}
    assert absent == {
        "turn_deg_min",
        "speed_kn",
        "longitude_deg",
        "latitude_deg",
        "course_deg",
        "heading_deg",
        "second",
    }


@pytest.mark.parametrize(
    ("kind", "bits"), [(1, 204), (1, 168), (1, 163), (5, 420), (5, 422), (5, 426), (24, 160), (24, 168)]
)
def test_lengths_of_the_real_world_are_read(kind, bits):
    body = {"name": "PROGUY"} if kind != 1 else {"speed_kn": 12.3}
    whole = nmea.encode_bits(kind, 412000000, body)
    shift = bits - whole.count
    cut = Bits(whole.number << shift if shift > 0 else whole.number >> -shift, bits)
    message = nmea.decode_bits(cut)
    assert message.ok
    assert body.items() <= message.fields.items()


@pytest.mark.parametrize("table", MESSAGES.values(), ids=lambda table: table.name)
def test_a_payload_without_the_least_is_refused_as_short_and_says_who(table):
    bits = Bits(table.type << 32 | 412000000, 38)
    if table.least > 38:
        message = nmea.decode_bits(bits)
        assert (message.reason, message.type, message.mmsi) == (Reason.SHORT, table.type, 412000000)


@pytest.mark.parametrize("kind", [0, 28, 63])
def test_types_that_are_none_are_refused(kind):
    assert nmea.decode_bits(Bits(kind << 162, 168)).reason is Reason.TYPE


def test_padding_is_cut_and_blanks_inside_stay():
    body = {"name": "HEALTH  CONTROL", "destination": ""}
    fields = nmea.decode_bits(nmea.encode_bits(5, 412000000, body)).fields
    assert (fields["name"], fields["destination"], fields["call_sign"]) == ("HEALTH  CONTROL", "", "")
    assert nmea.decode_bits(nmea.encode_bits(14, 1, {"text": "A@B"})).fields["text"] == "A"
