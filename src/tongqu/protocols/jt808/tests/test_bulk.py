"""The bulk path gives the rows of the slow path: over random, mutated, batched, merged and damaged frames."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongqu.kit.arrow import Frames
from tongqu.protocols import jt808
from tongqu.protocols.jt808.bulk import COLUMNS, split
from tongqu.protocols.jt808.bulk_tables import MONTH_START, REASONS
from tongqu.protocols.jt808.tests.samples import PHONE_2013, PHONE_2019, frame, position, real_frames, sealed
from tongqu.protocols.jt808.tests.strategies import bodies
from tongqu.protocols.jt808.tests.test_items import DEVICE
from tongqu.protocols.jt808.wire import bcd_of_time

RELAXED = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
HEADER_REASONS = {"frame", "escape", "short", "checksum", "length", "header", "encrypted"}
POSITION_IDS = (0x0200, 0x0201, 0x0500, 0x0704)


Rows = list[tuple[int, dict[str, Any]]]
Rejects = list[tuple[int, str]]


def slow(raws: list[bytes], profile: jt808.Profile | None = None) -> tuple[Rows, Rejects]:
    """Rows and rejects by decoding one frame at a time."""
    rows, rejects = [], []
    for index, raw in enumerate(raws):
        message = jt808.decode(raw, profile)
        rows += [(index, row) for row in jt808.positions_of(message)]
        counts = message.head.message_id in POSITION_IDS or message.reason in HEADER_REASONS
        if message.reason is not None and counts:
            rejects.append((index, str(message.reason)))
    return rows, rejects


def check(raws: list[bytes], profile: jt808.Profile | None = None) -> int:
    """The bulk path agrees with the slow one; gives the number of rows."""
    decoded = jt808.positions(Frames.of(raws, source=range(7, 7 + len(raws))), profile)
    rows, rejects = slow(raws, profile)
    assert set(decoded.columns) == set(COLUMNS)
    assert decoded.frame.tolist() == [index for index, _ in rows]
    assert list(zip(decoded.reject_frame.tolist(), map(str, decoded.reject_reason), strict=True)) == rejects
    for at, (index, row) in enumerate(rows):
        assert decoded.columns["source"][at] == 7 + index
        for name, value in row.items():
            found = decoded.columns[name][at]
            wanted = COLUMNS[name](value)
            assert found == wanted or (math.isnan(found) and math.isnan(wanted)), (name, found, wanted)
    return len(rows)


@st.composite
def position_frames(draw: st.DrawFn) -> bytes:
    """A frame that carries positions, of any version, whole or merged."""
    version = draw(st.sampled_from((2013, 2019)))
    id = draw(st.sampled_from(POSITION_IDS))
    phone = PHONE_2019 if version == 2019 else PHONE_2013
    body = draw(bodies(jt808.MESSAGES[id], version))
    if id == 0x0704:
        body["positions"] = body["positions"] * draw(st.sampled_from((1, 1, 12)))
        body["count"] = len(body["positions"])
    frames = jt808.encode(id, body, phone=phone, serial=draw(st.integers(0, 65535)), version=version)
    if len(frames) == 1:
        return frames[0]
    assembler = jt808.Assembler()
    whole = [assembler.add(jt808.peek(raw), 0) for raw in frames][-1]
    assert whole is not None
    return draw(st.sampled_from((jt808.merge_frame(whole.head, whole.head.body), frames[0], frames[-1])))


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A frame with some bytes changed, cut out or put in; half of them get a right checksum again."""
    raw = bytearray(draw(position_frames()))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(raw) - 1))
        how = draw(st.sampled_from(("change", "cut", "put")))
        if how == "change":
            raw[at] = draw(st.integers(0, 255))
        elif how == "cut" and len(raw) > 3:
            del raw[at]
        else:
            raw.insert(at, draw(st.integers(0, 255)))
    if draw(st.booleans()) and len(raw) > 3:
        return sealed(bytes(raw[1:-2]))
    return bytes(raw)


