"""Tables of the road network."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Float, ForeignKey, Index, Integer, String, UniqueConstraint

from tongqu.kernel.geo import geometry_columns
from tongqu.kernel.store import Room, Scope, column, metadata, table

METADATA = metadata()
READ = "roads.read"
_PUBLIC = Scope(read=READ, open=True, notes={"open": "where roads run and what is signed there concerns nobody alone"})

SOURCE = table(
    "roads_source",
    METADATA,
    column("id", Integer, primary_key=True),
    column("name", String(120)),
    column("kind", String(20)),
    column("region", String(12), nullable=True),
    column("digest", String(64)),
    column("made_ms", BigInteger, nullable=True),
    column("taken_ms", BigInteger),
    column("active", Boolean),
    column("links", Integer),
    column("routes", Integer),
    Index(None, "name"),
    scope=_PUBLIC,
)
"""A file that the network was taken from; only links of active sources count, so that half a file never does."""

LINK = table(
    "roads_link",
    METADATA,
    column("id", Integer, primary_key=True),
    column("source", Integer, ForeignKey("roads_source.id")),
    column("origin", String(40)),
    column("road_class", String(20)),
    column("number", String(60), nullable=True),
    column("name", String(200), nullable=True),
    column("oneway", Boolean),
    column("limit_kmh", Float, nullable=True),
    column("limit_back_kmh", Float, nullable=True),
    column("lanes", Integer, nullable=True),
    column("bridge", Boolean),
    column("tunnel", Boolean),
    column("toll", Boolean),
    column("length_m", Float),
    *geometry_columns(),
    Index(None, "source"),
    scope=_PUBLIC,
)
"""A stretch of road; `origin`: its id in the source; `limit_kmh`: posted, in the order of its points,
`limit_back_kmh` the other way, both empty where the source does not say."""

FACILITY = table(
    "roads_facility",
    METADATA,
    column("id", String(20), primary_key=True),
    column("urn", String(140)),
    column("kind", String(20)),
    column("code", String(40), nullable=True),
    column("code_key", String(64), nullable=True),
    column("name", String(120)),
    column("search", String(400)),
    column("route", Integer),
    column("number", String(20)),
    column("route_region", String(12)),
    column("direction", String(4)),
    column("prefix", String(2)),
    column("stake_m", Float),
    column("branch", String(1)),
    column("end_stake_m", Float, nullable=True),
    column("side", String(6)),
    column("lane", Integer),
    column("lon", Float, nullable=True),
    column("lat", Float, nullable=True),
    column("organisation", String(20), nullable=True),
    column("region", String(12)),
    column("active", Boolean),
    column("created_ms", BigInteger),
    column("updated_ms", BigInteger),
    column("revision", Integer),
    UniqueConstraint("code_key"),
    Index(None, "kind"),
    Index(None, "route", "stake_m"),
    Index(None, "region"),
    scope=Scope(read=READ, organisation="organisation", region="region"),
)
"""What stands along a road, kept by its stake; `lon`, `lat` follow from the route's calibration and are empty where
that gives the stake no place. `number`, `route_region`: the route's, for lists; `code_key`: kind and code while it is
active."""

ROOM = Room("roads", "tongqu.domains.roads", METADATA)
