"""Tables of geometry: shapes of regions (the tree itself lives in identity), and routes with what calibrates them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Float, ForeignKey, Index, Integer, String, UniqueConstraint

from tongqu.kernel.geo.geometry import geometry_columns
from tongqu.kernel.store import Room, Scope, column, metadata, table

METADATA = metadata()

REGION_SHAPE = table(
    "geo_region_shape",
    METADATA,
    column("id", Integer, primary_key=True),
    column("code", String(12)),
    *geometry_columns(),
    column("valid_from_ms", BigInteger),
    column("valid_to_ms", BigInteger, nullable=True),
    column("version", Integer),
    UniqueConstraint("code", "valid_from_ms"),
    Index(None, "version"),
    scope=Scope(open=True, notes={"open": "the shape of a region concerns nobody in particular"}),
)

_NOBODYS = Scope(open=True, notes={"open": "where a road runs and how its stakes count concerns nobody in particular"})

ROUTE = table(
    "geo_route",
    METADATA,
    column("id", Integer, primary_key=True),
    column("number", String(20)),
    column("region", String(12)),
    column("name", String(120)),
    column("name_en", String(120), nullable=True),
    column("road_class", String(20)),
    column("source", String(120)),
    column("created_ms", BigInteger),
    column("updated_ms", BigInteger),
    column("revision", Integer),
    UniqueConstraint("number", "region"),
    Index(None, "region"),
    scope=_NOBODYS,
)
"""`region`: within which the number counts: the province for G and S, the county for X; `source`: what it was taken
from."""

ROUTE_LINE = table(
    "geo_route_line",
    METADATA,
    column("id", Integer, primary_key=True),
    column("route", Integer, ForeignKey("geo_route.id")),
    column("direction", String(4)),
    column("prefix", String(2)),
    column("part", Integer),
    *geometry_columns(),
    column("length_m", Float),
    column("valid_from_ms", BigInteger),
    column("valid_to_ms", BigInteger, nullable=True),
    column("revision", Integer),
    Index(None, "route"),
    scope=_NOBODYS,
)
"""A line of a route, always in the direction of rising stakes, also where traffic runs against it; `part`: its place
among the lines of a route that is interrupted; `length_m`: of the geometry, which is no chainage."""

MARK = table(
    "geo_mark",
    METADATA,
    column("id", Integer, primary_key=True),
    column("line", Integer, ForeignKey("geo_route_line.id")),
    column("along_m", Float),
    column("back_m", Float),
    column("ahead_m", Float),
    column("source", String(12)),
    column("valid_from_ms", BigInteger),
    column("valid_to_ms", BigInteger, nullable=True),
    column("revision", Integer),
    Index(None, "line"),
    scope=_NOBODYS,
)
"""A calibration point: way along the line, stake arrived at, stake that goes on."""

ROUTE_REVISION = table(
    "geo_route_revision",
    METADATA,
    column("id", Integer, primary_key=True),
    column("value", Integer),
    scope=_NOBODYS,
)
"""One row: the number of the newest change, by which other processes learn of it."""

ROOM = Room("geo", "tongqu.kernel.geo", METADATA)
