"""Tables of documents: what is kept and for whom; the bytes lie in the vault."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, String

from tongqu.kernel.store import Personal, Retention, Scope, column, metadata, table

METADATA = metadata()
UPLOAD_DAYS = 1

DOCUMENT = table(
    "documents_document",
    METADATA,
    column("id", String(16), primary_key=True),
    column("name", String(255)),
    column("media_type", String(100)),
    column("size", BigInteger),
    column("sha256", String(64)),
    column("purpose", String(60)),
    column("person", String(60)),
    column("person_name", String(200), personal=Personal.NAME),
    column("organisation", String(60), nullable=True),
    column("region", String(12), nullable=True),
    column("created_ms", BigInteger),
    column("expires_ms", BigInteger, nullable=True),
    Index(None, "sha256"),
    Index(None, "created_ms"),
    scope=Scope(read="documents.read", organisation="organisation", region="region", person="person"),
)

UPLOAD = table(
    "documents_upload",
    METADATA,
    column("id", String(16), primary_key=True),
    column("name", String(255)),
    column("media_type", String(100)),
    column("size", BigInteger),
    column("sha256", String(64)),
    column("received", BigInteger),
    column("person", String(60)),
    column("organisation", String(60), nullable=True),
    column("region", String(12), nullable=True),
    column("created_ms", BigInteger),
    scope=Scope(person="person"),
    retention=Retention(days=UPLOAD_DAYS),
)
