"""Masking follows from the class of a column."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Integer, String

from tongqu.kernel.store import Personal, Scope, column, mask, masked, metadata, table

DRIVER = table(
    "driver",
    metadata(),
    column("id", Integer, primary_key=True),
    column("name", String(20), personal=Personal.NAME),
    column("phone", String(20), nullable=True, personal=Personal.CONTACT),
    column("licence", String(20), personal=Personal.IDENTITY),
    column("hash", String(20), personal=Personal.SECRET),
    scope=Scope(open=True),
)
ROW = {"id": 1, "name": "驾驶员0137", "phone": "13800001234", "licence": "990101199001011234", "hash": "abc", "more": 5}


@pytest.mark.parametrize(
    ("value", "personal", "shown"),
    [
        ("13800001234", Personal.CONTACT, "138****1234"),
        ("someone@example.org", Personal.CONTACT, "s***@example.org"),
        ("123", Personal.CONTACT, "***"),
        ("1234567", Personal.CONTACT, "*******"),
        ("990101199001011234", Personal.IDENTITY, "990***********1234"),
        ("anything", Personal.SECRET, "******"),
        ("驾驶员0137", Personal.NAME, "驾驶员0137"),
        (None, Personal.CONTACT, None),
        (13800001234, Personal.CONTACT, "138****1234"),
    ],
)
def test_each_class_has_its_mask(value, personal, shown):
    assert mask(value, personal) == shown


def test_a_row_is_masked_by_its_table_and_revealed_by_class():
    shown = masked(DRIVER, ROW)
    assert shown == ROW | {"phone": "138****1234", "licence": "990***********1234", "hash": "******"}
    assert masked(DRIVER, ROW, reveal=(Personal.CONTACT, Personal.SECRET)) == shown | {"phone": ROW["phone"]}


@given(st.text(min_size=1, max_size=40), st.sampled_from([Personal.CONTACT, Personal.IDENTITY, Personal.SECRET]))
def test_at_least_a_part_is_hidden(value, personal):
    shown = mask(value, personal)
    assert "*" in shown
    hidden = len(value) - sum(a == b for a, b in zip(value, shown, strict=False)) if "@" not in value else 1
    assert hidden >= 1 or set(value) == {"*"} or "*" in value
