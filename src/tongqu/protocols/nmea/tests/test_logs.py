"""Whole logs of the real world: every sentence and message counted, by both paths."""

from __future__ import annotations

from collections import Counter

import pytest

from tongqu.protocols import nmea
from tongqu.protocols.nmea import bulk
from tongqu.protocols.nmea.cli import decode_lines
from tongqu.protocols.nmea.tests.support import groups, log


@pytest.fixture
def hakefjord(data_dir):
    return log(data_dir / "ports" / "ais", "hakefjord_2015-07-20.nmea.gz")


@pytest.fixture
def shore(data_dir):
    return log(data_dir / "ports" / "ais", "dma_aislib_stream_example.nmea.gz")


def test_hakefjord(hakefjord):
    """10,676 sentences of others and 5,236 of the yacht among 102,935 lines make 15,824 messages of 41 stations."""
    lines = hakefjord.decode("ascii").splitlines()
    found = groups(lines)
    assert len(lines) == 102_935
    assert sum(len(group.sentences) for group in found if not group.own) == 10_676
    assert sum(len(group.sentences) for group in found if group.own) == 5_236
    messages = [nmea.decode_group(group) for group in found]
    assert (len(messages), {message.reason for message in messages}) == (15_824, {None})
    assert len({message.mmsi for message in messages}) == 41


def test_hakefjord_by_the_bulk_path(hakefjord):
    read = bulk.decode_buffer(hakefjord)
    assert (read.sentences, read.messages, len(read.rejects)) == (15_912, 15_824, 0)
    senders = {mmsi for table in read.tables.values() for mmsi in table.columns["mmsi"].tolist()}
    assert len(senders) == 41
    assert sum(int(table.own.sum()) for table in read.tables.values()) == 5_236


def test_hakefjord_on_the_command_line(hakefjord):
    """One object a message; the other instruments' lines are passed over, the few without a checksum too."""
    answers = list(decode_lines(hakefjord.decode("ascii").splitlines()))
    assert (len(answers), {answer["ok"] for answer in answers}) == (15_824, {True})


def test_the_danish_shore_network(shore):
    """The reference counts 4,031 messages of 1,931 stations and leaves out 20 binary ones whose application it does
    not know, among them all that two stations sent; the messages themselves are sound."""
    messages = [nmea.decode_group(group) for group in groups(shore.decode("ascii").splitlines())]
    assert {message.reason for message in messages} == {None}
    unknown = [
        message
        for message in messages
        if (message.type, message.fields.get("area_code"), message.fields.get("function"))
        in {(6, 0, 1), (6, 250, 10), (6, 265, 60), (6, 1, 4), (8, 366, 50)}
        or (message.type == 8 and message.fields["function"] == 11 and message.fields["data"]["bits"] < 296)
    ]
    known = [message for message in messages if message not in unknown]
    assert (len(unknown), len(known)) == (20, 4_031)
    assert len({message.mmsi for message in known}) == 1_931
    assert Counter(message.type for message in messages)[21] == 37


def test_the_shore_network_by_the_bulk_path(shore):
    read = bulk.decode_buffer(shore)
    assert (read.sentences, read.messages, len(read.rejects)) == (4_500, 4_051, 0)
    assert len(read.tables["aids"]) == 37


def test_one_flipped_byte_costs_one_message(hakefjord):
    lines = [line for line in hakefjord.decode("ascii").splitlines() if line.startswith("!AIVDM,1,1")][:200]
    damaged = lines[100].replace(lines[100][20], "w" if lines[100][20] != "w" else "v", 1)
    answers = list(decode_lines([*lines[:100], damaged, *lines[101:]]))
    assert [answer["reason"] for answer in answers if not answer["ok"]] == ["checksum"]
    assert len(answers) == 200
    assert answers[100]["sentences"] == [damaged]
