"""All SQL of documents. A document is seen by whoever put it there, and by `documents.read` where it belongs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert, select, update

from tongqu.kernel.documents.tables import DOCUMENT, UPLOAD
from tongqu.kernel.store import Page, Query, Work, page, scoped

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
    """Forget documents whose time is over."""
    return work.execute(
        delete(DOCUMENT).where(scoped(work.actor, DOCUMENT), DOCUMENT.c.expires_ms < work.now_ms)
    ).rowcount


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
