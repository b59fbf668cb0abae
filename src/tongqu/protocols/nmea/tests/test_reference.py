"""The reference decode of gpsd, field by field, and the pairs of libais."""

from __future__ import annotations

import json

import pytest

from tongqu.protocols import nmea
from tongqu.protocols.nmea.fields import turn_of
from tongqu.protocols.nmea.tests.support import groups
from tongqu.protocols.nmea.wire import text_number

CLAIMED = (1, 2, 3, 4, 5, 9, 14, 18, 19, 21, 24, 27)
SAME = {
    "status": "status", "accuracy": "accuracy", "heading": "heading_deg", "second": "second", "maneuver": "maneuver",
    "raim": "raim", "radio": "radio", "epfd": "epfd", "imo": "imo", "ais_version": "ais_version",
    "callsign": "call_sign", "shipname": "name", "shiptype": "ship_type", "to_bow": "to_bow_m",
    "to_stern": "to_stern_m", "to_port": "to_port_m", "to_starboard": "to_starboard_m", "destination": "destination",
    "dte": "dte", "alt": "altitude_m", "assigned": "assigned", "cs": "carrier_sense", "display": "display",
    "dsc": "dsc", "band": "band", "msg22": "message_22", "text": "text", "aid_type": "aid_type",
    "off_position": "off_position", "virtual_aid": "virtual", "gnss": "not_gnss", "model": "model", "serial": "serial",
    "dest_mmsi": "destination_mmsi", "seqno": "sequence", "retransmit": "retransmit", "dac": "area_code",
    "fid": "function", "stationtype": "station_type", "txrx": "transceive", "interval": "interval",
    "quiet": "quiet_min", "channel_a": "channel_a", "channel_b": "channel_b", "power": "low_power",
    "addressed": "addressed", "band_a": "band_a", "band_b": "band_b", "zonesize": "zone_size",
    "offset1": "offset_1", "offset2": "offset_2", "increment1": "increment_1", "increment2": "increment_2",
    "mmsi1": "mmsi_1", "mmsi2": "mmsi_2", "type1_1": "type_1_1", "offset1_1": "offset_1_1", "type1_2": "type_1_2",
    "offset1_2": "offset_1_2", "type2_1": "type_2_1", "offset2_1": "offset_2_1", "structured": "structured",
    "app_id": "application", "repeat": "repeat",
}  # fmt: skip
SCALED = {"lon": "longitude_deg", "lat": "latitude_deg", "speed": "speed_kn", "course": "course_deg",
          "draught": "draught_m", "ne_lon": "north_east_longitude_deg", "ne_lat": "north_east_latitude_deg",
          "sw_lon": "south_west_longitude_deg", "sw_lat": "south_west_latitude_deg"}  # fmt: skip
ABSENT = {
    "heading": 511, "second": 60, "lon": 181.0, "lat": 91.0, "speed": 102.3, "course": 360.0, "imo": 0, "draught": 0.0,
    "alt": 4095,
}  # fmt: skip
NOT_COMPARED = {"class", "device", "type", "mmsi", "scaled", "status_text", "epfd_text", "shiptype_text",
                "aid_type_text", "stationtype_text"}  # fmt: skip


def reference(folder, name):
    return [json.loads(line) for line in (folder / name).read_text("utf-8").splitlines() if line.startswith("{")]


@pytest.fixture
def ais(data_dir):
    return data_dir / "ports" / "ais"


@pytest.fixture
def decoded(ais):
    """Groups of the sample in the order of their ends, with what they say; refused ones are not in the reference."""
    lines = [line for line in (ais / "gpsd_sample.aivdm").read_text("latin-1").splitlines() if line[:1] != "#"]
    messages = [nmea.decode_group(group) for group in groups(lines)]
    return [message for message in messages if message.ok]


def in_order(decoded, wanted):
    """Each reference record with the message that it is of; the reference leaves out parts A of type 24, which it
    joins with part B, and a few records that it cannot read."""
    waiting = list(decoded)
    for record in wanted:
        while (waiting[0].type, waiting[0].mmsi) != (record["type"], record["mmsi"]):
            waiting.pop(0)
        yield record, waiting.pop(0)


def same(record, message, key, name, value):
    """Whether our value says what the reference says."""
    ours = message.fields.get(name, message.repeat if name == "repeat" else None)
    if key in ABSENT and value == ABSENT[key]:
        return ours is None
    if key in SCALED:
        return ours == pytest.approx(float(value), abs=0.06 if message.type in (17,) else 6e-7)
    return ours == value


def test_the_scaled_reference_field_by_field(ais, decoded):
    seen = set()
    part_a: dict[int, dict] = {}
    for message in decoded:
        if message.type == 24 and "name" in message.fields:
            part_a[message.mmsi] = message.fields
    messages = [message for message in decoded if not (message.type == 24 and "name" in message.fields)]
    for record, message in in_order(messages, reference(ais, "gpsd_sample.aivdm.scaled.json.txt")):
        if message.type not in CLAIMED:
            continue
        seen.add(message.type)
        for key, value in record.items():
            if key not in NOT_COMPARED:
                assert says(record, message, key, value, part_a), (message, key, value)
    assert seen == set(CLAIMED)


