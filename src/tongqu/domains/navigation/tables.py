"""Tables of navigation."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Float, Index, Integer, PrimaryKeyConstraint, String, Text

from tongqu.kernel.store import Scope, column, metadata, table

METADATA = metadata()
READ = "navigation.read"
_SCOPE = Scope(read=READ, organisation="organisation", region="region")

SHIP = table(
    "navigation_ship",
    METADATA,
    column("id", String(20), primary_key=True),
    column("urn", String(140)),
    column("key", BigInteger),
    column("mmsi", BigInteger),
    column("name", String(60), nullable=True),
    column("call_sign", String(10), nullable=True),
    column("imo", BigInteger, nullable=True),
    column("category", String(20)),
    column("ship_type", Integer, nullable=True),
    column("transponder", String(4)),
    column("length_m", Integer, nullable=True),
    column("beam_m", Integer, nullable=True),
    column("draught_m", Float, nullable=True),
    column("destination", String(40), nullable=True),
    column("eta", String(16), nullable=True),
    column("status", Integer, nullable=True),
    column("mothership", BigInteger, nullable=True),
    column("own", Boolean),
    column("receiver", String(20)),
    column("messages", BigInteger),
    column("first_ms", BigInteger),
    column("heard_ms", BigInteger),
    column("organisation", String(20), nullable=True),
    column("region", String(12), nullable=True),
    column("search", Text),
    Index(None, "name"),
    Index(None, "region"),
    Index(None, "heard_ms"),
    scope=_SCOPE,
)
"""`id`: the MMSI with nine digits, also the last part of the URN; `key`: number of the thing; `eta`: `MM-DDThh:mm`, a
month and day without a year as AIS has it; `own`: the ship that carries a receiver; `search`: normalised name, call
sign, MMSI and IMO number."""

STATION = table(
    "navigation_station",
    METADATA,
    column("id", String(20), primary_key=True),
    column("mmsi", BigInteger),
    column("kind", String(8)),
    column("name", String(60), nullable=True),
    column("aid_type", Integer, nullable=True),
    column("virtual", Boolean, nullable=True),
    column("off_position", Boolean, nullable=True),
    column("lon", Float, nullable=True),
    column("lat", Float, nullable=True),
    column("receiver", String(20)),
    column("messages", BigInteger),
    column("first_ms", BigInteger),
    column("heard_ms", BigInteger),
    column("organisation", String(20), nullable=True),
    column("region", String(12), nullable=True),
    Index(None, "region"),
    scope=_SCOPE,
)
"""`kind`: `base` or `aid`; `off_position` is None where the report does not vouch for it."""

MESSAGE = table(
    "navigation_message",
    METADATA,
    column("mmsi", BigInteger),
    column("type", Integer),
    column("part", Integer),
    column("at_ms", BigInteger),
    column("sentences", Text),
    column("receiver", String(20)),
    column("organisation", String(20), nullable=True),
    column("region", String(12), nullable=True),
    PrimaryKeyConstraint("mmsi", "type", "part"),
    scope=_SCOPE,
)
"""The last message of each type (24: of each part) of each sender, as received."""

RECEIVER = table(
    "navigation_receiver",
    METADATA,
    column("id", String(20), primary_key=True),
    column("name", String(120)),
    column("transport", String(8)),
    column("address", String(120)),
    column("online", Boolean),
    column("lines", BigInteger),
    column("sentences", BigInteger),
    column("messages", BigInteger),
    column("refused", BigInteger),
    column("doubled", BigInteger),
    column("last_reason", String(20), nullable=True),
    column("first_ms", BigInteger),
    column("heard_ms", BigInteger),
    column("organisation", String(20), nullable=True),
    column("region", String(12), nullable=True),
    Index(None, "region"),
    scope=_SCOPE,
)
"""A receiver: who sends from one address over one transport (`tcp`, `udp`), or is called (`dial`)."""
