"""An alarm begins with the edge of its bit; what ends it depends on the kind of bit."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongqu.domains.equipment.alarm_bits import BITS, RULES
from tongqu.kernel.rules.engine import Engine, spans
from tongqu.kernel.rules.tests.toys import BEGIN, rows_of, some, view
from tongqu.kit import text
from tongqu.protocols import jt808
from tongqu.protocols.jt808.tables import words

text.register("equipment", "tongqu.domains.equipment")
FATIGUE, EMERGENCY, COLLISION = 1 << 2, 1 << 0, 1 << 29


def engine() -> Engine:
    return Engine([(rule, rule.make(None)) for rule in RULES], view())  # type: ignore[arg-type]


def alarms(words: dict[int, int], piece: int = 1000) -> list[tuple[str, int, int | None]]:
    """Rule, onset and end in seconds, from alarm words by second."""
    rows = rows_of([(3, second, 50.0, -1.0, word, 0) for second, word in words.items()])
    made, said = engine(), []
    for first in range(0, len(words), piece):
        said += made.take(some(rows, range(first, min(first + piece, len(words))))).transitions
    found = []
    for number, (rule, _) in enumerate(made.rules):
        for onset, span in spans(one for n, one in said if n == number).items():
            end = None if span.ended is None else (span.ended.at_ms - BEGIN) // 1000
            found.append((rule.id.removeprefix("equipment."), (onset - BEGIN) // 1000, end))
    return sorted(found, key=lambda one: one[1])


def test_a_bit_that_stays_is_one_alarm_until_its_cause_ends() -> None:
    assert alarms({0: 0, 10: FATIGUE, 20: FATIGUE, 30: 0, 89: 0}) == [("fatigue", 10, None)]
    assert alarms({10: FATIGUE, 30: 0, 90: 0, 100: FATIGUE}) == [("fatigue", 10, 30), ("fatigue", 100, None)]
    assert alarms({10: FATIGUE, 30: 0, 60: FATIGUE, 70: 0, 130: 0}) == [("fatigue", 10, 70)], "devices flicker"


def test_a_bit_that_the_reply_clears_stands_for_a_person() -> None:
    assert alarms({10: EMERGENCY, 12: 0, 300: 0}) == [("emergency", 10, None)]
    assert alarms({10: EMERGENCY, 12: 0, 300: 0, 400: EMERGENCY}) == [("emergency", 10, None), ("emergency", 400, None)]


def test_bits_are_told_apart() -> None:
    assert {one[0] for one in alarms({0: FATIGUE | COLLISION})} == {"fatigue", "collision"}
    assert alarms({0: 1 << 13, 1: 1 << 14, 2: 1 << 17}) == [], "warnings to the driver alone"


@given(st.dictionaries(st.integers(0, 400), st.sampled_from([0, EMERGENCY, FATIGUE, FATIGUE | COLLISION]), max_size=60))
def test_how_reports_are_cut_does_not_matter(reports: dict[int, int]) -> None:
    ordered = dict(sorted(reports.items()))
    assert alarms(ordered, piece=7) == alarms(ordered)


@pytest.mark.parametrize("one", BITS, ids=lambda one: one.name)
def test_the_table_is_that_of_the_standard(one: Any) -> None:
    assert one.name in words.ALARM.names(1 << one.bit, 2019) + words.ALARM.names(1 << one.bit, 2013)
    replied = words.CLEARED_BY_REPLY_2019 | (1 << 31)
    assert one.replied == bool(replied >> one.bit & 1)
    assert text.has(f"equipment.rules.{one.name}.title")


def test_every_bit_of_the_standard_was_thought_of() -> None:
    meant = {bit for bit in range(32) if jt808.alarm_names(1 << bit, 2019) != [f"bit{bit}"]} | {31}
    assert meant - {one.bit for one in BITS} == {13, 14, 17}
