"""Evidence: how a document was taken, what came from it, and that nobody removes what is needed."""

from __future__ import annotations

import hashlib
from typing import Any, Literal

import orjson

from tongqu.kernel import audit
from tongqu.kernel.documents import store
from tongqu.kernel.documents.service import Document, get, put
from tongqu.kernel.documents.vault import Content
from tongqu.kernel.store import Work
from tongqu.kit.errors import Forbidden, Invalid, Refused
from tongqu.kit.ids import urn

_FACTS = ("document", "sha256", "device", "device_verified", "captured_ms", "lon", "lat", "place", "recorded_ms")


def capture(
    work: Work,
    document_id: str,
    *,
    device: str,
    captured_ms: int,
    device_verified: str = "",
    lon: float | None = None,
    lat: float | None = None,
    place: str = "",
) -> dict[str, Any]:
    """Write down, once, how a document of the actor was taken. What was written stands with its hash in the audit log.

    Args:
        device: number of the camera, scale or phone; device_verified: its certificate of verification and its end.
        captured_ms: when; not in the future.
        lon, lat: where, degrees; place: as people write it.

    Raises:
        NotFound: `documents.unknown`.
        Forbidden: `documents.not_yours`.
        Invalid: `documents.captured_in_future`, `documents.half_a_place`.
        Refused: `documents.captured_before`.
    """
    document = get(work, document_id)
    if document["person"] != work.actor.id:
        raise Forbidden("documents.not_yours")
    if captured_ms > work.now_ms:
        raise Invalid("documents.captured_in_future", field="captured_ms")
    if (lon is None) != (lat is None):
        raise Invalid("documents.half_a_place", field="lat")
    row: dict[str, Any] = {
        "document": document_id,
        "sha256": document["sha256"],
        "device": device,
        "device_verified": device_verified,
        "captured_ms": captured_ms,
        "lon": lon,
        "lat": lat,
        "place": place,
        "recorded_ms": work.now_ms,
        "recorded_by": work.actor.id,
    }
    row["proof"] = proof_of(row)
    if not store.add_capture(work, row):
        raise Refused("documents.captured_before")
    owner = {"organisation": document["organisation"], "region": document["region"]}
    name = urn("document", document_id)
    audit.record(work, "documents.capture", name, **owner, sha256=document["sha256"], proof=row["proof"])
    return row


def proof_of(row: dict[str, Any]) -> str:
    """SHA-256 over the facts of a capture: what the audit log holds of it."""
    facts = {name: row[name] for name in _FACTS}
    return hashlib.sha256(orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)).hexdigest()


def derive(
    work: Work,
    content: Content,
    *,
    origin: str,
    relation: Literal["version", "derived"],
    how: str,
    name: str,
    media_type: str,
) -> Document:
    """Register kept content that came from a document: its next version, or a file derived from it. It belongs where
    the origin belongs.

    Args:
        how: what was done: `masked plates`, `thumbnail 320 px`.

    Raises:
        NotFound: `documents.unknown`.
    """
    row = get(work, origin)
    owner = {"organisation": row["organisation"], "region": row["region"]}
    made = put(work, content, name=name, media_type=media_type, purpose=relation, **owner)
    fact = {"document": made.id, "origin": origin, "relation": relation, "how": how, "recorded_ms": work.now_ms}
    store.add_origin(work, fact)
    audit.record(work, f"documents.{relation}", made.urn, **owner, origin=origin, how=how, sha256=made.sha256)
    return made


def hold(work: Work, document_id: str, holder: str) -> None:
    """Say that something (a case, by its URN) needs a document from now on: it is not removed any more."""
    get(work, document_id)
    store.add_hold(work, {"document": document_id, "holder": holder, "since_ms": work.now_ms})
