"""Items of a position: an id is standard only if its length fits; nothing is lost, nothing disturbs the rest."""

from __future__ import annotations

import pytest

from tongqu.kit.errors import Invalid
from tongqu.protocols import jt808
from tongqu.protocols.jt808.declare import u16, u32
from tongqu.protocols.jt808.items import item
from tongqu.protocols.jt808.tests.samples import frame, position


def with_tail(tail: bytes, version: int = 2019) -> bytes:
    """A position whose items are these bytes."""
    body = jt808.encode_body(0x0200, position(extras={}), version=version)
    return frame(0x0200, body + tail, version=version)


def extras(tail: bytes, version: int = 2019, profile: jt808.Profile | None = None) -> dict:
    message = jt808.decode(with_tail(tail, version), profile)
    assert message.ok
    return message.body["extras"]


def tlv(id: int, value: bytes) -> bytes:
    return bytes([id, len(value)]) + value


STANDARD_LENGTHS = {
    0x01: ("mileage_km", [4]),
    0x02: ("fuel_l", [2]),
    0x03: ("recorder_speed_kmh", [2]),
    0x04: ("event_to_confirm", [2]),
    0x05: ("tyre_pressures", [30]),
    0x06: ("cabin_temperature_c", [2]),
    0x11: ("overspeed_area", [1]),  # all zeros: type 0 has no id
    0x12: ("crossed_area", [6]),
    0x13: ("segment_time", [7]),
    0x14: ("video_alarm", [4]),
    0x15: ("video_lost_channels", [4]),
    0x16: ("video_covered_channels", [4]),
    0x17: ("storage_faults", [2]),
    0x18: ("abnormal_driving", [3]),
    0x25: ("signals", [4]),
    0x2A: ("io_status", [2]),
    0x2B: ("analog", [4]),
    0x30: ("signal_strength", [1]),
    0x31: ("satellites", [1]),
    0x64: ("adas", [47, 71]),
    0x65: ("dsm", [47, 71]),
    0x66: ("tpms", [41, 65]),
    0x67: ("bsd", [41, 65]),
}


@pytest.mark.parametrize("id", range(256), ids=hex)
def test_an_id_counts_as_standard_only_if_its_length_fits(id):
    name, lengths = STANDARD_LENGTHS.get(id, ("", []))
    for length in range(80):
        value = bytes(length)
        found = extras(tlv(0x31, b"\x07") + tlv(id, value) + tlv(0x30, b"\x09")) if id not in (0x30, 0x31) else None
        if found is None:
            continue
        assert (found["satellites"], found["signal_strength"]) == (7, 9)
        if length in lengths:
            assert name in found
        else:
            assert found[f"0x{id:02X}"] == value


def test_overspeed_has_an_area_only_if_it_has_a_type():
    assert extras(tlv(0x11, b"\x00")) == {"overspeed_area": {"area_type": 0}}
    assert extras(tlv(0x11, b"\x01\0\0\0\x05")) == {"overspeed_area": {"area_type": 1, "area_id": 5}}
    assert extras(tlv(0x11, b"\x01")) == {"0x11": b"\x01"}
    assert extras(tlv(0x11, b"\x00\0\0\0\x05")) == {"0x11": b"\x00\0\0\0\x05"}


def test_the_guangdong_layout_needs_the_2019_header():
    assert "adas" in extras(tlv(0x64, bytes(71)), 2019)
    assert extras(tlv(0x64, bytes(71)), 2013) == {"0x64": bytes(71)}
    assert "adas" in extras(tlv(0x64, bytes(47)), 2013)
    assert len(extras(tlv(0x64, bytes(47)), 2019)["adas"]["identifier"]["reserved"]) == 1
    assert len(extras(tlv(0x64, bytes(71)), 2019)["adas"]["identifier"]["reserved"]) == 2


def test_tyres_make_the_item_longer():
    tyre = bytes([3]) + (1 << 2).to_bytes(2, "big") + (650).to_bytes(2, "big") + (40).to_bytes(2, "big") + b"\0\x50"
    for identifier, version in ((16, 2013), (16, 2019), (40, 2019)):
        value = bytes(24 + identifier) + b"\x01" + tyre
        (found,) = extras(tlv(0x66, value), version)["tpms"]["tyres"]
        assert found == {
            "tyre_position": 3,
            "tyre_alarm": 4,
            "pressure_kpa": 650,
            "temperature_c": 40,
            "battery_pct": 80,
        }


def test_temperature_is_sign_and_magnitude():
    assert extras(tlv(0x06, b"\x80\x0c")) == {"cabin_temperature_c": -12}
    assert extras(tlv(0x06, b"\x00\x0c")) == {"cabin_temperature_c": 12}
    assert frame(body=position(extras={"cabin_temperature_c": -12})) == with_tail(tlv(0x06, b"\x80\x0c"))


