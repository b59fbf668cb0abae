"""Tables of the registry."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint

from tongqu.kernel.store import Parent, Personal, Scope, column, metadata, table

METADATA = metadata()

THING = table(
    "things_thing",
    METADATA,
    column("key", BigInteger, primary_key=True, autoincrement=False),
    column("urn", String(140)),
    column("kind", String(40)),
    column("name", String(120)),
    column("name_key", String(120)),
    column("search", Text),
    column("category", String(60)),
    column("organisation", String(20), nullable=True),
    column("region", String(12), nullable=True),
    column("valid_from_ms", BigInteger),
    column("valid_to_ms", BigInteger, nullable=True),
    column("revision", BigInteger),
    UniqueConstraint("urn"),
    Index(None, "name_key"),
    Index(None, "revision"),
    scope=Scope(organisation="organisation", region="region"),
)
"""`search`: normalised name and aliases, a line each: what the search box looks in."""

ALIAS = table(
    "things_alias",
    METADATA,
    column("thing", BigInteger, ForeignKey(THING.c.key), primary_key=True),
    column("type", String(40), primary_key=True),
    column("value", String(120), primary_key=True, personal=Personal.IDENTITY),
    column("value_key", String(120)),
    column("unique_key", String(210), nullable=True),
    UniqueConstraint("unique_key"),
    Index(None, "value_key"),
    scope=Scope(parent=Parent("thing", THING, "key")),
)
"""`unique_key`: kind, type and value of an alias that no two living things of the kind may share, else null."""

RELATION = table(
    "things_relation",
    METADATA,
    column("id", BigInteger, primary_key=True, autoincrement=False),
    column("subject", BigInteger, ForeignKey(THING.c.key)),
    column("relation", String(40)),
    column("object", BigInteger, ForeignKey(THING.c.key)),
    column("from_ms", BigInteger),
    column("to_ms", BigInteger, nullable=True),
    column("revision", BigInteger),
    Index(None, "subject"),
    Index(None, "object"),
    Index(None, "revision"),
    scope=Scope(parent=Parent("subject", THING, "key")),
)

COUNTER = table(
    "things_counter",
    METADATA,
    column("name", String(20), primary_key=True),
    column("value", BigInteger),
    scope=Scope(open=True),
)
"""`thing` and `relation`: the last number given; `revision`: the last change of the registry."""