@RELAXED
@given(st.lists(position_frames(), max_size=6))
def test_rows_are_those_of_the_slow_path(raws):
    check(raws)


@RELAXED
@given(st.lists(mutated(), min_size=1, max_size=6))
def test_rows_and_rejects_agree_on_mutated_frames(raws):
    check(raws)


@RELAXED
@given(st.lists(st.binary(max_size=80), max_size=8))
def test_rows_and_rejects_agree_on_arbitrary_bytes(raws):
    check(raws)
    check([sealed(raw) for raw in raws])


@settings(RELAXED, max_examples=60)
@given(st.lists(st.binary(min_size=0, max_size=40), min_size=1, max_size=5))
def test_rows_agree_under_a_profile_with_other_widths(tails):
    block = jt808.encode_body(0x0200, position(extras={}))
    check([frame(0x0200, block + tail) for tail in tails], DEVICE)
    check([frame(0x0200, block + tail) for tail in tails])


def test_a_mileage_behind_items_of_other_widths_is_found():
    tail = b"\xe7\0\0\0\x02\0\x03" + b"\x0a\x01\x04\0\0\0\x09" + b"\x01\x04\0\0\0\x0f"
    raw = frame(0x0200, jt808.encode_body(0x0200, position(extras={})) + tail)
    decoded = jt808.positions(Frames.of([raw]), DEVICE)
    assert decoded.columns["mileage_km"].tolist() == [1.5]
    assert np.isnan(jt808.positions(Frames.of([raw])).columns["mileage_km"]).all()
    assert check([raw], DEVICE) == 1


def test_every_kind_of_header_agrees():
    """All attribute bits, both headers, right and wrong lengths, part numbers in and out of range."""
    body = jt808.encode_body(0x0200, position())
    short, long = bytes.fromhex(PHONE_2013), b"\x01" + bytes.fromhex(PHONE_2019)
    raws = []
    for top in range(64):
        for phone in (short, long, b"\x02" + long[1:]):
            for parts in (b"", bytes.fromhex("00010001"), bytes.fromhex("00020001"), bytes.fromhex("00010002")):
                for error in (-5, 0, 1, 1023 - len(body)):
                    attributes = top << 10 | (len(body) + error)
                    inside = b"\x02\x00" + attributes.to_bytes(2, "big") + phone + b"\x00\x07" + parts + body
                    raws += [sealed(inside), sealed(inside[: 12 + top % 10])]
    # With the reserved bit either way, whole or as part 1 of 1: the short header, the long one with its bit (version
    # byte 1 or 2), and the long one without its bit (version byte 1 only).
    assert check(raws) == 2 * 2 * (1 + 2 + 1)
    reasons = {jt808.decode(raw).reason for raw in raws}
    assert reasons >= {None, "short", "length", "header", "encrypted"}


def test_all_length_bits_mean_1023_bytes_or_a_merged_body():
    block = jt808.encode_body(0x0200, position(extras={}))
    raws = {}
    for size in range(1020, 1028):
        inside = bytes.fromhex("020003FF" + PHONE_2013 + "0001") + block.ljust(size, b"\x99")
        raws[size] = sealed(inside)
    assert check(list(raws.values())) == 5
    assert [size for size, raw in raws.items() if jt808.decode(raw).ok] == [1023, 1024, 1025, 1026, 1027]
    assert [size for size, raw in raws.items() if jt808.peek(raw).ok] == [1023]


def test_real_frames_agree(data_dir):
    raws = [bytes.fromhex(each["hex"]) for each in real_frames(data_dir)]
    assert check(raws) == 2 * (1 + 4 + 1 + 1)  # per header: 0x0200, a batch of four, 0x0201, one with alarms


def test_values_of_one_row_by_hand():
    raw = frame(body=position(latitude_deg=-33.5, longitude_deg=-70.25, alarm=2, heading_deg=359))
    columns = {name: column[0] for name, column in jt808.positions(Frames.of([raw], source=[42])).columns.items()}
    assert columns["source"] == 42
    assert (columns["lon"], columns["lat"]) == (-70.25, -33.5)
    assert columns["time_ms"] == 1_700_000_000_000
    assert columns["speed_kmh"] == np.float32(45.6)
    assert columns["mileage_km"] == 12345.6
    assert (columns["alarm"], columns["status"] & 0b1100) == (2, 0b1100)
    assert columns["refill"] == np.False_


