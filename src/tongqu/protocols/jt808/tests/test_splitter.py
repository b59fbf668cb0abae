"""The stream splitter: any cut of the reads gives the same frames."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tongqu.protocols import jt808
from tongqu.protocols.jt808.tests.samples import frame

A = frame(0x0002, {}, serial=1)
B = frame(serial=2)
C = frame(0x0002, {}, serial=3)


def split(*reads: bytes) -> list[jt808.Chunk]:
    splitter = jt808.Splitter()
    return [chunk for data in reads for chunk in splitter.feed(data)]


@given(st.lists(st.sampled_from([A, B, C]), max_size=6), st.lists(st.integers(0, 400), max_size=8))
def test_any_cut_gives_the_same_frames(frames, cuts):
    stream = b"".join(frames)
    points = sorted({0, len(stream), *(min(cut, len(stream)) for cut in cuts)})
    reads = [stream[start:end] for start, end in pairwise(points)]
    assert [chunk.raw for chunk in split(*reads)] == frames


@given(st.lists(st.sampled_from([A, B, C]), max_size=6), st.lists(st.integers(0, 400), max_size=8))
def test_whole_frames_may_pass_by_the_splitter(frames, cuts):
    stream = b"".join(frames)
    points = sorted({0, len(stream), *(min(cut, len(stream)) for cut in cuts)})
    splitter, found = jt808.Splitter(), []
    for start, end in pairwise(points):
        data = stream[start:end]
        found += [data] if splitter.whole(data) else [chunk.raw for chunk in splitter.feed(data)]
    assert found == frames


def test_an_opening_flag_may_come_alone_and_a_closing_one_may_open_the_next():
    splitter = jt808.Splitter()
    assert not splitter.whole(A[:1]) and splitter.feed(A[:1]) == []
    assert [chunk.raw for chunk in splitter.feed(A[1:])] == [A]
    assert splitter.whole(B) and [chunk.raw for chunk in splitter.feed(C[1:])] == [C]


def test_one_byte_at_a_time():
    chunks = split(*(bytes([byte]) for byte in A + B + C))
    assert [chunk.raw for chunk in chunks] == [A, B, C]


def test_one_flag_may_close_a_frame_and_open_the_next():
    assert [chunk.raw for chunk in split(A[:-1] + B[:-1] + C)] == [A, B, C]


def test_flags_without_anything_between_are_nothing():
    assert [chunk.raw for chunk in split(b"\x7e\x7e" + A + b"\x7e\x7e\x7e" + B)] == [A, B]


def test_the_splitter_does_not_unescape():
    (chunk,) = split(b"\x7e\x7d\x02\x7d\x01\x7e")
    assert chunk.raw == b"\x7e\x7d\x02\x7d\x01\x7e"


def test_bytes_before_the_first_flag_are_refused_once():
    first, second = split(b"GET / HT", b"TP/1.1\r\n" + A)
    assert (first.raw, first.reason, first.ok) == (b"GET / HTTP/1.1\r\n", jt808.Reason.FRAME, False)
    assert second.raw == A


def test_what_stands_between_frames_is_a_chunk_of_its_own_and_harms_nothing():
    chunks = split(A + b"noise" + B)
    assert [jt808.peek(chunk.raw).ok for chunk in chunks] == [True, False, True]


def test_more_than_the_limit_without_a_flag_is_an_overflow():
    splitter = jt808.Splitter(limit=1000)
    assert splitter.feed(b"\x7e" + b"x" * 999) == []
    assert splitter.held_bytes == 999
    (chunk,) = splitter.feed(b"yy")
    assert chunk.reason is jt808.Reason.OVERFLOW
    assert chunk.close
    assert chunk.raw == b"\x7e" + b"x" * 999 + b"yy"
    assert splitter.held_bytes == 0
    assert [c.raw for c in splitter.feed(A)] == [A]


def test_the_default_limit_is_64_kib():
    splitter = jt808.Splitter()
    assert splitter.feed(b"\x7e" + b"x" * 65_536) == []
    assert splitter.feed(b"x")[0].close


def test_an_overflow_within_one_read_does_not_hide_the_frames_before_it():
    splitter = jt808.Splitter(limit=100)
    good, bad = splitter.feed(A + b"\x7e" + b"z" * 200)
    assert good.raw == A
    assert bad.close
    flagged = splitter.feed(b"\x7e" + b"q" * 200 + b"\x7e" + A)
    assert [chunk.close for chunk in flagged] == [True, False]


@given(st.lists(st.binary(max_size=30), max_size=20))
def test_nothing_is_lost_or_invented(reads):
    splitter = jt808.Splitter(limit=100_000)
    chunks = [chunk for data in reads for chunk in splitter.feed(data)]
    content = b"".join(chunk.raw.strip(b"\x7e") for chunk in chunks)
    stream = b"".join(reads).replace(b"\x7e", b"")
    assert stream.startswith(content)
    assert len(stream) - len(content) == splitter.held_bytes
