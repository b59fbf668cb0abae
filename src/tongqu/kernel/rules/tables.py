"""States of the rules, kept with the alarms they raised."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, LargeBinary

from tongqu.kernel.store import Scope, column, metadata, table

METADATA = metadata()

CHECKPOINT = table(
    "rules_checkpoint",
    METADATA,
    column("id", Integer, primary_key=True, autoincrement=True),
    column("log_offset", BigInteger),
    column("saved_ms", BigInteger),
    column("states", LargeBinary),
    scope=Scope(system=True),
)
