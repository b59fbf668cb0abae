"""The register of numbers that were given out."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, String, UniqueConstraint

from tongqu.kernel.store import Scope, column, metadata, table

METADATA = metadata()

NUMBER = table(
    "numbering_number",
    METADATA,
    column("series", String(80), primary_key=True),
    column("owner", String(40), primary_key=True),
    column("period", String(10), primary_key=True),
    column("number", Integer, primary_key=True, autoincrement=False),
    column("text", String(120)),
    column("subject", String(160)),
    column("given_ms", BigInteger),
    column("given_by", String(80)),
    UniqueConstraint("series", "text"),
    # Whoever may see a subject sees the number on it; the register itself is the platform's.
    scope=Scope(system=True),
)
"""Append-only: a number once given is never given again, also if what carried it is gone."""
