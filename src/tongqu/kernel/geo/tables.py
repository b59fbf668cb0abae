"""Tables of geometry. The region tree itself lives in identity; its shapes live here."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer, String, UniqueConstraint

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

ROOM = Room("geo", "tongqu.kernel.geo", METADATA)
