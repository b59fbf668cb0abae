"""Plates: the forms of GA 36-2018, however they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongqu.domains.fleets.plates import COLOURS, FORMS, PlateRules
from tongqu.domains.fleets.plates import REAL_PROVINCES as PROVINCES
from tongqu.kit.errors import Invalid

RULES = PlateRules()
DEMO = PlateRules(PROVINCES + "澜")
SERIAL = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"


@pytest.mark.parametrize(
    ("text", "colour", "plain", "form"),
    [
        ("京A12345", "blue", "京A12345", "standard"),
        ("川A·1234Z", "yellow", "川A1234Z", "standard"),
        ("粤b d12345", "green", "粤BD12345", "new_energy_small"),
        ("粤ＢＦＡ１２３４", "gradient_green", "粤BFA1234", "new_energy_small"),
        ("粤B-12345D", "yellow_green", "粤B12345D", "new_energy_large"),
        ("鲁Q1234挂", "yellow", "鲁Q1234挂", "trailer"),
        ("浙A1234学", "yellow", "浙A1234学", "learner"),
        ("苏A1234警", "white", "苏A1234警", "police"),
        ("粤Z1234港", "black", "粤Z1234港", "hong_kong_macao"),
    ],
)
def test_forms(text: str, colour: str, plain: str, form: str) -> None:
    plate = RULES.read(text, colour)
    assert (plate.plain, plate.form, plate.label) == (plain, form, f"{plain[:2]}·{plain[2:]}")
    assert plate.identity == f"{plain} {colour}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A12345",
        "京12345",
        "京A1234",
        "京A123456",
        "京AI2345",
        "京AO2345",
        "京I12345",
        "粤BL12345",
        "鲁QD1234挂",
        "东A12345",
    ],
)
def test_what_is_no_plate(text: str) -> None:
    with pytest.raises(Invalid, match="bad_plate"):
        RULES.read(text, "blue")


@pytest.mark.parametrize(
    ("text", "colour"), [("京AD12345", "blue"), ("京A12345", "green"), ("鲁Q1234挂", "blue"), ("京A12345", "pink")]
)
def test_a_form_is_made_in_its_colours_only(text: str, colour: str) -> None:
    with pytest.raises(Invalid, match="bad_colour"):
        RULES.read(text, colour)


def test_the_demo_province_has_plates_only_where_it_is_allowed() -> None:
    assert DEMO.read("澜A·D12345", "green").label == "澜A·D12345"
    with pytest.raises(Invalid):
        RULES.read("澜A·D12345", "green")


def test_there_are_31_abbreviations_and_forms_name_known_colours() -> None:
    assert len(PROVINCES) == len(set(PROVINCES)) == 31
    assert {colour for form in FORMS for colour in form.colours} == set(COLOURS)


@given(
    st.sampled_from(PROVINCES),
    st.sampled_from("ABCDEFGHJKLMNPQRSTUVWXYZ"),
    st.text(SERIAL, min_size=5, max_size=5),
    st.sampled_from(["", "·", " ", "-", "・"]),
    st.booleans(),
)
def test_a_plate_is_one_however_it_is_written(province: str, office: str, serial: str, dot: str, low: bool) -> None:
    text = f"{province}{office}{dot}{serial}"
    plate = RULES.read(text.lower() if low else text, "blue")
    assert plate.plain == f"{province}{office}{serial}"
    assert RULES.read(plate.label, "blue") == plate
