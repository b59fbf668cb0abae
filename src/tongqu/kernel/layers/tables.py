"""Tables of layers: their versions, features and pictures, as they are stored; what is drawn is made from them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer, String, Text, UniqueConstraint

from tongqu.kernel.geo import geometry_columns
from tongqu.kernel.store import Room, Scope, column, metadata, table

METADATA = metadata()
SERIAL = BigInteger().with_variant(Integer, "sqlite")

LAYER = table(
    "layers_layer",
    METADATA,
    column("layer", String(80), primary_key=True),
    column("version", BigInteger),
    column("changed_ms", BigInteger),
    scope=Scope(open=True, notes={"open": "that a layer changed concerns nobody in particular"}),
)

FEATURE = table(
    "layers_feature",
    METADATA,
    column("seq", SERIAL, primary_key=True),
    column("layer", String(80)),
    column("feature", String(120)),
    column("kind", String(40)),
    *geometry_columns(),
    column("properties", Text),
    column("min_zoom", Integer),
    column("rank", Integer),
    column("organisation", String(20), nullable=True),
    column("region", String(12), nullable=True),
    column("valid_from_ms", BigInteger),
    column("valid_to_ms", BigInteger, nullable=True),
    UniqueConstraint("layer", "feature", "valid_from_ms"),
    Index(None, "layer", "seq"),
    # Whether rows are open or somebody's is the layer's to say: readers go through `visible`, never to this table.
    scope=Scope(system=True),
)

IMAGE = table(
    "layers_image",
    METADATA,
    column("layer", String(80), primary_key=True),
    column("theme", String(10), primary_key=True),
    column("sha256", String(64)),
    column("size", Integer),
    *[column(side, FEATURE.c[side].type) for side in ("west", "south", "east", "north")],
    scope=Scope(open=True, notes={"open": "only open layers have pictures"}),
)

ROOM = Room("layers", "tongqu.kernel.layers", METADATA)
