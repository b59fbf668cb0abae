"""All SQL of documents. A document is seen by whoever put it there, and by `documents.read` where it belongs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert, or_, select, update

from tongqu.kernel.documents.tables import CAPTURE, DOCUMENT, HOLD, ORIGIN, UPLOAD
from tongqu.kernel.store import Page, Query, Work, insert_new, page, scoped, system_actor

PLATFORM = system_actor("documents")
_LISTED = {name: DOCUMENT.c[name] for name in ("id", "name", "media_type", "size", "purpose", "created_ms", "region")}


def add(work: Work, values: dict[str, Any]) -> None:
    work.execute(insert(DOCUMENT).values(**values))


def get(work: Work, document_id: str) -> dict[str, Any] | None:
    return work.one(select(DOCUMENT).where(scoped(work.actor, DOCUMENT), DOCUMENT.c.id == document_id))


def listed(work: Work, query: Query) -> Page:
    statement = select(DOCUMENT).where(scoped(work.actor, DOCUMENT))
    return page(work, statement, query, columns=_LISTED, key="id", search=("name",), default_sort="-created_ms")


def remove(work: Work, document_id: str) -> None:
    work.execute(delete(DOCUMENT).where(scoped(work.actor, DOCUMENT), DOCUMENT.c.id == document_id))


def expire(work: Work) -> int:
    """Forget documents whose time is over and that nobody holds."""
    over = scoped(work.actor, DOCUMENT), DOCUMENT.c.expires_ms < work.now_ms
    held = select(HOLD.c.document).where(scoped(PLATFORM, HOLD))
    return work.execute(delete(DOCUMENT).where(*over, DOCUMENT.c.id.not_in(held))).rowcount


def contents(work: Work) -> list[dict[str, Any]]:
    """Hash and size of all content that some document names."""
    return work.rows(select(DOCUMENT.c.sha256, DOCUMENT.c.size).where(scoped(work.actor, DOCUMENT)).distinct())


def add_upload(work: Work, values: dict[str, Any]) -> None:
    work.execute(insert(UPLOAD).values(**values))


def upload(work: Work, upload_id: str) -> dict[str, Any] | None:
    return work.one(select(UPLOAD).where(scoped(work.actor, UPLOAD), UPLOAD.c.id == upload_id))


def advance(work: Work, upload_id: str, offset: int, received: int) -> bool:
    """Move an upload on from an offset; False if it does not stand there any more."""
    mine = (scoped(work.actor, UPLOAD), UPLOAD.c.id == upload_id, UPLOAD.c.received == offset)
    return work.execute(update(UPLOAD).where(*mine).values(received=received)).rowcount == 1


def remove_upload(work: Work, upload_id: str) -> bool:
    return work.execute(delete(UPLOAD).where(scoped(work.actor, UPLOAD), UPLOAD.c.id == upload_id)).rowcount == 1


def uploads_before(work: Work, before_ms: int) -> list[str]:
    mine = (scoped(work.actor, UPLOAD), UPLOAD.c.created_ms < before_ms)
    return [row["id"] for row in work.rows(select(UPLOAD.c.id).where(*mine))]


def add_capture(work: Work, row: dict[str, Any]) -> bool:
    """Keep how a document was taken; False if that was told before."""
    return insert_new(work, CAPTURE, row, unique=("document",), give=CAPTURE.c.document) is not None


def capture(work: Work, document_id: str) -> dict[str, Any] | None:
    return work.one(select(CAPTURE).where(scoped(work.actor, CAPTURE), CAPTURE.c.document == document_id))


def add_origin(work: Work, row: dict[str, Any]) -> None:
    work.execute(insert(ORIGIN).values(**row))


def origins(work: Work, document_id: str) -> list[dict[str, Any]]:
    """Where a document comes from and what comes from it, as far as the actor may see them."""
    mine = scoped(work.actor, ORIGIN), or_(ORIGIN.c.document == document_id, ORIGIN.c.origin == document_id)
    return work.rows(select(ORIGIN).where(*mine).order_by(ORIGIN.c.recorded_ms, ORIGIN.c.document))


def add_hold(work: Work, row: dict[str, Any]) -> None:
    insert_new(work, HOLD, row, unique=("document", "holder"), give=HOLD.c.document)


def is_held(work: Work, document_id: str) -> bool:
    mine = scoped(PLATFORM, HOLD), HOLD.c.document == document_id
    return work.scalar(select(HOLD.c.holder).where(*mine).limit(1)) is not None
