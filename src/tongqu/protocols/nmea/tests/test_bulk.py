"""The bulk path gives the rows of the slow one: over logs, over anything the tables can carry, over damage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongqu.kit.arrow import Frames
from tongqu.protocols import nmea
from tongqu.protocols.nmea import bulk
from tongqu.protocols.nmea.bulk_tables import GROUPS
from tongqu.protocols.nmea.lines import ends_of_lines
from tongqu.protocols.nmea.tables import MESSAGES
from tongqu.protocols.nmea.tests.support import bodies, groups, log

FAST = {"right_fast": 720.0, "left_fast": -720.0}
TABLE_OF = {kind: name for name, kinds in GROUPS.items() for kind in kinds}


def check(lines):
    """The bulk path makes of lines what the slow path makes of them: rows in order, and reasons."""
    slow, refused = [], []
    for group in groups(lines):
        message = nmea.decode_group(group)
        if message.ok:
            slow.append((message, group.own))
        else:
            refused.append(str(message.reason))
    fast = bulk.decode_buffer("\n".join(lines).encode("latin-1", "replace"))
    assert sorted(reason for _, reason in fast.reasons() if reason != "tag") == sorted(refused)
    assert fast.messages == len(slow)
    for name, table in fast.tables.items():
        wanted = [(message, own) for message, own in slow if TABLE_OF[message.type] == name]
        assert len(table) == len(wanted)
        for row, (message, own) in enumerate(wanted):
            whole = {"type": message.type, "repeat": message.repeat, "mmsi": message.mmsi, **flat(message.fields)}
            assert bool(table.own[row]) == own
            for column, values in table.columns.items():
                assert same(values[row], whole.get(column)), (message, column, values[row])
            if "data" in message.fields:
                assert table.application(row).hex() == message.fields["data"]["hex"]


def flat(fields):
    """Fields by the names of columns."""
    columns = {}
    for name, value in fields.items():
        if isinstance(value, list):
            columns |= {
                f"{name}_{at}_{inner}": one for at, record in enumerate(value, 1) for inner, one in record.items()
            }
        elif isinstance(value, dict):
            columns[f"{name}_bits"] = value["bits"]
        else:
            columns[name] = value
    return columns


def same(value, wanted):
    if isinstance(value, bytes):
        return value.decode("ascii") == (wanted or "")
    if isinstance(value, np.floating):
        return math.isnan(value) if wanted is None else float(value) == float(FAST.get(wanted, wanted))
    return int(value) == (-1 if wanted is None else int(wanted))


@pytest.mark.parametrize("name", ["hakefjord_2015-07-20.nmea.gz", "dma_aislib_stream_example.nmea.gz"])
def test_logs(data_dir, name):
    check(log(data_dir / "ports" / "ais", name).decode("ascii").splitlines())


def test_the_sample_of_all_types(data_dir):
    lines = (data_dir / "ports" / "ais" / "gpsd_sample.aivdm").read_text("latin-1").splitlines()
    check([line for line in lines if line[:1] != "#"])
    check((data_dir / "ports" / "ais" / "libais_typeexamples.nmea").read_text("ascii").splitlines())
    check((data_dir / "ports" / "ais" / "libais_tagblock.nmea").read_text("ascii").splitlines())


MESSAGE = st.sampled_from(list(MESSAGES.values())).flatmap(lambda table: st.tuples(st.just(table), bodies(table)))


@given(st.lists(st.tuples(MESSAGE, st.booleans(), st.sampled_from("AB"), st.integers(0, 9)), max_size=8))
@settings(max_examples=40, deadline=None)
def test_anything_the_tables_can_carry(drawn):
    lines = []
    for (table, (mmsi, body)), own, channel, sequence in drawn:
        lines += nmea.encode(table.type, mmsi, body, own=own, channel=channel, sequence=sequence)
    check(lines)


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_damage(data):
    """Bytes changed, lines dropped, doubled and shuffled, checksums mended or not."""
    lines = []
    for kind in data.draw(st.lists(st.sampled_from([1, 4, 5, 14, 18, 19, 21, 24, 27, 8, 20]), min_size=1, max_size=5)):
        mmsi, body = data.draw(bodies(MESSAGES[kind]))
        lines += nmea.encode(kind, mmsi, body, sequence=data.draw(st.integers(0, 2)))
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        place = data.draw(st.integers(0, len(lines[at]) - 1))
        letter = data.draw(st.sampled_from("!$*,0159AwX\\ \x7f~-"))
        line = lines[at][:place] + letter + lines[at][place + 1 :]
        if data.draw(st.booleans()) and "*" in line[1:]:
            line = nmea.sentence(line[0], line[1:].partition("*")[0])
        lines[at] = line
    lines = data.draw(st.permutations(lines)) if data.draw(st.booleans()) else lines
    check([line for line in lines if line])


def test_frames_keep_their_message_together_and_its_time():
    five = nmea.encode(5, 412000001, {"name": "OCEAN STAR", "destination": "WANGTING"}, sequence=1)
    block = "c:1700000000123"
    first = nmea.sentence("$", block)[1:]
    raws = [
        ("\\" + first + "\\" + five[0] + "\r\n" + five[1] + "\r\n").encode(),
        five[0].encode(),
        five[1].encode(),
        "\r\n".join(nmea.encode(1, 412000002, {"speed_kn": 12.3})).encode(),
    ]
    read = bulk.decode_frames(Frames.of(raws))
    voyages = read.tables["voyages"]
    assert (voyages.chunk.tolist()[0], voyages.time_ms.tolist()[0]) == (0, 1_700_000_000_123)
    assert voyages.columns["name"].tolist()[0] == b"OCEAN STAR"
    assert read.tables["positions"].chunk.tolist() == [3]
    assert read.tables["positions"].columns["speed_kn"].tolist() == [12.3]


def test_arrow():
    lines = nmea.encode(5, 412000001, {"name": "OCEAN STAR", "draught_m": 12.3}) + nmea.encode(1, 2, {})
    read = bulk.decode_buffer("\n".join(lines).encode())
    batch = read.tables["voyages"].to_arrow()
    assert batch.column("name").to_pylist() == ["OCEAN STAR"]
    assert batch.column("draught_m").to_pylist() == [12.3]
    assert read.tables["positions"].to_arrow().num_rows == 1


def test_blocks_join(monkeypatch):
    """A message that lies across two calls of the loop is whole."""
    lines = nmea.encode(8, 1, {"data": {"bits": 12, "hex": "abc0"}})
    for number in range(50):
        lines += nmea.encode(5, 412000000 + number, {"name": f"SHIP {number}"}, sequence=number)
        lines += nmea.encode(8, 412000000 + number, {"data": {"bits": 8, "hex": f"{number:02x}"}})
    monkeypatch.setattr(bulk, "BLOCK", 7)
    check(lines)


@pytest.mark.parametrize("before", range(9))
def test_a_buffer_may_begin_at_any_address_and_end_with_its_last_letter(before):
    lines = nmea.encode(5, 412000001, {"name": "OCEAN STAR"}) + nmea.encode(1, 412000002, {"speed_kn": 12.3})
    whole = np.frombuffer(b" " * before + "\n".join(lines).encode(), np.uint8)
    read = bulk.decode_buffer(whole[before:])
    assert read.reasons() == []
    assert read.tables["voyages"].columns["name"].tolist() == [b"OCEAN STAR"]
    assert read.tables["positions"].columns["speed_kn"].tolist() == [12.3]


@given(st.binary(max_size=64) | st.lists(st.sampled_from([10, 11, 9, 0x8A, 0, 138]), max_size=40).map(bytes))
def test_ends_of_lines(raw):
    view = np.frombuffer(raw + b"", np.uint8)
    eights = view[: len(view) // 8 * 8].view(np.uint64)
    assert ends_of_lines(view, eights).tolist() == [at for at, byte in enumerate(raw) if byte == 10]


def test_more_messages_of_one_layout_than_wait_at_once():
    check([line for n in range(1100) for line in nmea.encode(1, 412000000 + n, {"speed_kn": n % 1000 / 10})])


def test_nothing():
    assert bulk.decode_buffer(b"").messages == 0
    assert bulk.decode_frames(Frames.of([])).messages == 0
