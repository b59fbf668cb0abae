"""Frames that others made: the 138 vectors, and one session of a real terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tongqu.kit.time import iso
from tongqu.protocols import jt808
from tongqu.protocols.jt808.tests.samples import real_frames, real_session

NOT_CANONICAL = {
    (
        "0x8500",
        2019,
    ): "the peer's codec leaves the WORD count of the 2019 vehicle control out; written again it has one",
}
"""Vectors that do not come back byte for byte, with the reason. Everything else must."""

BOOKKEEPING = {"messageId", "properties", "protocolVersion", "serialNo", "verified", "total"}
"""What the upstream run prints of its own nested objects, and counts that are lengths of lists here."""

BY_HAND = {
    "0x0900": "upstream wraps type and content in a key-value object",
    "0x0104": "upstream prints parameters by id",
    "0x8103": "upstream prints parameters by id",
    "0x9212": "upstream reads offset and length of a missing range as two items of one list",
}
"""Compared by a test of their own."""


def test_the_file_is_the_one_described(data_dir):
    frames = real_frames(data_dir)
    assert len(frames) == 138
    assert len({frame["expect"]["msg_id"] for frame in frames}) == 68


def test_headers_and_checksums_are_as_expected(data_dir):
    for frame in real_frames(data_dir):
        expect, head = frame["expect"], jt808.peek(bytes.fromhex(frame["hex"]))
        assert (f"0x{head.message_id:04X}", head.phone, head.serial) == (
            expect["msg_id"],
            expect["phone"],
            expect["serial"],
        )
        assert head.ok is (expect["checksum_ok"] and expect["body_len_ok"])
        assert len(head.body) == expect["body_len"]
        assert head.encryption == expect["encrypt"]
        assert bool(head.part_total) == bool(expect["subpackage"])
        assert (head.version == 2019) == bool(expect["version_flag"])
        assert head.protocol_version == (expect["protocol_version"] or 0)


def test_bodies_are_as_expected(data_dir):
    compared = 0
    for frame in real_frames(data_dir):
        message = jt808.decode(bytes.fromhex(frame["hex"]))
        assert message.ok, (frame["expect"]["msg_id"], message.reason)
        assert message.rest == b""
        if "body_hex" in frame["expect"]:
            assert message.head.body.hex() == frame["expect"]["body_hex"]
        if "body" in frame["expect"]:
            check_body(frame["expect"]["msg_id"], message.body, frame["expect"]["body"])
            compared += 1
    assert compared > 20


EXPECTED_NAMES = {
    "reply_msg_id": "reply_message_id",
    "maker": "maker",
    "plate_color": "plate_colour",
    "auth": "auth_code",
    "software": "software_version",
    "flag": "text_flags",
    "media_id": "media_id",
    "format": "media_format",
    "event": "media_event",
    "type": "batch_type",
}


def check_body(message_id: str, body: dict[str, Any], expect: dict[str, Any]) -> None:
    """The main fields of a body, in the words of the file."""
    if message_id == "0x0200":
        return check_position(body, expect)
    for name, value in expect.items():
        if name == "location":
            check_position(body.get("position", body), value)
        elif name == "items":
            for found, wanted in zip(body["positions"], value, strict=True):
                check_position(found, wanted)
        elif name == "result" and message_id == "0x8100":
            assert body["registered"] == value
        elif name == "reply_msg_id":
            assert f"0x{body['reply_message_id']:04X}" == value
        elif name == "status" and message_id == "0x0702":
            assert body["card"] == value
        elif name == "time_bcd":
            assert iso(body["time_ms"])[2:19] == "20-07-21T18:30:00"
            assert value == "200721183000"
        elif name == "data_hex":
            assert body["data"].hex() == value
        else:
            assert body[EXPECTED_NAMES.get(name, name)] == value, (message_id, name)
    return None


def check_position(body: dict[str, Any], expect: dict[str, Any]) -> None:
    assert (body["alarm"], body["status"]) == (expect["alarm"], expect["status"])
    assert bits(body["alarm"]) == expect["alarm_bits"]
    assert bits(body["status"]) == expect["status_bits"]
    assert round(body["latitude_deg"] * 1e6) == expect["lat_e6"]
    assert round(body["longitude_deg"] * 1e6) == expect["lon_e6"]
    assert round(body["speed_kmh"] * 10) == expect["speed_01kmh"]
    assert (body["altitude_m"], body["heading_deg"]) == (expect["altitude_m"], expect["direction_deg"])
    assert iso(body["time_ms"]).replace(".000", "") == expect["time_gmt8"]
    assert len(body.get("extras", {})) == len(expect["items"])


def bits(value: int) -> list[int]:
    return [bit for bit in range(32) if value >> bit & 1]


def test_items_have_the_expected_bytes(data_dir):
    for frame in real_frames(data_dir):
        expected = frame["expect"].get("body", {}).get("items")
        if frame["expect"]["msg_id"] != "0x0200" or not expected:
            continue
        (extras,) = [row for row in jt808.explain(bytes.fromhex(frame["hex"])) if row.path == "body.extras"]
        found = [[row.children[0].value, row.raw_hex[4:]] for row in extras.children]
        assert found == [[id.replace("0x", "0x"), value] for id, value in expected]


def test_canonical_frames_come_back_byte_for_byte(data_dir):
    different = set()
    for frame in real_frames(data_dir):
        raw = bytes.fromhex(frame["hex"])
        message = jt808.decode(raw)
        head = message.head
        again = jt808.encode(head.message_id, message.body, phone=head.phone, serial=head.serial, version=head.version)
        if again != [raw]:
            different.add((frame["expect"]["msg_id"], head.version))
    assert different == set(NOT_CANONICAL)


def test_the_frame_that_is_not_canonical_differs_by_its_count_only(data_dir):
    (frame,) = [f for f in real_frames(data_dir) if f["expect"]["msg_id"] == "0x8500" and f["expect"]["version_flag"]]
    message = jt808.decode(bytes.fromhex(frame["hex"]))
    assert message.body == {"controls": [{"control_id": 123, "control_value": 0}]}
    assert jt808.encode_body(0x8500, message.body) == b"\x00\x01" + message.head.body


def test_values_agree_with_the_upstream_run(data_dir):
    """Every value that upstream prints stands in our rows, in the same order."""
    compared = 0
    for frame in real_frames(data_dir):
        id, reference = frame["expect"]["msg_id"], dict(frame["reference_fields"])
        if id in BY_HAND:
            continue
        reference.pop("attributes", None)  # items are compared below
        if not frame["expect"]["version_flag"]:
            reference.pop({"0x8300": "type", "0x8500": "param"}.get(id, ""), None)  # 2019 only; upstream prints 0
        rows = [row for row in body_rows(frame["hex"]) if row.path != "body.extras"]
        ours = [leaf for row in rows for leaf in leaves(row)]
        if id in ("0x9205", "0x9206"):  # the 64 alarm bits are two DWORDs there
            ours = [half for leaf in ours for half in halves(leaf)]
        compared += compare(ours, list(flat(reference)), id)
    assert compared > 800


def test_items_agree_with_the_upstream_run(data_dir):
    compared = 0
    for frame in real_frames(data_dir):
        attributes = frame["reference_fields"].get("attributes")
        if not attributes:
            continue
        (extras,) = [row for row in body_rows(frame["hex"]) if row.path == "body.extras"]
        assert [int(row.children[0].value, 16) for row in extras.children] == [int(id) for id in attributes]
        for row, theirs in zip(extras.children, attributes.values(), strict=True):
            ours = list(leaves(row))
            if row.path.endswith(".analog"):  # two inputs of a WORD each here, one DWORD there
                ours = [(b"".join(content for content, _ in ours), None)]
            compared += compare(ours, list(flat(theirs)), row.path)
    assert compared > 80


def test_parameters_agree_with_the_upstream_run(data_dir):
    compared = 0
    for frame in real_frames(data_dir):
        if frame["expect"]["msg_id"] not in ("0x0104", "0x8103"):
            continue
        (parameters,) = [row for row in body_rows(frame["hex"]) if row.path == "body.parameters"]
        found = [row for row in parameters.children if row.name != "jt808.notes.count"]
        theirs = frame["reference_fields"]["parameters"]
        assert [int(row.children[0].value, 16) for row in found] == [int(id) for id in theirs]
        for row, wanted in zip(found, theirs.values(), strict=True):
            compared += compare(list(leaves(row)), list(flat(wanted)), row.path)
    assert compared > 500


def test_peripherals_agree_with_the_upstream_run(data_dir):
    for frame in real_frames(data_dir):
        if frame["expect"]["msg_id"] != "0x0900":
            continue
        body = jt808.decode(bytes.fromhex(frame["hex"])).body
        theirs = frame["reference_fields"]["message"]
        assert body["transparent_type"] == theirs["key"] == 0xF8
        for found, wanted in zip(body["peripherals"], theirs["value"]["items"], strict=True):
            assert [found["peripheral"], *found["description"].values()] == list(wanted.values())


def test_missing_ranges_agree_with_the_upstream_run(data_dir):
    for frame in real_frames(data_dir):
        if frame["expect"]["msg_id"] == "0x9212":
            body = jt808.decode(bytes.fromhex(frame["hex"])).body
            theirs = frame["reference_fields"]
            assert (body["file_name"], body["file_type"], body["uploaded"]) == (
                theirs["name"],
                theirs["type"],
                theirs["result"],
            )
            assert [value for entry in body["missing_ranges"] for value in entry.values()] == theirs["items"]


def body_rows(hex: str) -> list[jt808.Row]:
    return [row for row in jt808.explain(bytes.fromhex(hex)) if row.path.startswith("body.")]


ASIDE = ("jt808.fields.count", "jt808.notes.count", "jt808.notes.length", "jt808.notes.item_id")
Leaf = tuple[bytes, Any]


def leaves(row: jt808.Row) -> Iterator[Leaf]:
    """Bytes and value of everything in a row that is one value; a list of plain numbers is one value."""
    if row.name in ASIDE:
        return
    inner = [child for child in row.children if child.raw_hex]
    parts = [child for child in inner if child.name not in ASIDE]
    content = bytes.fromhex(row.raw_hex)[sum(child.length for child in inner if child.name in ASIDE) :]
    if parts and all(re.search(r"\]$", part.path) and not part.children for part in parts):
        yield content, [int(part.raw_hex, 16) for part in parts]
    elif parts:
        for part in parts:
            yield from leaves(part)
    elif content or row.value == "":
        yield content, row.value


def halves(leaf: Leaf) -> list[Leaf]:
    content, value = leaf
    return [(content[:4], None), (content[4:], None)] if len(content) == 8 and isinstance(value, int) else [leaf]


def flat(value: Any) -> Iterator[Any]:
    """The values of the upstream run, in order; a list of numbers is one value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in BOOKKEEPING:
                yield from flat(inner)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for inner in value:
            yield from flat(inner)
    else:
        yield value


