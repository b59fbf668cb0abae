"""No bytes make anything raise: decode, explain, bulk, command line; a refusal always has its reason."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongqu.kit.arrow import Frames
from tongqu.protocols import jt808
from tongqu.protocols.jt808.cli import decode_line
from tongqu.protocols.jt808.tests.samples import PHONE_2013, PHONE_2019, frame, sealed

FUZZ = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
IDS = st.sampled_from(list(jt808.MESSAGES))
RAWS = st.one_of(
    st.binary(max_size=120),
    st.binary(max_size=120).map(lambda data: b"\x7e" + data + b"\x7e"),
    st.binary(max_size=120).map(sealed),
)


def check(raw: bytes) -> None:
    for profile in (None, *jt808.PROFILES.values()):
        message = jt808.decode(raw, profile)
        assert message.ok is (message.reason is None)
        rows = jt808.explain(raw, profile)
        assert sum(row.wire_length for row in rows) == len(raw)
    json.dumps(decode_line(raw.hex(), explain=True), allow_nan=False)
    jt808.positions_of(jt808.decode(raw))
    jt808.positions(Frames.of([raw]))
    jt808.decode_buffer(np.frombuffer(raw, np.uint8))


@FUZZ
@given(RAWS)
def test_arbitrary_bytes(raw):
    check(raw)


@FUZZ
@given(IDS, st.binary(max_size=200), st.sampled_from((2013, 2019)))
def test_arbitrary_bodies_of_every_message(id, body, version):
    """The right header and checksum around nonsense: the tables must stand it."""
    raw = frame(id, body, version=version)
    check(raw)
    message = jt808.decode(raw)
    assert message.head.ok
    assert message.name in (jt808.MESSAGES[id].name, "part")
    assert message.reason in (None, "body", "time", "entry")


@FUZZ
@given(IDS, st.binary(max_size=200), st.sampled_from((2013, 2019)))
def test_what_decodes_without_rest_can_be_written_and_read_again(id, body, version):
    message = jt808.decode(frame(id, body, version=version))
    if not message.ok or message.rest or not all(map(str.isprintable, texts(message.body))):
        return
    again = jt808.encode(
        id, message.body, phone=PHONE_2019 if version == 2019 else PHONE_2013, serial=1, version=message.head.version
    )
    if len(again) == 1:
        assert jt808.decode(again[0]).body == message.body


def texts(value: object) -> list[str]:
    """Texts that came from GBK as it should be; the others are shown with escapes and cannot be written back."""
    if isinstance(value, str):
        return [value.replace("\\x", "\n")]
    if isinstance(value, dict):
        return [text for inner in value.values() for text in texts(inner)]
    return [text for inner in value for text in texts(inner)] if isinstance(value, list) else []


@FUZZ
@given(st.text(max_size=60))
def test_any_text_on_the_command_line(line):
    answer = decode_line(line, explain=True)
    json.dumps(answer, allow_nan=False)
    assert {"ok", "reason", "message_id", "phone", "serial", "body"} <= set(answer)


@FUZZ
@given(st.lists(st.binary(max_size=50), max_size=10))
def test_any_stream(reads):
    splitter = jt808.Splitter(limit=200)
    assembler = jt808.Assembler(max_bytes=4096)
    for number, data in enumerate(reads):
        for chunk in splitter.feed(data):
            head = jt808.peek(chunk.raw)
            if head.ok:
                assembler.add(head, number)
    assembler.due(10**9)
