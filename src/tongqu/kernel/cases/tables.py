"""Tables of the cases: what stands, and how it came to stand so (append-only)."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)

from tongqu.kernel.store import Parent, Personal, Scope, column, metadata, table

METADATA = metadata()
SERIAL = BigInteger().with_variant(Integer, "sqlite")

CASE = table(
    "cases_case",
    METADATA,
    column("id", String(16), primary_key=True),
    column("type", String(60)),
    column("key", String(160), nullable=True),
    column("number", String(120)),
    column("title", String(300)),
    column("state", String(40)),
    column("organisation", String(20), nullable=True),
    column("region", String(12), nullable=True),
    column("lon", Float, nullable=True),
    column("lat", Float, nullable=True),
    column("place", String(200)),
    column("subject", String(160)),
    column("priority", Integer),
    column("handler", String(80)),
    column("handler_name", String(120), personal=Personal.NAME),
    column("data", JSON),
    column("version", Integer),
    column("revision", BigInteger),
    column("opened_ms", BigInteger),
    column("closed_ms", BigInteger, nullable=True),
    UniqueConstraint("type", "key"),
    Index(None, "revision"),
    Index(None, "closed_ms"),
    Index(None, "region"),
    # Each type has a permission of its own to see it; the store asks for it.
    scope=Scope(organisation="organisation", region="region"),
)
"""`key`: what makes a second opening of the same case the first one again, NULL for none."""

_FOLLOWS = Scope(parent=Parent("case", CASE, "id"))

ENTRY = table(
    "cases_entry",
    METADATA,
    column("seq", SERIAL, primary_key=True),
    column("case", String(16), ForeignKey(CASE.c.id)),
    column("kind", String(12)),
    column("name", String(60)),
    column("source", String(40)),
    column("target", String(40)),
    column("at_ms", BigInteger),
    column("recorded_ms", BigInteger),
    column("actor", String(80)),
    column("actor_name", String(120), personal=Personal.NAME),
    column("lon", Float, nullable=True),
    column("lat", Float, nullable=True),
    column("place", String(200)),
    column("data", JSON),
    column("proof", String(64)),
    Index(None, "case"),
    scope=_FOLLOWS,
    sqlite_autoincrement=True,
)
"""Append-only; `proof` stands in the audit log as well."""

DOCUMENT = table(
    "cases_document",
    METADATA,
    column("case", String(16), ForeignKey(CASE.c.id), primary_key=True),
    column("kind", String(40), primary_key=True),
    column("document", String(16), primary_key=True),
    column("name", String(255)),
    column("sha256", String(64)),
    column("added_ms", BigInteger),
    column("added_by", String(80)),
    scope=_FOLLOWS,
)

SUPERVISION = table(
    "cases_supervision",
    METADATA,
    column("id", String(16), primary_key=True),
    column("case", String(16), ForeignKey(CASE.c.id)),
    column("level", String(12)),
    column("reason", Text),
    column("begun_ms", BigInteger),
    column("deadline_ms", BigInteger),
    column("actor", String(80)),
    column("actor_name", String(120), personal=Personal.NAME),
    column("lifted_ms", BigInteger, nullable=True),
    column("lifted_by", String(80), nullable=True),
    Index(None, "case"),
    scope=_FOLLOWS,
)
"""`deadline_ms`: the instant the superior ordered, a fact of the order."""

CHANGE = table(
    "cases_change",
    METADATA,
    column("id", Integer, primary_key=True, autoincrement=False),
    column("revision", BigInteger),
    scope=Scope(system=True),
)
"""One row: counts all changes, for those who watch."""