@pytest.mark.parametrize(("heading", "column"), [(0, 0), (359, 359), (360, 0), (361, -1), (65535, -1)])
def test_headings_that_are_none(heading, column):
    raw = frame(body=position(heading_deg=heading))
    assert jt808.positions(Frames.of([raw])).columns["heading_deg"].tolist() == [column]
    assert check([raw]) == 1


def test_the_key_depends_on_every_byte_of_the_block_and_on_nothing_else():
    block = jt808.encode_body(0x0200, position(extras={}))
    keys = {jt808.position_key(block)}
    for at in range(28):
        keys.add(jt808.position_key(block[:at] + bytes([block[at] ^ 1]) + block[at + 1 :]))
    assert len(keys) == 29
    asked = frame(0x0201, {**position(), "reply_serial": 3})
    decoded = jt808.positions(Frames.of([frame(), frame(body=position(extras={}), serial=9), asked]))
    assert len(set(decoded.columns["key"].tolist())) == 1


def test_blocks_that_differ_a_little_have_keys_of_their_own():
    seconds = sorted(set(np.random.default_rng(1).integers(0, 10**8, 20_000).tolist()))
    block = jt808.encode_body(0x0200, position(extras={}))
    keys = set()
    for second in seconds:
        time = bcd_of_time(1_600_000_000_000 + second * 1000)
        keys.add(jt808.position_key(block[:16] + (second % 500).to_bytes(2, "big") + block[18:22] + time))
    assert len(keys) == len(seconds)


def test_refill_comes_from_the_batch_type():
    raws = [frame(0x0704, {"batch_type": kind, "positions": [position()]}) for kind in (0, 1, 2)]
    assert jt808.positions(Frames.of(raws)).columns["refill"].tolist() == [False, True, False]


def damaged_batch() -> bytes:
    good = jt808.encode_body(0x0200, position())
    bad = good[:22] + b"\xff" * 6 + good[28:]
    entries = [good, bad, good[:27], good]
    body = len(entries).to_bytes(2, "big") + b"\x01" + b"".join(len(e).to_bytes(2, "big") + e for e in entries)
    return frame(0x0704, body)


def test_a_batch_with_bad_entries_gives_the_good_ones_and_one_reject():
    raw = damaged_batch()
    decoded = jt808.positions(Frames.of([raw]))
    assert len(decoded) == 2
    assert (decoded.reject_frame.tolist(), decoded.reject_reason) == ([0], [jt808.Reason.ENTRY])
    message = jt808.decode(raw)
    assert (message.ok, message.reason) == (False, "entry")
    assert [entry.get("refused") for entry in message.body["positions"]] == [None, "time", "body", None]
    assert check([raw]) == 2


def test_a_batch_that_promises_more_than_it_has():
    good = jt808.encode_body(0x0200, position())
    for body in (
        b"\x00\x03\x00" + len(good).to_bytes(2, "big") + good,
        b"\x00\x02\x00" + len(good).to_bytes(2, "big") + good + b"\x00",
        b"\x00\x02\x00" + len(good).to_bytes(2, "big") + good + b"\x00\xff\x01",
    ):
        raw = frame(0x0704, body)
        assert check([raw]) == 1
        assert jt808.decode(raw).reason == "entry"


def test_bytes_behind_a_batch_are_kept_and_refuse_nothing():
    good = jt808.encode_body(0x0200, position())
    raw = frame(0x0704, b"\x00\x01\x00" + len(good).to_bytes(2, "big") + good + b"tail")
    message = jt808.decode(raw)
    assert (message.ok, message.rest) == (True, b"tail")
    assert check([raw]) == 1


