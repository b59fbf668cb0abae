"""From bytes to a message: each entity is read for itself, so that a broken one takes no other with it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

from tongqu.kit.errors import Invalid, TooLarge
from tongqu.protocols.gtfs_realtime.values import (
    Alert,
    Call,
    Message,
    Notice,
    Selector,
    Trip,
    TripUpdate,
    VehiclePosition,
)

MOST_BYTES = 64 << 20
FUTURE_S = 60
_ENTITY_FIELD, _LENGTH_DELIMITED = 2, 2


def read(data: bytes, *, now_ms: int | None = None) -> Message:
    """A message from its protobuf bytes.

    Args:
        now_ms: to find times in the future; none: that is not looked at.

    Raises:
        Invalid: `gtfs_realtime.no_message`: the bytes are no message (no header can be read).
        TooLarge: `gtfs_realtime.too_large`.
    """
    from google.protobuf.message import DecodeError
    from google.transit import gtfs_realtime_pb2 as pb

    if len(data) > MOST_BYTES:
        raise TooLarge("gtfs_realtime.too_large", most_mb=MOST_BYTES >> 20)
    head, parts, whole = _split(data)
    try:
        opened = pb.FeedMessage.FromString(head)
    except DecodeError as error:
        raise Invalid("gtfs_realtime.no_message", reason=str(error)[:200]) from error
    if not opened.HasField("header"):
        raise Invalid("gtfs_realtime.no_message", reason="header")
    header = opened.header
    reader = _Reader(pb, now_ms)
    if not whole:
        reader.note("cut_off")
        reader.skipped += 1
    for part in parts:
        try:
            entity = pb.FeedEntity.FromString(part)
        except DecodeError:
            reader.skipped += 1
            reader.note("unreadable_entity")
            continue
        reader.take(entity)
    timestamp_ms = _ms(header.timestamp) if header.timestamp else None
    if timestamp_ms is None:
        reader.note("E048")
    elif now_ms is not None and timestamp_ms > now_ms + FUTURE_S * 1000:
        reader.note("E050", value=str(header.timestamp))
    full = header.incrementality == pb.FeedHeader.FULL_DATASET
    if full and reader.deleted:
        reader.note("E039", value=str(len(reader.deleted)))
    return Message(
        timestamp_ms=timestamp_ms,
        trip_updates=tuple(reader.trip_updates),
        vehicles=tuple(reader.vehicles),
        alerts=tuple(reader.alerts),
        full=full,
        version=header.gtfs_realtime_version or "1.0",
        deleted=tuple(reader.deleted),
        notices=tuple(reader.notices),
        skipped=reader.skipped,
    )


def _split(data: bytes) -> tuple[bytes, list[bytes], bool]:
    """The fields of a message that are no entities, the entities, and whether the bytes end where a field ends."""
    at, head = 0, bytearray()
    parts: list[bytes] = []
    while at < len(data):
        begin = at
        try:
            key, at = _varint(data, at)
            number, kind = key >> 3, key & 7
            if kind == 0:
                _, at = _varint(data, at)
            elif kind == 1:
                at += 8
            elif kind == _LENGTH_DELIMITED:
                length, at = _varint(data, at)
                at += length
            elif kind == 5:
                at += 4
            else:
                return bytes(head), parts, False
        except IndexError:
            return bytes(head), parts, False
        if at > len(data):
            return bytes(head), parts, False
        if number == _ENTITY_FIELD and kind == _LENGTH_DELIMITED:
            parts.append(data[at - length : at])
        else:
            head += data[begin:at]
    return bytes(head), parts, True


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise IndexError


class _Reader:
    """Takes entities in; what is wrong with one is noted with its id."""

    def __init__(self, pb: Any, now_ms: int | None) -> None:
        self.pb = pb
        self.now_ms = now_ms
        self.trip_updates: list[TripUpdate] = []
        self.vehicles: list[VehiclePosition] = []
        self.alerts: list[Alert] = []
        self.deleted: list[str] = []
        self.notices: list[Notice] = []
        self.skipped = 0
        self._seen_vehicles: set[str] = set()

    def note(self, code: str, entity: str = "", value: str = "") -> None:
        self.notices.append(Notice(code, entity, value))

    def take(self, entity: Any) -> None:
        if entity.is_deleted:
            self.deleted.append(entity.id)
            return
        if entity.HasField("trip_update"):
            self._trip_update(entity.id, entity.trip_update)
        if entity.HasField("vehicle"):
            self._vehicle(entity.id, entity.vehicle)
        if entity.HasField("alert"):
            self._alert(entity.id, entity.alert)

    def _trip_update(self, entity: str, told: Any) -> None:
        calls = tuple(self._call(one) for one in told.stop_time_update)
        trip = self._trip(told.trip)
        if not trip.trip_id and not (trip.route_id and trip.start_time):
            self.note("trip_unnamed", entity)
            self.skipped += 1
            return
        for code, value in _faults(calls):
            self.note(code, entity, value)
        self.trip_updates.append(
            TripUpdate(
                entity,
                trip,
                calls,
                told.vehicle.id or told.vehicle.label,
                _ms(told.timestamp) if told.timestamp else None,
                told.delay if told.HasField("delay") else None,
            )
        )

    def _call(self, told: Any) -> Call:
        kinds = self.pb.TripUpdate.StopTimeUpdate.ScheduleRelationship
        arrival = told.arrival if told.HasField("arrival") else None
        departure = told.departure if told.HasField("departure") else None
        return Call(
            told.stop_sequence if told.HasField("stop_sequence") else None,
            told.stop_id,
            _ms(arrival.time) if arrival is not None and arrival.HasField("time") else None,
            arrival.delay if arrival is not None and arrival.HasField("delay") else None,
            _ms(departure.time) if departure is not None and departure.HasField("time") else None,
            departure.delay if departure is not None and departure.HasField("delay") else None,
            kinds.Name(told.schedule_relationship).lower(),
        )

    def _trip(self, told: Any) -> Trip:
        kinds = self.pb.TripDescriptor.ScheduleRelationship
        return Trip(
            told.trip_id,
            told.route_id,
            told.direction_id if told.HasField("direction_id") else None,
            told.start_date,
            told.start_time,
            kinds.Name(told.schedule_relationship).lower(),
        )

    def _vehicle(self, entity: str, told: Any) -> None:
        name = told.vehicle.id or told.vehicle.label
        if name and name in self._seen_vehicles:
            self.note("E052", entity, name)
        self._seen_vehicles.add(name)
        lon, lat = told.position.longitude, told.position.latitude
        if not told.HasField("position") or not _on_earth(lon, lat):
            self.note("E026", entity, f"{lat}, {lon}")
            self.skipped += 1
            return
        states = self.pb.VehiclePosition.VehicleStopStatus
        self.vehicles.append(
            VehiclePosition(
                entity,
                self._trip(told.trip),
                name,
                told.vehicle.label,
                float(lon),
                float(lat),
                float(told.position.bearing) if told.position.HasField("bearing") else None,
                float(told.position.speed) if told.position.HasField("speed") else None,
                told.current_stop_sequence if told.HasField("current_stop_sequence") else None,
                told.stop_id,
                states.Name(told.current_status).lower(),
                _ms(told.timestamp) if told.timestamp else None,
            )
        )

    def _alert(self, entity: str, told: Any) -> None:
        self.alerts.append(
            Alert(
                entity,
                tuple(
                    (_ms(one.start) if one.start else None, _ms(one.end) if one.end else None)
                    for one in told.active_period
                ),
                tuple(self._selector(one) for one in told.informed_entity),
                self.pb.Alert.Cause.Name(told.cause).lower(),
                self.pb.Alert.Effect.Name(told.effect).lower(),
                _texts(told.header_text),
                _texts(told.description_text),
                next((one.text for one in told.url.translation), ""),
                self.pb.Alert.SeverityLevel.Name(told.severity_level).lower(),
            )
        )

    def _selector(self, told: Any) -> Selector:
        return Selector(
            told.agency_id,
            told.route_id,
            told.route_type if told.HasField("route_type") else None,
            self._trip(told.trip) if told.HasField("trip") else None,
            told.stop_id,
        )


def _faults(calls: tuple[Call, ...]) -> Iterator[tuple[str, str]]:
    """What is wrong with the calls of an update, by the codes of the GTFS Realtime validator."""
    sequences = [call.stop_sequence for call in calls if call.stop_sequence is not None]
    if any(after < before for before, after in itertools.pairwise(sequences)):
        yield "E002", ""
    if len(set(sequences)) < len(sequences):
        yield "E036", ""
    last: int | None = None
    for call in calls:
        if call.arrival_ms is not None and call.departure_ms is not None and call.departure_ms < call.arrival_ms:
            yield "E025", call.stop_id
        for at in (call.arrival_ms, call.departure_ms):
            if at is not None and last is not None and at < last:
                yield "E022", call.stop_id
            last = at if at is not None else last


def _ms(seconds: int) -> int:
    return int(seconds) * 1000


def _on_earth(lon: float, lat: float) -> bool:
    inside = math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90
    return inside and not (lon == 0 and lat == 0)


def _texts(told: Any) -> tuple[tuple[str, str], ...]:
    return tuple((one.language, one.text) for one in told.translation)
