"""Tables of indicators: what was computed when and from what, and the observations."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Float, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy import Boolean as Bool

from tongqu.kernel.indicators.values import READ
from tongqu.kernel.store import Retention, Room, Scope, column, metadata, table

METADATA = metadata()
ROOM = Room("indicators", "tongqu.kernel.indicators", METADATA)

RUN = table(
    "indicators_run",
    METADATA,
    column("id", String(16), primary_key=True),
    column("indicator", String(80)),
    column("version", Integer),
    column("period", String(8)),
    column("from_ms", BigInteger),
    column("to_ms", BigInteger),
    column("closed", Bool),
    column("computed_ms", BigInteger),
    column("changed_ms", BigInteger),
    column("job", String(16)),
    column("fingerprint", String(64)),
    column("parts", JSON),
    column("parameters", JSON),
    column("rows", BigInteger),
    UniqueConstraint("indicator", "version", "period", "from_ms"),
    scope=Scope(read=READ, open=True),
    retention=Retention(None),
)
"""One computation of one indicator for one window. `parts`: names and row counts of what was read of the history;
`fingerprint`: SHA-256 over these, the bindings and the projections of the window: it differs when late data came.
`parameters`: values and status of the legal numbers used. `closed`: the window had ended and was sealed.
`changed_ms`: when its observations last changed."""

OBSERVATION = table(
    "indicators_observation",
    METADATA,
    column("run", String(16), ForeignKey(RUN.c.id), primary_key=True),
    column("number", Integer, primary_key=True),
    column("indicator", String(80)),
    column("version", Integer),
    column("period", String(8)),
    column("from_ms", BigInteger),
    column("organisation", String(20), nullable=True),
    column("region", String(12), nullable=True),
    column("key", String(120)),
    column("numerator", Float),
    column("denominator", Float, nullable=True),
    Index(None, "indicator", "period", "from_ms"),
    scope=Scope(read=READ, organisation="organisation", region="region"),
    retention=Retention(None),
)
"""`key`: values of the indicator's grain in its order, joined by `|`; empty where it has none."""