def compare(ours: list[Leaf], theirs: list[Any], where: str) -> int:
    """How many values were compared; they must be as many and the same."""
    assert len(ours) == len(theirs), (where, ours, theirs)
    for (content, value), other in zip(ours, theirs, strict=True):
        assert same(content, value, other), (where, content, value, other)
    return len(ours)


def same(content: bytes, value: Any, other: Any) -> bool:
    if isinstance(other, list):
        return (value if isinstance(value, list) else list(content)) == other
    if isinstance(other, int):
        return int.from_bytes(content, "big") == other % (1 << 8 * len(content))
    if isinstance(value, str) and value == other:
        return True
    if "T" in other:  # an ISO time against BCD YYMMDDhhmmss
        return re.sub(r"\D", "", other)[2:] == content.hex()
    if ":" in other:  # hh:mm:ss against BCD hhmm
        return other.replace(":", "")[:4] == content.hex()
    return other.lstrip("0") == content.hex().lstrip("0")


def test_the_session_is_understood_to_the_last_byte(data_dir):
    frames = real_session(data_dir)
    messages = [jt808.decode(bytes.fromhex(frame["hex"])) for frame in frames]
    assert len(messages) == 60
    assert all(message.ok and not message.rest for message in messages)
    assert {message.head.phone for message in messages} == {"00000000020232609559"}
    for frame, message in zip(frames, messages, strict=True):
        head = message.head
        assert jt808.encode(
            head.message_id, message.body, phone=head.phone, serial=head.serial, version=head.version
        ) == [bytes.fromhex(frame["hex"])]


def test_the_session_has_six_positions_and_one_driver_alarm_of_jiangsu(data_dir):
    messages = [jt808.decode(bytes.fromhex(frame["hex"])) for frame in real_session(data_dir)]
    positions = [message for message in messages if message.name == "location_report"]
    assert len(positions) == 6
    (alarm,) = [message.body["extras"]["dsm"] for message in positions if "dsm" in message.body["extras"]]
    assert alarm["identifier"]["terminal_id"] == "id00003"
    assert alarm["identifier"]["attachment_count"] == 5
    assert (alarm["dsm_type"], alarm["level"], alarm["speed_kmh"]) == (3, 1, 60)  # 03 01 .. 3c in the frame


@pytest.mark.parametrize("name", ["0x1210", "0x9208"])
def test_attachment_messages_pick_the_supplement_by_length(data_dir, name):
    sizes = set()
    for frame in real_frames(data_dir):
        if frame["expect"]["msg_id"] == name:
            message = jt808.decode(bytes.fromhex(frame["hex"]))
            sizes.add((message.head.version, len(message.body["identifier"]["reserved"])))
    assert sizes == {(2013, 1), (2019, 2)}
