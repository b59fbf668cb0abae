"""The values of the demo province: frozen dataclasses and flat arrays, no behaviour that needs a clock.

Coordinates are longitude, latitude in degrees (EPSG:4326 / CGCS2000), lengths in metres, heights in metres
above mean sea level, speeds in km/h. Geometries are shapely objects in those coordinates.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Bounds = tuple[float, float, float, float]  # west, south, east, north in degrees
Point = tuple[float, float]  # lon, lat
Geometry = Any  # a shapely geometry; shapely ships no types


class Name(NamedTuple):
    """A fictional name in Chinese and its English form."""

    zh: str
    en: str


class RoadClass(IntEnum):
    """Classes of roads, in the order of their rank (a smaller number is drawn above a larger one)."""

    EXPRESSWAY = 1  # 高速公路
    RAMP = 2  # 匝道
    TRUNK = 3  # 国道 / 干线
    PROVINCIAL = 4  # 省道
    COUNTY = 5  # 县道
    ARTERIAL = 6  # 城市主干路
    STREET = 7  # 城市支路
    ACCESS = 8  # 场站、港区、服务区内部道路


@dataclass(frozen=True)
class Relief:
    """Heights on a grid that is regular in Web Mercator.

    Attributes:
        height_m: rows from north to south, columns from west to east; below 0 is sea floor.
        bounds: outer edges of the grid.
        cell_m: true size of a cell at the middle latitude.
    """

    height_m: NDArray[np.float32]
    bounds: Bounds
    cell_m: float


@dataclass(frozen=True)
class River:
    name: Name
    centreline: Geometry  # LineString, from the source down
    length_km: float
    order: int  # 1 main stem, 2 tributary, 3 brook


@dataclass(frozen=True)
class Lake:
    name: Name
    geometry: Geometry
    level_m: float


@dataclass(frozen=True)
class Water:
    """Everything wet. `sea`, `river_area` and `lakes` are areas that do not overlap each other."""

    sea: Geometry
    river_area: Geometry
    rivers: tuple[River, ...]
    lakes: tuple[Lake, ...]
    bay: Point  # label point of the bay
    bay_name: Name


@dataclass(frozen=True)
class Patch:
    """One kind of land cover: `forest`, `farmland`, `urban` or `tidal_flat`."""

    kind: str
    geometry: Geometry


@dataclass(frozen=True)
class Region:
    """A province, city or county.

    Attributes:
        code: prefix code: two digits province, four city, six county.
        level: `province`, `city` or `county`.
        parent: code of the region above, None for a province.
        centre: where the seat is (and where a label belongs).
    """

    code: str
    name: Name
    level: str
    parent: str | None
    geometry: Geometry
    centre: Point
    bbox: Bounds
    area_km2: float


@dataclass(frozen=True)
class Road:
    """A road as an authority numbers it: the number is unique only within `region`.

    Attributes:
        number: `G9901`, `S901`, `X101`; empty for streets, ramps and access roads.
        region: code within which the number (or the name) counts: province for G and S, county for X,
            city for streets.
        length_km: of the centre line, once for both directions.
    """

    id: int
    number: str
    name: Name
    road_class: RoadClass
    region: str
    length_km: float


@dataclass(frozen=True)
class Structure:
    """A bridge or a tunnel of note.

    Attributes:
        kind: `bridge` or `tunnel`.
        road: index into `World.roads`.
        region: county code of its middle.
        geometry: its centre line.
    """

    id: int
    kind: str
    name: Name
    road: int
    region: str
    length_m: float
    geometry: Geometry


@dataclass(frozen=True)
class Network:
    """A routable network as flat arrays: n nodes, m directed edges, p points of geometry.

    The points of edge e are `point_*[point_start[e]:point_start[e + 1]]`, in the direction of travel; the
    edges that leave node v are `out_edge[out_start[v]:out_start[v + 1]]`.

    Attributes:
        node_signal: traffic lights stand here.
        edge_from, edge_to: node indices.
        edge_length_m: equals `point_along_m` of its last point.
        edge_class: `RoadClass`.
        edge_limit_kmh: posted limit.
        edge_road: index into `World.roads`.
        edge_region: index into `World.regions` (always a county).
        edge_reverse: the same road the other way, -1 for one-way carriageways and ramps.
        edge_structure: index into `World.structures` or -1.
        edge_bridge, edge_tunnel: flags, also set for small nameless ones.
        edge_toll: a toll is paid for it.
        edge_phase: phase of the traffic light at its end: -1 none, 0 or 1.
        point_along_m: distance from the start of its edge.
        point_altitude_m: of the road surface, on bridges and in tunnels too.
    """

    node_lon: Floats
    node_lat: Floats
    node_signal: Flags
    edge_from: Ints
    edge_to: Ints
    edge_length_m: Floats
    edge_class: Bytes
    edge_limit_kmh: Floats
    edge_road: Ints
    edge_region: Ints
    edge_reverse: Ints
    edge_structure: Ints
    edge_bridge: Flags
    edge_tunnel: Flags
    edge_toll: Flags
    edge_phase: NDArray[np.int8]
    point_start: Ints
    point_lon: Floats
    point_lat: Floats
    point_along_m: Floats
    point_altitude_m: Floats
    out_start: Ints
    out_edge: Ints

    @property
    def nodes(self) -> int:
        return len(self.node_lon)

    @property
    def edges(self) -> int:
        return len(self.edge_from)

    def line(self, edge: int) -> Floats:
        """Points of an edge as an array of shape (k, 2): lon, lat."""
        part = slice(self.point_start[edge], self.point_start[edge + 1])
        return np.column_stack((self.point_lon[part], self.point_lat[part]))


@dataclass(frozen=True)
class RoadLine:
    """A stretch of road to draw: consecutive edges with equal attributes, joined.

    A two-way road is drawn once; the carriageways of an expressway are drawn each.
    """

    road: int
    road_class: RoadClass
    region: str
    bridge: bool
    tunnel: bool
    geometry: Geometry


@dataclass(frozen=True)
class Place:
    """A place with a name.

    Attributes:
        kind: one of `places.KINDS`.
        region: county code.
        node: nearest node of the network that belongs to it (its gate).
        area: its ground, if it is drawn as an area.
        rank: 1 for what a map of the province names, up to 4 for what only a town map names.
    """

    id: int
    kind: str
    name: Name
    region: str
    lon: float
    lat: float
    node: int
    rank: int
    area: Geometry | None


@dataclass(frozen=True)
class Enterprise:
    """A carrier. `kind` is one of the codes in `fleet.CATEGORIES` that it mainly runs.

    Attributes:
        region: code of the city or county it is registered in.
        base: index into `World.places`, where its vehicles stand at night.
        licence: number of its road transport licence (道路运输经营许可证号).
    """

    id: int
    name: Name
    short_name: str
    kind: str
    region: str
    base: int
    licence: str


@dataclass(frozen=True)
class Driver:
    """A driver without a person's name: 驾驶员0001."""

    id: int
    name: Name
    enterprise: int
    licence: str
    licence_class: str
    phone: str


