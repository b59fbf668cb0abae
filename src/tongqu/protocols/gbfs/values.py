"""Values of GBFS, the same for 2.x and 3.x. Times are UTC ms; what a publisher leaves out is None or empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tongqu.kit.text import text

Texts = tuple[tuple[str, str], ...]
"""A text by language (IETF BCP 47; empty where the file does not say which)."""

BICYCLES = frozenset({"bicycle", "cargo_bicycle"})
"""Form factors that are ridden where a bicycle may go."""


def in_language(texts: Texts, language: str) -> str:
    """A text in a language; where it is not given, in the first that is."""
    wanted = language.lower().split("-")[0]
    own = [words for named, words in texts if named.lower().split("-")[0] == wanted]
    return own[0] if own else texts[0][1] if texts else ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something wrong: what (`code`), in which entity (its id, or its place in the file), and the value."""

    code: str
    entity: str = ""
    value: str = ""

    @property
    def detail(self) -> dict[str, str]:
        return text(f"gbfs.notices.{self.code}", value=self.value)


@dataclass(frozen=True, kw_only=True)
class File:
    """What every file says of itself.

    Attributes:
        version: of GBFS; `1.0` where none is written, as that version wrote none.
        last_updated_ms: when its content was made, None where it does not say.
        ttl_s: after so many seconds it is worth being fetched again.
        skipped: entities that could not be read or were told twice.
    """

    version: str = "1.0"
    last_updated_ms: int | None = None
    ttl_s: int = 0
    notices: tuple[Notice, ...] = ()
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """Where a file of the system lies. `language` is of 2.x, which lists all files for each of its languages."""

    name: str
    url: str
    language: str = ""


@dataclass(frozen=True, kw_only=True)
class Discovery(File):
    """gbfs.json: the files that a system publishes."""

    links: tuple[Link, ...] = ()

    def url(self, name: str, language: str = "") -> str | None:
        """The address of a file, in a language where there is one for it; None where it is not published."""
        found = [link for link in self.links if link.name == name]
        own = [link for link in found if link.language == language]
        return (own or found)[0].url if found else None


@dataclass(frozen=True, kw_only=True)
class SystemInformation(File):
    """system_information.json: who it is. `zone` is an IANA time zone."""

    id: str
    name: Texts = ()
    operator: Texts = ()
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Station:
    """A station and where it is, degrees WGS 84.

    Attributes:
        capacity: docking points or parking places in all, None where it is not said.
        virtual: a place without docking points, marked or not.
    """

    id: str
    name: Texts
    lon: float
    lat: float
    capacity: int | None = None
    virtual: bool = False


@dataclass(frozen=True, kw_only=True)
class StationInformation(File):
    """station_information.json."""

    stations: tuple[Station, ...] = ()


@dataclass(frozen=True, slots=True)
class StationState:
    """What is at a station now.

    Attributes:
        vehicles: how many can be rented.
        docks: how many can be returned; None: without a limit.
        by_type: vehicles that can be rented by the id of their type, where it is told.
        docks_by_type: docks, each with the ids of the types that fit, where it is told.
    """

    id: str
    vehicles: int
    docks: int | None
    installed: bool
    renting: bool
    returning: bool
    reported_ms: int | None = None
    by_type: tuple[tuple[str, int], ...] = ()
    docks_by_type: tuple[tuple[tuple[str, ...], int], ...] = ()

    def bicycles(self, form_factors: Mapping[str, str]) -> int:
        """How many bicycles can be rented now; none where the station does not rent.

        Args:
            form_factors: by id of vehicle type. Without types all vehicles are bicycles (GBFS, vehicle_types.json).
        """
        if not (self.installed and self.renting):
            return 0
        if not form_factors or not self.by_type:
            return self.vehicles if not form_factors or BICYCLES & set(form_factors.values()) else 0
        return min(sum(count for kind, count in self.by_type if form_factors.get(kind) in BICYCLES), self.vehicles)

    def places(self, form_factors: Mapping[str, str]) -> int | None:
        """How many bicycles can be returned now, None without a limit; none where the station takes none back."""
        if not (self.installed and self.returning):
            return 0
        if not form_factors or not self.docks_by_type:
            return self.docks
        fitting = [
            count
            for kinds, count in self.docks_by_type
            if any(form_factors.get(kind) in BICYCLES for kind in kinds)
        ]  # fmt: skip
        return sum(fitting) if self.docks is None else min(sum(fitting), self.docks)


@dataclass(frozen=True, kw_only=True)
class StationStatus(File):
    """station_status.json."""

    stations: tuple[StationState, ...] = ()


@dataclass(frozen=True, slots=True)
class VehicleType:
    """A type: `form_factor` as GBFS names it (bicycle, cargo_bicycle, moped, scooter_standing ...)."""

    id: str
    form_factor: str
    propulsion: str = ""
    name: Texts = ()


@dataclass(frozen=True, kw_only=True)
class VehicleTypes(File):
    """vehicle_types.json."""

    types: tuple[VehicleType, ...] = ()

    @property
    def form_factors(self) -> dict[str, str]:
        return {one.id: one.form_factor for one in self.types}


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle that is not being ridden. At a station it may say no position of its own (None)."""

    id: str
    lon: float | None
    lat: float | None
    reserved: bool
    disabled: bool
    type_id: str = ""
    station_id: str = ""
    reported_ms: int | None = None


@dataclass(frozen=True, kw_only=True)
class VehicleStatus(File):
    """vehicle_status.json of 3.x, free_bike_status.json of 2.x."""

    vehicles: tuple[Vehicle, ...] = field(default=())
