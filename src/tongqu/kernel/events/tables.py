"""Tables of the events: facts, and how far each subscription has come."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer, String, Text, UniqueConstraint

from tongqu.kernel.store import Retention, Scope, column, metadata, table

METADATA = metadata()
SERIAL = BigInteger().with_variant(Integer, "sqlite")

EVENT = table(
    "events_event",
    METADATA,
    column("seq", SERIAL, primary_key=True),
    column("type", String(80)),
    column("subject", String(160)),
    column("occurred_at_ms", BigInteger),
    column("recorded_at_ms", BigInteger),
    column("source", String(80)),
    column("key", String(160)),
    column("payload", Text),
    UniqueConstraint("type", "source", "key"),
    Index(None, "subject"),
    # Subscriptions act for the platform; people read what domains make of events, scoped there.
    scope=Scope(system=True),
    retention=Retention(days=2 * 366),
    sqlite_autoincrement=True,
)

OFFSET = table(
    "events_offset",
    METADATA,
    column("subscription", String(80), primary_key=True),
    column("seq", BigInteger),
    column("moved_ms", BigInteger),
    column("failures", Integer),
    column("error", Text, nullable=True),
    scope=Scope(system=True),
)
"""`seq`: the last event that was handled; `failures` and `error`: of the one after it."""
