"""Tables of insight: which alarm belongs to which incident, and reports before and after they are sent."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Float, Index, Integer, String

from tongqu.kernel.store import Personal, Retention, Scope, column, metadata, table

METADATA = metadata()
KEPT = Retention(days=3 * 366)

MEMBER = table(
    "insight_member",
    METADATA,
    column("alarm", BigInteger, primary_key=True, autoincrement=False),
    column("incident", String(80)),
    column("case", String(16), nullable=True),
    column("rule", String(60)),
    column("cause", String(40)),
    column("severity", Integer),
    column("subject", String(160)),
    column("subject_name", String(120)),
    column("state", String(10)),
    column("live", Boolean),
    column("standing", Boolean),
    column("onset_ms", BigInteger),
    column("cleared_ms", BigInteger, nullable=True),
    column("lon", Float, personal=Personal.TRACK),
    column("lat", Float, personal=Personal.TRACK),
    column("region", String(12)),
    column("place", String(200)),
    column("revision", BigInteger),
    Index(None, "incident"),
    Index(None, "case"),
    Index(None, "onset_ms"),
    # Shown through an incident that its reader may see.
    scope=Scope(system=True),
    retention=KEPT,
)
"""One row an alarm; `case` is null while its group is not grave enough to reach the desk."""

REPORT = table(
    "insight_report",
    METADATA,
    column("id", String(16), primary_key=True),
    column("case", String(16)),
    column("region", String(12)),
    column("kind", String(12)),
    column("title", String(300)),
    column("body", JSON),
    column("language", String(2)),
    column("version", Integer),
    column("created_ms", BigInteger),
    column("changed_ms", BigInteger),
    column("author", String(80)),
    column("author_name", String(120), personal=Personal.NAME),
    column("submitted_ms", BigInteger, nullable=True),
    column("document", String(16), nullable=True),
    Index(None, "case"),
    scope=Scope(read="insight.read", region="region"),
    retention=KEPT,
)
"""`body` is a list of heading and text; once submitted it does not change, and `document` is what was sent."""
