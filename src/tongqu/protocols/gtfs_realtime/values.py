"""Values of GTFS Realtime. Times are UTC ms; what a publisher leaves out is None or empty."""

from __future__ import annotations

from dataclasses import dataclass

from tongqu.kit.text import text


@dataclass(frozen=True, slots=True)
class Trip:
    """Which trip is meant: `relationship` is scheduled, added, new, unscheduled, canceled, replacement, duplicated or
    deleted; `start_date` as YYYYMMDD, `start_time` as HH:MM:SS of the service day."""

    trip_id: str = ""
    route_id: str = ""
    direction_id: int | None = None
    start_date: str = ""
    start_time: str = ""
    relationship: str = "scheduled"


@dataclass(frozen=True, slots=True)
class Call:
    """What is told of one call: `relationship` is scheduled, skipped, no_data or unscheduled."""

    stop_sequence: int | None = None
    stop_id: str = ""
    arrival_ms: int | None = None
    arrival_delay_s: int | None = None
    departure_ms: int | None = None
    departure_delay_s: int | None = None
    relationship: str = "scheduled"


@dataclass(frozen=True, slots=True)
class TripUpdate:
    """How a trip goes. `delay_s` holds for all calls that say nothing themselves."""

    id: str
    trip: Trip
    calls: tuple[Call, ...] = ()
    vehicle: str = ""
    timestamp_ms: int | None = None
    delay_s: int | None = None


@dataclass(frozen=True, slots=True)
class VehiclePosition:
    """Where a vehicle is: degrees, heading from north, m/s; `status` is incoming_at, stopped_at or in_transit_to."""

    id: str
    trip: Trip
    vehicle: str
    label: str
    lon: float
    lat: float
    heading_deg: float | None = None
    speed_mps: float | None = None
    stop_sequence: int | None = None
    stop_id: str = ""
    status: str = "in_transit_to"
    timestamp_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Selector:
    """What an alert concerns; parts that are given hold together."""

    agency_id: str = ""
    route_id: str = ""
    route_type: int | None = None
    trip: Trip | None = None
    stop_id: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """A notice to travellers: when it holds, what it concerns, its texts by language (empty for none told).
    `severity` is unknown_severity, info, warning or severe."""

    id: str
    active: tuple[tuple[int | None, int | None], ...]
    concerns: tuple[Selector, ...]
    cause: str
    effect: str
    header: tuple[tuple[str, str], ...]
    description: tuple[tuple[str, str], ...]
    url: str = ""
    severity: str = "unknown_severity"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something wrong: `code` is that of the GTFS Realtime validator where it has one (E002), else a name of ours;
    `entity` is the id of the entity it was found in, empty for the message."""

    code: str
    entity: str = ""
    value: str = ""

    @property
    def detail(self) -> dict[str, str]:
        return text(f"gtfs_realtime.notices.{self.code}", value=self.value)


@dataclass(frozen=True)
class Message:
    """A message as it was sent.

    Attributes:
        timestamp_ms: when its content was made, None where it does not say.
        full: it holds everything there is; False: it only adds to what was told before.
        deleted: ids of entities that no longer hold (only where it is not full).
        skipped: entities that could not be read.
    """

    timestamp_ms: int | None
    trip_updates: tuple[TripUpdate, ...] = ()
    vehicles: tuple[VehiclePosition, ...] = ()
    alerts: tuple[Alert, ...] = ()
    full: bool = True
    version: str = "2.0"
    deleted: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    skipped: int = 0
