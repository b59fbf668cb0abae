"""From a message to its protobuf bytes."""

from __future__ import annotations

from typing import Any

from tongqu.protocols.gtfs_realtime.values import Alert, Call, Message, Trip, TripUpdate, VehiclePosition


def write(message: Message) -> bytes:
    """The bytes of a message; equal messages give equal bytes. Notices are not part of it."""
    from google.transit import gtfs_realtime_pb2 as pb

    made = pb.FeedMessage()
    made.header.gtfs_realtime_version = message.version
    made.header.incrementality = pb.FeedHeader.FULL_DATASET if message.full else pb.FeedHeader.DIFFERENTIAL
    if message.timestamp_ms is not None:
        made.header.timestamp = message.timestamp_ms // 1000
    for update in message.trip_updates:
        _trip_update(pb, made.entity.add(id=update.id).trip_update, update)
    for vehicle in message.vehicles:
        _vehicle(pb, made.entity.add(id=vehicle.id).vehicle, vehicle)
    for alert in message.alerts:
        _alert(pb, made.entity.add(id=alert.id).alert, alert)
    for name in message.deleted:
        made.entity.add(id=name, is_deleted=True)
    return bytes(made.SerializeToString(deterministic=True))


def _trip(pb: Any, out: Any, trip: Trip) -> None:
    for name in ("trip_id", "route_id", "start_date", "start_time"):
        if getattr(trip, name):
            setattr(out, name, getattr(trip, name))
    if trip.direction_id is not None:
        out.direction_id = trip.direction_id
    out.schedule_relationship = pb.TripDescriptor.ScheduleRelationship.Value(trip.relationship.upper())


def _trip_update(pb: Any, out: Any, update: TripUpdate) -> None:
    _trip(pb, out.trip, update.trip)
    if update.vehicle:
        out.vehicle.id = update.vehicle
    if update.timestamp_ms is not None:
        out.timestamp = update.timestamp_ms // 1000
    if update.delay_s is not None:
        out.delay = update.delay_s
    for call in update.calls:
        _call(pb, out.stop_time_update.add(), call)


def _call(pb: Any, out: Any, call: Call) -> None:
    if call.stop_sequence is not None:
        out.stop_sequence = call.stop_sequence
    if call.stop_id:
        out.stop_id = call.stop_id
    for event, at_ms, delay_s in (
        ("arrival", call.arrival_ms, call.arrival_delay_s),
        ("departure", call.departure_ms, call.departure_delay_s),
    ):
        if at_ms is not None:
            getattr(out, event).time = at_ms // 1000
        if delay_s is not None:
            getattr(out, event).delay = delay_s
    kinds = pb.TripUpdate.StopTimeUpdate.ScheduleRelationship
    out.schedule_relationship = kinds.Value(call.relationship.upper())


def _vehicle(pb: Any, out: Any, vehicle: VehiclePosition) -> None:
    if vehicle.trip != Trip():
        _trip(pb, out.trip, vehicle.trip)
    if vehicle.vehicle:
        out.vehicle.id = vehicle.vehicle
    if vehicle.label:
        out.vehicle.label = vehicle.label
    out.position.longitude, out.position.latitude = vehicle.lon, vehicle.lat
    if vehicle.heading_deg is not None:
        out.position.bearing = vehicle.heading_deg
    if vehicle.speed_mps is not None:
        out.position.speed = vehicle.speed_mps
    if vehicle.stop_sequence is not None:
        out.current_stop_sequence = vehicle.stop_sequence
    if vehicle.stop_id:
        out.stop_id = vehicle.stop_id
    out.current_status = pb.VehiclePosition.VehicleStopStatus.Value(vehicle.status.upper())
    if vehicle.timestamp_ms is not None:
        out.timestamp = vehicle.timestamp_ms // 1000


def _alert(pb: Any, out: Any, alert: Alert) -> None:
    for start, end in alert.active:
        period = out.active_period.add()
        if start is not None:
            period.start = start // 1000
        if end is not None:
            period.end = end // 1000
    for one in alert.concerns:
        selector = out.informed_entity.add()
        for name in ("agency_id", "route_id", "stop_id"):
            if getattr(one, name):
                setattr(selector, name, getattr(one, name))
        if one.route_type is not None:
            selector.route_type = one.route_type
        if one.trip is not None:
            _trip(pb, selector.trip, one.trip)
    out.cause = pb.Alert.Cause.Value(alert.cause.upper())
    out.effect = pb.Alert.Effect.Value(alert.effect.upper())
    for target, texts in ((out.header_text, alert.header), (out.description_text, alert.description)):
        for language, text in texts:
            made = target.translation.add(text=text)
            if language:
                made.language = language
    if alert.severity != "unknown_severity":
        out.severity_level = pb.Alert.SeverityLevel.Value(alert.severity.upper())
    if alert.url:
        out.url.translation.add(text=alert.url)
