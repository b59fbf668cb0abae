"""Tables of the registry of fleets."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import JSON, BigInteger, Boolean, Float, Index, Integer, String, Text, UniqueConstraint

from tongqu.kernel.geo import geometry_columns
from tongqu.kernel.store import Personal, Scope, column, metadata, table

METADATA = metadata()
READ = "fleets.read"


class Energy(StrEnum):
    """What drives a vehicle."""

    DIESEL = "diesel"
    GASOLINE = "gasoline"
    GAS = "gas"
    ELECTRIC = "electric"
    HYBRID = "hybrid"
    HYDROGEN = "hydrogen"
    OTHER = "other"


class AreaKind(StrEnum):
    """What an area means for the vehicles it concerns."""

    KEEP_OUT = "keep_out"
    KEEP_IN = "keep_in"
    CORRIDOR = "corridor"
    SPEED = "speed"


ENTERPRISE = table(
    "fleets_enterprise",
    METADATA,
    column("id", String(20), primary_key=True),
    column("urn", String(140)),
    column("name", String(120)),
    column("short_name", String(60), nullable=True),
    column("licence", String(40), nullable=True),
    column("licence_key", String(40), nullable=True),
    column("category", String(40)),
    column("business", JSON),
    column("organisation", String(20)),
    column("parent", String(20), nullable=True),
    column("region", String(12)),
    column("active", Boolean),
    column("created_ms", BigInteger),
    column("updated_ms", BigInteger),
    column("revision", Integer),
    UniqueConstraint("licence_key"),
    Index(None, "name"),
    Index(None, "region"),
    scope=Scope(read=READ, organisation="organisation", region="region"),
)
"""`id` and `organisation` are the organisation of identity; `licence`: 道路运输经营许可证号; `business`: codes of the
categories it may run (经营范围); `licence_key`: the licence while it is active."""

VEHICLE = table(
    "fleets_vehicle",
    METADATA,
    column("id", String(20), primary_key=True),
    column("urn", String(140)),
    column("plate", String(20)),
    column("plate_colour", String(20)),
    column("identity_key", String(40), nullable=True),
    column("search", Text),
    column("category", String(40)),
    column("enterprise", String(20), nullable=True),
    column("organisation", String(20), nullable=True),
    column("region", String(12)),
    column("vin", String(17), nullable=True),
    column("vin_key", String(17), nullable=True),
    column("model", String(60), nullable=True),
    column("energy", String(12), nullable=True),
    column("seats", Integer, nullable=True),
    column("axles", Integer, nullable=True),
    column("load_kg", Integer, nullable=True),
    column("gross_mass_kg", Integer, nullable=True),
    column("length_m", Float, nullable=True),
    column("transport_licence", String(40), nullable=True),
    column("active", Boolean),
    column("created_ms", BigInteger),
    column("updated_ms", BigInteger),
    column("revision", Integer),
    UniqueConstraint("identity_key"),
    UniqueConstraint("vin_key"),
    Index(None, "plate"),
    Index(None, "enterprise"),
    Index(None, "region"),
    Index(None, "category"),
    scope=Scope(read=READ, organisation="organisation", region="region"),
)
"""`identity_key`, `vin_key`: plate + colour and VIN while the vehicle is active; `search`: normalised plate and VIN;
`transport_licence`: 道路运输证号; `region`: where it is registered."""

DRIVER = table(
    "fleets_driver",
    METADATA,
    column("id", String(20), primary_key=True),
    column("urn", String(140)),
    column("name", String(80), personal=Personal.NAME),
    column("driving_licence", String(40), personal=Personal.IDENTITY),
    column("driving_licence_key", String(40), nullable=True, personal=Personal.IDENTITY),
    column("licence_class", String(10), nullable=True),
    column("qualification", String(40), nullable=True, personal=Personal.IDENTITY),
    column("phone", String(30), nullable=True, personal=Personal.CONTACT),
    column("enterprise", String(20)),
    column("organisation", String(20)),
    column("region", String(12)),
    column("active", Boolean),
    column("created_ms", BigInteger),
    column("updated_ms", BigInteger),
    column("revision", Integer),
    UniqueConstraint("driving_licence_key"),
    Index(None, "name"),
    Index(None, "enterprise"),
    Index(None, "region"),
    scope=Scope(read=READ, organisation="organisation", region="region"),
)
"""`driving_licence`: 驾驶证号, and `driving_licence_key` the same while the driver is active; `qualification`:
从业资格证号."""

AREA = table(
    "fleets_area",
    METADATA,
    column("number", Integer, primary_key=True, autoincrement=True),
    column("id", String(20)),
    column("name", String(120)),
    column("kind", String(12)),
    *geometry_columns(),
    column("width_m", Float, nullable=True),
    column("limit_kmh", Float, nullable=True),
    column("cause", String(20)),
    column("categories", JSON),
    column("vehicles", JSON),
    column("organisation", String(20), nullable=True),
    column("region", String(12)),
    column("valid_from_ms", BigInteger),
    column("valid_to_ms", BigInteger, nullable=True),
    column("created_ms", BigInteger),
    column("revision", BigInteger),
    UniqueConstraint("id"),
    Index(None, "revision"),
    scope=Scope(read=READ, organisation="organisation", region="region"),
)
"""An area for supervision. What it says never changes: it is ended and another one made, so that a replay judges each
fix by what held then. `vehicles`: URNs; empty with `categories` empty too means all of its organisation, or all that
come into it where it has none. `cause`: what an alarm of it is grouped by."""