def test_other_messages_give_neither_row_nor_reject():
    raws = [frame(0x0002, {}), frame(0x0F0F, b"whatever"), frame(0x0001, b"\x01")]
    decoded = jt808.positions(Frames.of(raws))
    assert (len(decoded), len(decoded.reject_frame)) == (0, 0)


def test_parts_give_neither_row_nor_reject_and_their_merged_frame_gives_all():
    body = {"batch_type": 1, "positions": [position(altitude_m=n) for n in range(60)]}
    frames = jt808.encode(0x0704, body, phone=PHONE_2013, serial=1)
    assert check(frames) == 0
    assembler = jt808.Assembler()
    whole = [assembler.add(jt808.peek(raw), 0) for raw in frames][-1]
    assert whole is not None
    merged = jt808.merge_frame(whole.head, whole.head.body)
    assert check([merged]) == 60
    assert jt808.positions(Frames.of([merged])).columns["altitude_m"].tolist() == list(range(60))


def test_nothing_gives_nothing():
    decoded = jt808.positions(Frames.of([]))
    assert len(decoded) == 0
    assert decoded.columns["key"].dtype == np.uint64


@given(st.binary(min_size=6, max_size=6))
def test_times_agree_on_any_six_bytes(bcd):
    raw = frame(0x0200, jt808.encode_body(0x0200, position(extras={}))[:22] + bcd)
    check([raw])


def test_every_valid_day_of_the_century_agrees():
    raws = []
    for month in range(1200):
        days = int(MONTH_START[month + 1] - MONTH_START[month])
        for day in (1, days, days + 1):
            text = f"{month // 12:02d}{month % 12 + 1:02d}{day:02d}235959"
            raws.append(frame(0x0200, jt808.encode_body(0x0200, position(extras={}))[:22] + bytes.fromhex(text)))
    assert check(raws) == 2400


def test_reasons_of_the_loop_are_those_of_the_package():
    assert set(REASONS[1:]) == set(jt808.Reason) - {jt808.Reason.UNKNOWN_ID, jt808.Reason.OVERFLOW}


def test_a_buffer_becomes_an_arrow_batch():
    raws = [frame(serial=n, body=position(altitude_m=n)) for n in range(50)]
    noise = frame(0x0002, {})
    bad = raws[0][:-2] + bytes([raws[0][-2] ^ 1]) + b"\x7e"
    buffer = b"noise" + b"".join(raws) + noise[:-1] + bad + b"\x7e\x7e" + raws[0]
    for data in (buffer, np.frombuffer(buffer, np.uint8), bytearray(buffer)):
        batch = jt808.decode_buffer(data)
        assert batch.num_rows == 51
        assert batch.column("altitude_m").to_pylist() == [*range(50), 0]
        assert batch.schema.metadata == {b"frames": b"53", b"refused": b"1"}
        for offset in batch.column("offset").to_pylist():
            assert buffer[offset : offset + len(raws[0])] in raws


@given(st.lists(st.sampled_from([b"\x7e", b"a", b"bc", b"\x7d\x02"]), max_size=30).map(b"".join))
def test_the_buffer_is_split_like_a_stream(stream):
    frames = split(np.frombuffer(stream, np.uint8))
    found = [frames.raw(index) for index in range(len(frames))]
    wanted = [chunk.raw for chunk in jt808.Splitter().feed(stream) if chunk.ok]
    assert found == wanted


def test_columns_can_be_of_any_source():
    assert len(Frames.of([b"ab", b"c"])) == 2
    assert Frames.of([b"ab", b"c"]).raw(1) == b"c"
    with pytest.raises(ValueError):
        Frames.of([b"ab", b"c"], source=[1])


def test_a_large_shuffled_mixture_agrees():
    rng = random.Random(3)
    raws = []
    for number in range(400):
        raw = bytearray(rng.choice((frame(serial=number), damaged_batch(), frame(0x0002, {}), frame(version=2013))))
        if rng.random() < 0.5:
            raw[rng.randrange(len(raw))] = rng.randrange(256)
        raws.append(bytes(raw))
    assert check(raws) > 150
