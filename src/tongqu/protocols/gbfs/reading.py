"""From bytes to values: each entity is read for itself, so that a malformed one takes no other with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tongqu.kit.errors import Invalid
from tongqu.protocols.gbfs.envelope import Json, Unfit, count, first, flag, identifier, moment, open_file
from tongqu.protocols.gbfs.envelope import position as position_of
from tongqu.protocols.gbfs.envelope import texts as texts_of
from tongqu.protocols.gbfs.values import (
    Discovery,
    File,
    Link,
    Station,
    StationInformation,
    StationState,
    StationStatus,
    SystemInformation,
    Vehicle,
    VehicleStatus,
    VehicleType,
    VehicleTypes,
)

_STATION = ("station_id",)


def read_discovery(data: bytes) -> Discovery:
    """gbfs.json (GBFS 3.0 and 2.3, gbfs.json): `data.feeds`, or in 2.x `data.{language}.feeds`.

    Raises:
        Invalid, TooLarge: as `open_file`; `gbfs.no_list` where it names no files.
    """
    opened = open_file(data)
    by_language = {"": opened.data} if "feeds" in opened.data else opened.data
    links: list[Link] = []
    for language, own in by_language.items():
        if not isinstance(own, Mapping) or not isinstance(own.get("feeds"), list):
            continue
        for order, row in enumerate(own["feeds"]):
            name, url = (row.get("name"), row.get("url")) if isinstance(row, Mapping) else (None, None)
            if isinstance(name, str) and isinstance(url, str) and name and url:
                links.append(Link(name, url, language))
            else:
                opened.skip("bad_link", f"#{order}")
    if not links and not opened.skipped:
        raise Invalid("gbfs.no_list", field="feeds")
    return Discovery(links=tuple(links), **opened.about())


def read_system_information(data: bytes) -> SystemInformation:
    """system_information.json.

    Raises:
        Invalid, TooLarge: as `open_file`; `gbfs.no_system`: it does not say which system it is.
    """
    opened = open_file(data)
    row = opened.data
    try:
        name = identifier(row.get("system_id"), "no_id")
    except Unfit as error:
        raise Invalid("gbfs.no_system") from error
    language = row.get("language") if isinstance(row.get("language"), str) else ""
    return SystemInformation(
        id=name,
        name=texts_of(row.get("name"), language or ""),
        operator=texts_of(row.get("operator"), language or ""),
        zone=row["timezone"] if isinstance(row.get("timezone"), str) else "",
        **opened.about(),
    )


def read_station_information(data: bytes) -> StationInformation:
    """station_information.json. Of a station that is told twice the last one in the file counts.

    Raises:
        Invalid, TooLarge: as `open_file`; `gbfs.no_list`.
    """
    opened = open_file(data)
    stations: dict[str, Station] = {}
    for one in opened.each(("stations",), _STATION, _station):
        if one.id in stations:
            opened.skip("duplicate_station", one.id)
        stations[one.id] = one
    return StationInformation(stations=tuple(stations.values()), **opened.about())


def _station(row: Json) -> Station:
    name = identifier(row.get("station_id"), "no_id")
    lon, lat = position_of(row)
    return Station(
        name, texts_of(row.get("name")), lon, lat, count(row.get("capacity")), bool(flag(row.get("is_virtual_station")))
    )  # fmt: skip


def read_station_status(data: bytes) -> StationStatus:
    """station_status.json. Of a station that is told twice the one reported later counts, else the last in the file.

    Raises:
        Invalid, TooLarge: as `open_file`; `gbfs.no_list`.
    """
    opened = open_file(data)
    stations: dict[str, StationState] = {}
    for one in opened.each(("stations",), _STATION, _state):
        before = stations.get(one.id)
        if before is not None:
            opened.skip("duplicate_station", one.id)
            if (one.reported_ms or 0) < (before.reported_ms or 0):
                continue
        stations[one.id] = one
    return StationStatus(stations=tuple(stations.values()), **opened.about())


def _state(row: Json) -> StationState:
    name = identifier(row.get("station_id"), "no_id")
    told = first(row, ("num_vehicles_available", "num_bikes_available"))
    vehicles = count(told)
    if vehicles is None:
        raise Unfit("bad_count", told)
    docks = count(row.get("num_docks_available"))
    if docks is None and row.get("num_docks_available") is not None:
        raise Unfit("bad_count", row["num_docks_available"])
    flags = [flag(row.get(each)) for each in ("is_installed", "is_renting", "is_returning")]
    if None in flags:
        raise Unfit("no_flag")
    by_type = [(each, _pair(each, "vehicle_type_id")) for each in _rows(row, "vehicle_types_available")]
    docks_by_type = [
        (tuple(kind for kind in kinds if isinstance(kind, str)), many)
        for each in _rows(row, "vehicle_docks_available")
        if isinstance(kinds := each.get("vehicle_type_ids"), list) and (many := count(each.get("count"))) is not None
    ]
    return StationState(
        name, vehicles, docks, bool(flags[0]), bool(flags[1]), bool(flags[2]), moment(row.get("last_reported")),
        tuple(pair for _, pair in by_type if pair is not None), tuple(docks_by_type),
    )  # fmt: skip


def _rows(row: Json, name: str) -> list[Json]:
    rows = row.get(name)
    return [each for each in rows if isinstance(each, Mapping)] if isinstance(rows, list) else []


def _pair(row: Json, name: str) -> tuple[str, int] | None:
    many = count(row.get("count"))
    return (row[name], many) if isinstance(row.get(name), str) and many is not None else None


def read_vehicle_types(data: bytes) -> VehicleTypes:
    """vehicle_types.json.

    Raises:
        Invalid, TooLarge: as `open_file`; `gbfs.no_list`.
    """
    opened = open_file(data)
    return VehicleTypes(
        types=tuple(opened.each(("vehicle_types",), ("vehicle_type_id",), _vehicle_type)), **opened.about()
    )


def _vehicle_type(row: Json) -> VehicleType:
    name = identifier(row.get("vehicle_type_id"), "no_id")
    form = row.get("form_factor")
    if not isinstance(form, str) or not form:
        raise Unfit("no_form_factor", form)
    propulsion = row.get("propulsion_type")
    return VehicleType(name, form, propulsion if isinstance(propulsion, str) else "", texts_of(row.get("name")))


def read_vehicle_status(data: bytes) -> VehicleStatus:
    """vehicle_status.json of 3.x (`vehicles`), free_bike_status.json of 2.x (`bikes`).

    Raises:
        Invalid, TooLarge: as `open_file`; `gbfs.no_list`.
    """
    opened = open_file(data)
    return VehicleStatus(
        vehicles=tuple(opened.each(("vehicles", "bikes"), ("vehicle_id", "bike_id"), _vehicle)), **opened.about()
    )


def _vehicle(row: Json) -> Vehicle:
    name = identifier(first(row, ("vehicle_id", "bike_id")), "no_id")
    station = row["station_id"] if isinstance(row.get("station_id"), str) else ""
    at_station = bool(station) and row.get("lon") is None and row.get("lat") is None
    lon, lat = (None, None) if at_station else position_of(row)
    flags = [flag(row.get(each)) for each in ("is_reserved", "is_disabled")]
    if None in flags:
        raise Unfit("no_flag")
    kind = row.get("vehicle_type_id")
    return Vehicle(
        name, lon, lat, bool(flags[0]), bool(flags[1]), kind if isinstance(kind, str) else "", station,
        moment(row.get("last_reported")),
    )  # fmt: skip


FILES: dict[str, Callable[[bytes], File]] = {
    "gbfs": read_discovery,
    "system_information": read_system_information,
    "station_information": read_station_information,
    "station_status": read_station_status,
    "vehicle_types": read_vehicle_types,
    "vehicle_status": read_vehicle_status,
    "free_bike_status": read_vehicle_status,
}
"""What reads each file, by its name in gbfs.json."""


def read(name: str, data: bytes) -> Any:
    """A file by its name in gbfs.json.

    Raises:
        Invalid: `gbfs.unknown_file`; as the file's own reader.
        TooLarge: `gbfs.too_large`.
    """
    if name not in FILES:
        raise Invalid("gbfs.unknown_file", field="file", value=name)
    return FILES[name](data)
