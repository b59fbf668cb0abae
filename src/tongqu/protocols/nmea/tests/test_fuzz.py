"""Garbage: nothing raises, and nothing is lost without a word."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tongqu.protocols import nmea
from tongqu.protocols.nmea import bulk
from tongqu.protocols.nmea.cli import decode_line, decode_lines
from tongqu.protocols.nmea.explain import explain
from tongqu.protocols.nmea.wire import LETTERS, MOST_BITS, sentence

ARMOURED = st.text(st.sampled_from(LETTERS), max_size=MOST_BITS // 6)


@given(st.text(max_size=120))
@settings(deadline=None)
def test_any_text_is_a_line(line):
    answer = decode_line(line)
    assert answer["ok"] in (True, False)
    assert answer["ok"] or answer["reason"]


@given(st.binary(max_size=400))
@settings(deadline=None)
def test_any_bytes_are_a_buffer(buffer):
    bulk.decode_buffer(buffer)


@given(ARMOURED, st.integers(0, 5))
@settings(max_examples=300, deadline=None)
def test_any_bits_are_a_message_or_refused(payload, fill):
    message = nmea.decode(payload, fill)
    assert message.ok or message.reason
    at = 0
    for row in explain(payload, fill):
        assert row.offset == at
        at += row.length
    assert at == max(len(payload) * 6 - fill, 0)


@given(st.lists(st.sampled_from(["AIVDM", "AIVDO", "BSVDM"]), max_size=6), st.data())
@settings(deadline=None)
def test_every_sentence_stands_in_exactly_one_answer(kinds, data):
    lines = []
    for kind in kinds:
        total = data.draw(st.integers(1, 3))
        number = data.draw(st.integers(1, 3))
        sequence = data.draw(st.sampled_from(["", "1", "2"]))
        lines.append(sentence("!", f"{kind},{total},{number},{sequence},A,{data.draw(ARMOURED)[:60]},0"))
    answers = list(decode_lines(lines))
    said = [line for answer in answers for line in answer["sentences"]]
    assert sorted(said) == sorted(lines)
