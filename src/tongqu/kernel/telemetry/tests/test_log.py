"""The segment log: what was flushed is read back as it was, torn and damaged bytes cost only themselves."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import google_crc32c
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongqu.kernel.telemetry.log import LogWriter, drop_before, segments
from tongqu.kernel.telemetry.reader import LogReader
from tongqu.kernel.telemetry.record import FRAME, REFUSED, split_refused
from tongqu.kernel.telemetry.walk import crc32c
from tongqu.kit.errors import Refused
from tongqu.kit.time import ManualClock

NOW = 1_795_000_000_000


def read_all(folder: Path, limit: int = 1 << 21):
    """All records and all damage of a log: (offset, kind, stream, source, received_ms, body)."""
    reader = LogReader(folder)
    offset, records, damage = reader.begin(), [], []
    while (chunk := reader.read(offset, limit)) is not None:
        walk = chunk.walk
        for i in range(len(chunk)):
            body = chunk.data[walk.start[i] : walk.start[i] + walk.length[i]].tobytes()
            place = chunk.offset + int(walk.at[i])
            records.append((place, walk.kind[i], walk.stream[i], walk.source[i], walk.received_ms[i], body))
        damage += chunk.damage
        offset = chunk.next
    return records, damage


entries = st.lists(
    st.tuples(st.integers(0, 65535), st.integers(0, 2**63 - 1), st.integers(0, 2**53), st.binary(max_size=300)),
    max_size=60,
)


@given(data=st.binary(max_size=400))
def test_bulk_and_single_crc_agree(data):
    assert crc32c(np.frombuffer(data, np.uint8)) == google_crc32c.value(data)


def test_crc_is_the_one_of_rfc_3720():
    assert crc32c(np.frombuffer(b"123456789", np.uint8)) == 0xE3069283
    assert crc32c(np.zeros(32, np.uint8)) == 0x8A9136AA


@settings(max_examples=40, deadline=None)
@given(groups=st.lists(entries, max_size=4), segment_bytes=st.sampled_from([200, 5000, 1 << 20]))
def test_what_is_flushed_comes_back(groups, segment_bytes, tmp_path_factory):
    folder = tmp_path_factory.mktemp("log")
    expected = []
    for group in groups:  # a new writer each time: offsets go on where they ended
        writer = LogWriter(folder, ManualClock(NOW), segment_bytes=segment_bytes)
        for stream, source, received_ms, raw in group:
            offset = writer.append(stream, source, received_ms, raw)
            expected.append((offset, FRAME, stream, source, received_ms, raw))
        writer.close()
    if groups:
        records, damage = read_all(folder)
        assert records == expected and damage == []
        reader = LogReader(folder)
        for offset, _, stream, source, received_ms, raw in expected[:20]:
            record = reader.record(offset)
            assert (record.stream, record.source, record.received_ms, record.raw) == (stream, source, received_ms, raw)


def test_refused_input_keeps_reason_and_origin(tmp_path):
    writer = LogWriter(tmp_path, ManualClock(NOW))
    offset = writer.append_refused(7, 0, NOW, b"\x7e\x00", "checksum", "127.0.0.1:5000")
    writer.flush()
    record = LogReader(tmp_path).record(offset)
    assert (record.kind, record.reason, record.remote, record.raw) == (
        REFUSED,
        "checksum",
        "127.0.0.1:5000",
        b"\x7e\x00",
    )
    (bulk,), _ = read_all(tmp_path)
    assert split_refused(bulk[5]) == (b"\x7e\x00", "checksum", "127.0.0.1:5000")
    writer.close()


def test_readers_see_nothing_that_is_not_durable(tmp_path):
    writer = LogWriter(tmp_path, ManualClock(NOW))
    writer.append(1, 1, NOW, b"one")
    assert read_all(tmp_path)[0] == []
    batch = writer.take()
    os.pwrite(writer._file, b"".join(batch.parts), 0)  # on its way, but not yet known to be on disk
    assert read_all(tmp_path)[0] == []
    writer.write(batch)
    assert len(read_all(tmp_path)[0]) == 1
    writer.close()


def test_only_one_writer(tmp_path):
    writer = LogWriter(tmp_path, ManualClock(NOW))
    with pytest.raises(Refused, match="log_in_use"):
        LogWriter(tmp_path, ManualClock(NOW))
    writer.close()
    LogWriter(tmp_path, ManualClock(NOW)).close()


@pytest.mark.parametrize("cut", [1, 5, 29, 60])
def test_torn_tail_is_cut_and_the_rest_stays(tmp_path, cut):
    writer = LogWriter(tmp_path, ManualClock(NOW))
    offsets = [writer.append(1, i, NOW, bytes(50)) for i in range(10)]
    writer.close()
    (segment,) = segments(tmp_path)
    data = segment.path.read_bytes()
    torn = data[:cut]  # a group that was being written when the power went: beyond the mark, never acknowledged
    segment.path.write_bytes(data + torn if cut < 60 else data + data[:78] + data[:30])
    again = LogWriter(tmp_path, ManualClock(NOW))
    kept, damage = read_all(tmp_path)
    assert [record[0] for record in kept[:10]] == offsets and damage == []
    after = again.append(1, 99, NOW, b"after")
    again.close()
    records, damage = read_all(tmp_path)
    assert records[-1][0] == after and records[-1][5] == b"after" and damage == []


@pytest.mark.parametrize("field", range(0, 70, 3))
def test_a_flipped_byte_costs_one_record_and_is_reported(tmp_path, field):
    writer = LogWriter(tmp_path, ManualClock(NOW))
    offsets = [writer.append(1, i, NOW, random.Random(i).randbytes(60)) for i in range(30)]
    writer.close()
    (segment,) = segments(tmp_path)
    data = bytearray(segment.path.read_bytes())
    data[offsets[7] - offsets[0] + field] ^= 0x40
    segment.path.write_bytes(data)
    (tmp_path / "durable").unlink()  # even a writer that does not know what was durable cuts nothing
    LogWriter(tmp_path, ManualClock(NOW)).close()
    records, damage = read_all(tmp_path)
    assert [record[0] for record in records] == offsets[:7] + offsets[8:]
    assert sum(one.end - one.begin for one in damage) == offsets[8] - offsets[7]
    assert LogReader(tmp_path).record(offsets[7]) is None


def test_offsets_are_never_used_again_after_the_log_was_deleted(tmp_path):
    clock = ManualClock(NOW)
    writer = LogWriter(tmp_path, clock)
    first = writer.append(1, 1, NOW, b"x" * 100)
    writer.close()
    for path in tmp_path.iterdir():
        path.unlink()
    clock.advance(1)
    writer = LogWriter(tmp_path, clock)
    assert writer.append(1, 1, NOW, b"y") > first + 128
    writer.close()


def test_old_segments_go_and_the_newest_stays(tmp_path):
    writer = LogWriter(tmp_path, ManualClock(NOW), segment_bytes=100)
    offsets = []
    for _ in range(5):
        offsets.append(writer.append(1, 1, NOW, bytes(100)))
        writer.flush()
    assert len(segments(tmp_path)) == 5
    assert drop_before(tmp_path, offsets[3], int(time.time() * 1000) + 60_000) == offsets[:3]
    assert drop_before(tmp_path, offsets[4] + 1000, int(time.time() * 1000) + 60_000) == [offsets[3]]
    assert [record[0] for record in read_all(tmp_path)[0]] == [offsets[4]]
    assert LogReader(tmp_path).record(offsets[0]) is None
    writer.close()


KILLED = """
import sys
from pathlib import Path
from tongqu.kernel.telemetry.log import LogWriter
from tongqu.kit.time import ManualClock
writer = LogWriter(Path(sys.argv[1]), ManualClock(1), segment_bytes=40_000)
number = int(sys.argv[2])
while True:
    for _ in range(50):
        writer.append(3, number, number, number.to_bytes(8, "little") * (1 + number % 20))
        number += 1
    writer.flush()
    sys.stdout.write(f"{number}\\n")
    sys.stdout.flush()
"""


def test_kill_at_any_moment_loses_nothing_acknowledged(tmp_path):
    acknowledged = 0
    for round_ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path), str(acknowledged)], stdout=subprocess.PIPE, text=True
        )
        process.stdout.readline()
        time.sleep(random.Random(round_).random() * 0.2)
        process.send_signal(signal.SIGKILL)
        lines = [line for line in process.stdout.read().split("\n")[:-1] if line]
        process.wait()
        acknowledged = int(lines[-1]) if lines else acknowledged + 50
        records, damage = read_all(tmp_path)
        stored = {record[3] for record in records}
        assert set(range(acknowledged)) <= stored and damage == []
    assert all(record[5] == int(record[3]).to_bytes(8, "little") * (1 + record[3] % 20) for record in records)
