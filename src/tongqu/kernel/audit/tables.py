"""Tables of the audit log: what was done, and the batches that chain it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, String, Text

from tongqu.kernel.store import Personal, Retention, Scope, column, metadata, table

METADATA = metadata()
SERIAL = BigInteger().with_variant(Integer, "sqlite")

ENTRY = table(
    "audit_entry",
    METADATA,
    column("seq", SERIAL, primary_key=True),
    column("at_ms", BigInteger),
    column("actor", String(80)),
    column("actor_name", String(120), personal=Personal.NAME),
    column("actor_kind", String(10)),
    column("verb", String(80)),
    column("subject", String(160)),
    column("organisation", String(20), nullable=True),
    column("region", String(12), nullable=True),
    column("details", Text),
    Index(None, "subject"),
    Index(None, "at_ms"),
    # Persons do not see their own entries without the permission: a log is not a diary.
    scope=Scope(read="audit.read", organisation="organisation", region="region"),
    retention=Retention(days=3 * 366),
    sqlite_autoincrement=True,
)
"""Append-only. `details` is canonical JSON text: its bytes are hashed, so they are kept as they were written."""

BATCH = table(
    "audit_batch",
    METADATA,
    column("number", BigInteger, primary_key=True, autoincrement=False),
    column("first_seq", BigInteger),
    column("last_seq", BigInteger),
    column("leaves", LargeBinary),
    column("root", String(64)),
    column("previous", String(64)),
    column("hash", String(64)),
    column("sealed_ms", BigInteger),
    scope=Scope(system=True),
    retention=Retention(days=3 * 366),
)
"""`leaves`: per entry 8 bytes sequence number (big-endian) and 32 bytes SHA-256; `hash` covers all other columns."""