@dataclass(frozen=True)
class Terminal:
    """A JT/T 808 terminal as it introduces itself.

    Attributes:
        terminal_id: 7 characters, unique.
        phone: SIM number of 11 digits; on the wire BCD[6] "0" + phone (2013) or BCD[10] (2019).
        version: 2013 or 2019.
        maker: maker id, 5 characters.
        auth_code: what an operator who admits terminals beforehand would have agreed with it.
    """

    id: int
    terminal_id: str
    phone: str
    version: int
    maker: str
    model: str
    imei: str
    software: str
    auth_code: str


@dataclass(frozen=True)
class Vehicle:
    """A vehicle. Its identity is plate + colour.

    Attributes:
        label: as on the plate, `澜A·D12345`; plate: as on the wire, `澜AD12345`.
        plate_colour: `yellow` or `green`; plate_colour_code: 2 or 5 (JT/T 697.7).
        category: code in `fleet.CATEGORIES`.
        enterprise, driver, terminal: indices into the fleet's tuples.
        region: code of the city it is registered in.
        home: index into `World.places`: its carrier's base.
        energy: `diesel`, `gas` or `electric`.
        top_speed_kmh: what its driver never exceeds if well-behaved (governor or rule of its category).
        speeds: true for the few whose driver exceeds the limit now and then.
    """

    id: int
    label: str
    plate: str
    plate_colour: str
    plate_colour_code: int
    category: str
    enterprise: int
    driver: int
    terminal: int
    region: str
    home: int
    vin: str
    model: str
    energy: str
    length_m: float
    seats: int
    load_kg: int
    top_speed_kmh: float
    speeds: bool


@dataclass(frozen=True)
class Line:
    """A bus line: a loop of edges with stops.

    Attributes:
        edges: consecutive edge indices, the last ends where the first begins.
        stops: positions in `edges` after which the bus stops, at the end of that edge.
        stop_names: as many as `stops`.
    """

    id: int
    name: Name
    region: str
    edges: Ints
    stops: Ints
    stop_names: tuple[Name, ...]


@dataclass(frozen=True)
class Fleet:
    enterprises: tuple[Enterprise, ...]
    drivers: tuple[Driver, ...]
    terminals: tuple[Terminal, ...]
    vehicles: tuple[Vehicle, ...]


@dataclass(frozen=True)
class Routing:
    """For each goal node and each node of the network, the edge to take next.

    Attributes:
        goals: node indices.
        next_out: shape (goals, nodes): offset into the edges that leave the node; 255 at the goal itself.
    """

    goals: Ints
    next_out: Bytes


@dataclass(frozen=True)
class World:
    """The demo province, made by `world.make(seed, scale)`. Equal seeds and scales give equal worlds.

    Attributes:
        bounds: of everything that is drawn; land_bounds: of the province itself.
        regions: province, its cities and counties, then those of the neighbour, parents first.
        image_light, image_dark: shaded relief as PNG over `image_bounds`, regular in Web Mercator.
    """

    seed: int
    scale: float
    bounds: Bounds
    land_bounds: Bounds
    land: Geometry
    relief: Relief
    water: Water
    cover: tuple[Patch, ...]
    regions: tuple[Region, ...]
    roads: tuple[Road, ...]
    structures: tuple[Structure, ...]
    network: Network
    places: tuple[Place, ...]
    lines: tuple[Line, ...]
    routing: Routing
    fleet: Fleet
    image_light: bytes
    image_dark: bytes
    image_bounds: Bounds
