"""What the verbs of roads take."""

from __future__ import annotations

from dataclasses import dataclass

from tongqu.kernel.geo import Direction, Geometry, NewLine


@dataclass(frozen=True)
class NewFacility:
    """Something along a road, placed by its stake.

    Attributes:
        kind: code of a `FacilityKind`.
        route: key of the route in geo.
        end_stake_m: where it reaches from one stake to another.
        side: of the road, seen along rising stakes: `left`, `right`, `both` or `median`.
        lane: counted from the middle of the road, 0 for all.
        region: where it stands; the region of the place if not given.
    """

    kind: str
    name: str
    route: int
    stake_m: float
    direction: Direction = "both"
    prefix: str = ""
    branch: str = ""
    end_stake_m: float | None = None
    side: str = "both"
    lane: int = 0
    code: str | None = None
    organisation: str | None = None
    region: str | None = None


@dataclass(frozen=True)
class NewLink:
    """A stretch of road of a source; fields as in the table."""

    origin: str
    road_class: str
    geometry: Geometry
    number: str | None = None
    name: str | None = None
    oneway: bool = False
    limit_kmh: float | None = None
    limit_back_kmh: float | None = None
    lanes: int | None = None
    bridge: bool = False
    tunnel: bool = False
    toll: bool = False


@dataclass(frozen=True)
class NewRoute:
    """A route of a source: what people call it, and its lines with their marks."""

    number: str
    region: str
    name: str
    road_class: str
    lines: tuple[NewLine, ...]
    name_en: str | None = None


@dataclass(frozen=True)
class Network:
    """All that a source holds.

    Attributes:
        kind: what sort of source; digest: SHA-256 of the file; made_ms: moment of its data.
        drawn: its links belong on the base map; those of the demo province are there already.
    """

    name: str
    kind: str
    digest: str
    links: tuple[NewLink, ...]
    routes: tuple[NewRoute, ...]
    region: str | None = None
    made_ms: int | None = None
    drawn: bool = True
