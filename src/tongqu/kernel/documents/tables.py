"""Tables of documents: what is kept and for whom; the bytes lie in the vault."""

from __future__ import annotations

from sqlalchemy import BigInteger, Float, Index, String

from tongqu.kernel.store import Parent, Personal, Retention, Scope, column, metadata, table

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

_FOLLOWS = Scope(parent=Parent("document", DOCUMENT, "id"))

CAPTURE = table(
    "documents_capture",
    METADATA,
    column("document", String(16), primary_key=True),
    column("sha256", String(64)),
    column("device", String(80)),
    column("device_verified", String(80)),
    column("captured_ms", BigInteger),
    column("lon", Float, nullable=True),
    column("lat", Float, nullable=True),
    column("place", String(200)),
    column("recorded_ms", BigInteger),
    column("recorded_by", String(80)),
    column("proof", String(64)),
    scope=_FOLLOWS,
)
"""How evidence was taken; written once, `proof` stands in the audit log. `device_verified`: number of the device's
certificate of verification and the day it ends, as told."""

ORIGIN = table(
    "documents_origin",
    METADATA,
    column("document", String(16), primary_key=True),
    column("origin", String(16)),
    column("relation", String(10)),
    column("how", String(200)),
    column("recorded_ms", BigInteger),
    Index(None, "origin"),
    scope=_FOLLOWS,
)
"""A document that came from another: a `version` that takes its place, or something `derived` from it."""

HOLD = table(
    "documents_hold",
    METADATA,
    column("document", String(16), primary_key=True),
    column("holder", String(160), primary_key=True),
    column("since_ms", BigInteger),
    scope=_FOLLOWS,
)
"""Who needs a document: while somebody does it is not removed."""