def test_a_tyre_without_a_sensor_is_none():
    values = extras(tlv(0x05, b"\x1e" * 4 + b"\xff" * 26))["tyre_pressures"]
    assert values[:5] == [30, 30, 30, 30, None]


@pytest.mark.parametrize("tail", [b"\x01", b"\x01\x04", b"\x01\x04\0\0\0", b"\xeb\xff\x00"])
def test_a_tail_that_does_not_parse_is_kept_and_never_refuses_the_block(tail):
    good = tlv(0x31, b"\x07")
    message = jt808.decode(with_tail(good + tail))
    assert message.ok
    assert message.body["extras"] == {"satellites": 7}
    assert message.rest == tail
    assert len(jt808.positions_of(message)) == 1


def test_an_item_sent_twice_is_kept_twice():
    tail = tlv(0x30, b"\x05") + tlv(0x30, b"\x06") + tlv(0xE3, b"a") + tlv(0xE3, b"b") + tlv(0xE3, b"c")
    found = extras(tail)
    assert found == {"signal_strength": 5, "0x30": b"\x06", "0xE3": b"a", "0xE3#2": b"b", "0xE3#3": b"c"}
    assert frame(body=position(extras=found)) == with_tail(tail)


def test_the_order_of_items_is_kept():
    tail = tlv(0x31, b"\x07") + tlv(0xE1, b"\x01\x02") + tlv(0x01, b"\0\0\0\x0a") + tlv(0x99, b"")
    assert list(extras(tail)) == ["satellites", "0xE1", "mileage_km", "0x99"]
    assert frame(body=position(extras=extras(tail))) == with_tail(tail)


def test_private_ids_may_be_written_raw_and_nonsense_may_not():
    assert extras(tlv(0xEB, b"\x01\x02")) == {"0xEB": b"\x01\x02"}
    assert frame(body=position(extras={"0xEB": "0102"})) == with_tail(tlv(0xEB, b"\x01\x02"))
    with pytest.raises(Invalid) as caught:
        frame(body=position(extras={"milage_km": 1.0}))
    assert (caught.value.code, caught.value.field) == ("jt808.unknown_item", "extras.milage_km")


DEVICE = jt808.STANDARD.with_items(
    "maker-x",
    [
        item(0x14, u16("cargo_weight")),  # a standard id with another meaning
        item(0x0A01, u32("odometer"), id_size=2),  # an id of two bytes
        item(0xE7, u16("door_count"), length_size=4),  # a length of four bytes
    ],
)


def test_a_profile_gives_clashing_ids_another_meaning():
    tail = tlv(0x14, b"\x01\x00") + b"\x0a\x01\x04\0\0\0\x09" + b"\xe7\0\0\0\x02\0\x03" + tlv(0x31, b"\x07")
    assert extras(tail, profile=DEVICE) == {"cargo_weight": 256, "odometer": 9, "door_count": 3, "satellites": 7}
    plain = jt808.decode(with_tail(tail))
    assert plain.body["extras"]["0x14"] == b"\x01\x00"
    assert "odometer" not in plain.body["extras"]
    body = position(extras=extras(tail, profile=DEVICE))
    assert frame(body=body, profile=DEVICE) == with_tail(tail)


def test_a_profile_reads_its_standard_items_still():
    assert extras(tlv(0x01, b"\0\0\0\x0a"), profile=DEVICE) == {"mileage_km": 1.0}


def test_private_ids_of_guangdong_only_for_its_profile():
    tail = tlv(0xF1, b"\0\0\0\x01")
    assert extras(tail) == {"0xF1": b"\0\0\0\x01"}
    assert extras(tail, profile=jt808.PROFILES["gdrta002"]) == {"installation_faults": 1}


def test_a_device_with_2019_bodies_under_the_old_header():
    body = {"auth_code": "A1", "imei": "1" * 15, "software_version": "v1"}
    written = jt808.encode_body(0x0102, body, version=2019)
    raw = frame(0x0102, written, version=2013)
    assert jt808.decode(raw, jt808.PROFILES["bodies_2019"]).body == body
    assert jt808.decode(raw, version=2019).body == body


def test_an_attachment_request_for_a_jiangsu_terminal_under_the_2019_header():
    identifier = {"terminal_id": "ID00001", "time_ms": None, "sequence": 0, "attachment_count": 2, "reserved": b"\0"}
    body = {
        "server": "127.0.0.1",
        "tcp_port": 6809,
        "udp_port": 0,
        "identifier": identifier,
        "alarm_number": "A" * 32,
        "reserved": bytes(16),
    }
    written = jt808.encode_body(0x9208, body, version=2019, profile=jt808.PROFILES["jsatl12"])
    assert len(written) == 1 + 9 + 4 + 16 + 32 + 16
    assert jt808.decode(frame(0x9208, written)).body == body
    assert jt808.encode_body(0x9208, body, version=2019) == written  # the reserved byte tells, too
