"""Tables of imports: each run, and what came of each row."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer, String

from tongqu.kernel.store import Parent, Personal, Retention, Scope, column, metadata, table

METADATA = metadata()
KEPT_DAYS = 90

RUN = table(
    "imports_run",
    METADATA,
    column("job", String(16), primary_key=True),
    column("importer", String(60)),
    column("document", String(16)),
    column("file_name", String(255)),
    column("dry_run", Boolean),
    column("all_or_nothing", Boolean),
    column("total", Integer),
    column("notes", JSON),
    column("created_ms", BigInteger),
    column("person", String(60)),
    column("person_name", String(200), personal=Personal.NAME),
    column("organisation", String(60), nullable=True),
    column("region", String(12), nullable=True),
    Index(None, "created_ms"),
    scope=Scope(read="imports.read", organisation="organisation", region="region", person="person"),
    retention=Retention(days=KEPT_DAYS),
)
"""Organisation and region are those of the person who imported."""

ROW = table(
    "imports_row",
    METADATA,
    column("job", String(16), ForeignKey(RUN.c.job, ondelete="CASCADE"), primary_key=True),
    column("row", Integer, primary_key=True, autoincrement=False),
    column("outcome", String(10)),
    column("key", String(200), nullable=True),
    column("urn", String(140), nullable=True),
    column("problems", JSON),
    Index(None, "job", "outcome"),
    scope=Scope(parent=Parent("job", RUN, "job")),
    retention=Retention(days=KEPT_DAYS),
)