def says(record, message, key, value, part_a):
    """Whether a claimed message says what a field of the reference says, in our names and units."""
    fields = message.fields
    if message.type == 24 and key == "shipname":
        return part_a[message.mmsi]["name"] == value
    if key == "vendorid":  # the reference reads vendor, model and serial as one text of seven letters
        return text_number(value, 7, key) == (
            text_number(fields["vendor_id"], 3, key) << 24 | fields["model"] << 20 | fields["serial"]
        )
    if key == "turn":
        if fields["turn_deg_min"] is None:
            return value == "nan"
        words = {"right_fast": "fastright", "left_fast": "fastleft"}
        return words.get(fields["turn_deg_min"], fields["turn_deg_min"]) == value
    if key == "timestamp":
        parts = [fields[name] for name in ("year", "month", "day", "hour", "minute", "second")]
        absent = (0, 0, 0, 24, 60, 60)
        numbers = [none if part is None else part for part, none in zip(parts, absent, strict=True)]
        return "{:04d}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}Z".format(*numbers) == value
    if key == "eta":
        parts = [fields[f"eta_{name}"] for name in ("month", "day", "hour", "minute")]
        numbers = [none if part is None else part for part, none in zip(parts, (0, 0, 24, 60), strict=True)]
        return "{:02d}-{:02d}T{:02d}:{:02d}Z".format(*numbers) == value
    if key in ("reserved", "regional"):
        name = {9: "reserved"}.get(message.type, key)
        return fields[name] == value
    if key == "name":
        return fields["name"] + fields.get("name_extension", "") == value
    if message.type == 27:
        if key == "status":  # the reference gives this one in words
            return value == {3: "Restricted manoeuverability", 2: "Not under command"}[fields["status"]]
        if key in ("lon", "lat"):
            return fields[SCALED[key]] == pytest.approx(value, abs=0.06)
    if key == "radio" and key not in fields:
        return value == 34463 >> 5  # a payload of 163 bits: the reference shows what is left of the number, we none
    if message.type == 9 and key == "speed":
        return fields["speed_kn"] == value
    return same(record, message, key, SAME.get(key) or SCALED[key], value)


def test_the_unscaled_reference_is_what_the_scales_make_of_it(ais, decoded):
    """Type matters, not only value: positions are raw units divided, rates of turn are raw squared."""
    count = 0
    for record, message in in_order(decoded, reference(ais, "gpsd_sample.aivdm.unscaled.json.txt")):
        if message.type in (1, 2, 3, 18):
            count += 1
            fields = message.fields
            assert fields["longitude_deg"] in (None, record["lon"] / 600_000)
            assert fields["latitude_deg"] in (None, record["lat"] / 600_000)
            assert fields["speed_kn"] in (None, record["speed"] / 10)
            assert fields["course_deg"] in (None, record["course"] / 10)
            if "turn" in record and record["turn"] != -128:
                assert fields["turn_deg_min"] == turn_of(record["turn"])
    assert count >= 9


def test_the_other_types_agree_where_the_reference_names_the_same_thing(ais, decoded):
    seen = set()
    messages = [message for message in decoded if not (message.type == 24 and "name" in message.fields)]
    for record, message in in_order(messages, reference(ais, "gpsd_sample.aivdm.scaled.json.txt")):
        if message.type in CLAIMED:
            continue
        for key, value in record.items():
            name = SAME.get(key) or SCALED.get(key)
            ours = message.fields.get(name) if name else None
            if (
                ours is None or message.type in (11, 20) or (message.type, key) == (26, "radio")
            ):  # it reads no radio there
                continue
            seen.add(message.type)
            if message.type in (22, 23) and key in SCALED:
                assert ours == pytest.approx(float(value), abs=1e-6)
            elif message.type == 17:
                assert ours == pytest.approx(value, abs=0.06)
            else:
                assert ours == value, (message, key)
        if message.type in (6, 8, 17, 25, 26) and "data" in record:
            data = message.fields["data"]
            count, _, digits = record["data"].partition(":")
            number = int(digits or "0", 16) >> (-int(count) % 8)  # it leaves the bits behind the last one in its byte
            assert (int(count), number) == (data["bits"], int(data["hex"] or "0", 16) >> (-data["bits"] % 8)), message
        if message.type in (7, 13):
            wanted = [record[f"mmsi{at}"] for at in range(1, 5) if record[f"mmsi{at}"]]
            ours = [receipt["mmsi"] for receipt in message.fields["receipts"]]
            assert ours == wanted[: len(ours)]  # the reference also reads a last one that the payload cuts off
            assert len(wanted) - len(ours) <= 1
    assert seen >= {6, 8, 10, 12, 15, 16, 17, 22, 23, 25, 26}


def test_pairs_of_libais(ais):
    """Its examples are mostly bits of chance: every number in it that has a name with us is the same."""
    lines = (ais / "libais_typeexamples.nmea").read_text("ascii").splitlines()
    wanted = [json.loads(line) for line in (ais / "libais_typeexamples.json").read_text("utf-8").splitlines()]
    messages = {(m.type, m.mmsi): m for m in (nmea.decode_group(group) for group in groups(lines)) if m.ok}
    compared = 0
    for record in wanted:
        message = messages.get((record["type"], record["mmsi"]))
        if message is None or record["type"] not in CLAIMED:
            continue
        for key, value in record.items():
            name = SAME.get(key) or SCALED.get(key)
            if name is None or value is None or name == "repeat" or name not in message.fields or key == "imo":
                continue
            ours = message.fields[name]
            if key == "text":
                continue  # it cuts what stands behind the last whole letter
            if key == "gnss":
                assert ours != value  # it says whether the position is GNSS, the bit and we whether it is not
            elif ours is None:
                assert value in (511, 60, 181.0, 91.0, 360.0, 0.0)
            elif (message.type, key) == (9, "speed"):
                assert ours == round(value * 10)  # whole knots by the standard; it divides
            elif key in SCALED:
                assert ours == pytest.approx(value, abs=1e-4)
            else:
                assert ours == value, (message, key)
            compared += 1
    assert compared > 80
