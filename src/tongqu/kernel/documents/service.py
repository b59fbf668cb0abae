"""The verbs of documents. File work is done outside of units of work: keep the content first, then put the document."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tongqu.kernel import audit
from tongqu.kernel.documents import store
from tongqu.kernel.documents.vault import Content, vault, write_part
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor, Work, allowed
from tongqu.kit.errors import Forbidden, Invalid, NotFound, Refused, TooLarge, Unavailable
from tongqu.kit.ids import Urn, new_id, urn

MOST_MB = 512
CHUNK_MB = 8
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][\w.+-]{0,60}/[A-Za-z0-9][\w.+-]{0,60}")


@dataclass(frozen=True)
class Document:
    """A kept file: its id is what `GET /documents/{id}` answers to."""

    id: str
    name: str
    media_type: str
    size: int
    sha256: str

    @property
    def urn(self) -> Urn:
        return urn("document", self.id)


def clean_name(name: str) -> str:
    """A file name without folders, control characters and tricks of direction; never empty."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(char for char in last if unicodedata.category(char)[0] != "C").strip(" .")
    return kept[-200:] or "file"


def media_type_of(given: str | None) -> str:
    """A well-formed media type; what is not is plain bytes."""
    return given if given and _MEDIA_TYPE.fullmatch(given) else "application/octet-stream"


def most_bytes(platform: Platform) -> int:
    """How large a file may be: option `documents.most_mb`."""
    return int(platform.settings.options.get("documents.most_mb", str(MOST_MB))) << 20


def put(
    work: Work,
    content: Content,
    *,
    name: str,
    media_type: str,
    purpose: str = "file",
    organisation: str | None = None,
    region: str | None = None,
    expires_ms: int | None = None,
) -> Document:
    """Register kept content (`vault(platform).keep(...)`) as a document of the actor.

    Args:
        purpose: what it is for: `file`, `import`, `export`.
        organisation: whose document it is besides the actor's; region: the region it concerns. With neither, only
            the actor sees it. Whether the actor may give it away like this is checked by the caller.
        expires_ms: when it is forgotten; never if None.
    """
    document = Document(new_id(), clean_name(name), media_type_of(media_type), content.size, content.sha256)
    store.add(
        work,
        {
            "id": document.id,
            "name": document.name,
            "media_type": document.media_type,
            "size": document.size,
            "sha256": document.sha256,
            "purpose": purpose,
            "person": work.actor.id,
            "person_name": work.actor.name,
            "organisation": organisation,
            "region": region,
            "created_ms": work.now_ms,
            "expires_ms": expires_ms,
        },
    )
    return document


def get(work: Work, document_id: str) -> dict[str, Any]:
    """The row of a document.

    Raises:
        NotFound: `documents.unknown`: there is none, or none that the actor may see.
    """
    row = store.get(work, document_id)
    if row is None:
        raise NotFound("documents.unknown", document=document_id)
    return row


def file_of(platform: Platform, row: dict[str, Any]) -> Path:
    """The file with a document's content; read it, never write to it.

    Raises:
        Unavailable: `documents.content_missing`: the vault has lost it.
    """
    path = vault(platform).path(row["sha256"])
    if not path.is_file():
        raise Unavailable("documents.content_missing", document=row["id"])
    return path


def read_for(work: Work, row: dict[str, Any]) -> None:
    """Write down that the actor takes a document out of the house."""
    owner = {"organisation": row["organisation"], "region": row["region"]}
    audit.record(work, "documents.read", urn("document", row["id"]), sha256=row["sha256"], **owner)


def remove(work: Work, document_id: str) -> None:
    """Forget a document; its content goes with the next sweep if no other document has the same.

    Raises:
        NotFound: `documents.unknown`.
        Forbidden: `web.no_permission`: it is another's, and the actor does not hold `documents.write` there.
        Refused: `documents.held`: it is evidence, or a case or something else needs it.
    """
    row = get(work, document_id)
    _require_owner(work.actor, row["person"], row["organisation"], row["region"])
    if store.is_held(work, document_id) or store.capture(work, document_id) is not None:
        raise Refused("documents.held", document=document_id)
    store.remove(work, document_id)
    owner = {"organisation": row["organisation"], "region": row["region"]}
    audit.record(work, "documents.remove", urn("document", document_id), sha256=row["sha256"], **owner)


def begin_upload(
    work: Work,
    platform: Platform,
    *,
    name: str,
    size: int,
    sha256: str,
    media_type: str | None,
    organisation: str | None,
    region: str | None,
) -> str:
    """Announce a file; its bytes follow in pieces. Gives the id of the upload.

    Raises:
        TooLarge: `documents.too_large`.
        Forbidden: `web.no_permission`: the actor may not put documents there.
    """
    most = most_bytes(platform)
    if size > most:
        raise TooLarge("documents.too_large", field="size", most_mb=most >> 20)
    if organisation is not None or region is not None:
        _require_owner(work.actor, None, organisation, region)
    upload_id = new_id()
    store.add_upload(
        work,
        {
            "id": upload_id,
            "name": clean_name(name),
            "media_type": media_type_of(media_type),
            "size": size,
            "sha256": sha256.lower(),
            "received": 0,
            "person": work.actor.id,
            "organisation": organisation,
            "region": region,
            "created_ms": work.now_ms,
        },
    )
    return upload_id


def upload_of(work: Work, upload_id: str) -> dict[str, Any]:
    """The row of an unfinished upload of the actor.

    Raises:
        NotFound: `documents.unknown_upload`.
    """
    row = store.upload(work, upload_id)
    if row is None:
        raise NotFound("documents.unknown_upload", upload=upload_id)
    return row


def receive(platform: Platform, actor: Actor, upload_id: str, offset: int, data: bytes) -> int:
    """Take the next bytes of an upload; gives how many there are now. Opens its own units of work.

    Raises:
        NotFound: `documents.unknown_upload`.
        Refused: `documents.offset`: the upload does not stand at this offset; ask where it stands and go on there.
        TooLarge: `documents.too_many_bytes`: more than was announced.
    """
    with platform.store.read(actor) as work:
        row = upload_of(work, upload_id)
    if row["received"] != offset:
        raise Refused("documents.offset", field="Upload-Offset", expected=row["received"], given=offset)
    if offset + len(data) > row["size"]:
        raise TooLarge("documents.too_many_bytes", size=row["size"])
    write_part(vault(platform).part(upload_id), offset, data)
    with platform.store.write(actor) as work:
        if not store.advance(work, upload_id, offset, offset + len(data)):
            raise Refused("documents.offset", field="Upload-Offset", expected="?", given=offset)
    return offset + len(data)


def complete(platform: Platform, actor: Actor, upload_id: str) -> Document:
    """Check an upload and make it a document. Opens its own units of work.

    Raises:
        NotFound: `documents.unknown_upload`.
        Refused: `documents.incomplete`.
        Invalid: `documents.wrong_hash`: the bytes are not those announced; the upload is gone.
    """
    files = vault(platform)
    with platform.store.read(actor) as work:
        row = upload_of(work, upload_id)
    if row["received"] != row["size"]:
        raise Refused("documents.incomplete", received=row["received"], size=row["size"])
    part = files.part(upload_id)
    if row["size"] == 0:
        write_part(part, 0, b"")
    content = files.measure(part)
    if content != Content(row["sha256"], row["size"]):
        abandon(platform, actor, upload_id)
        raise Invalid("documents.wrong_hash", field="sha256", announced=row["sha256"], found=content.sha256)
    files.adopt(part, content)
    with platform.store.write(actor) as work:
        if not store.remove_upload(work, upload_id):
            raise NotFound("documents.unknown_upload", upload=upload_id)
        document = put(
            work,
            content,
            name=row["name"],
            media_type=row["media_type"],
            organisation=row["organisation"],
            region=row["region"],
        )
    part.unlink(missing_ok=True)
    return document


def abandon(platform: Platform, actor: Actor, upload_id: str) -> None:
    """Give up an upload.

    Raises:
        NotFound: `documents.unknown_upload`.
    """
    with platform.store.write(actor) as work:
        upload_of(work, upload_id)
        store.remove_upload(work, upload_id)
    vault(platform).part(upload_id).unlink(missing_ok=True)


def _require_owner(actor: Actor, person: str | None, organisation: str | None, region: str | None) -> None:
    if person is not None and person == actor.id:
        return
    if not allowed(actor, "documents.write", organisation=organisation, region=region):
        raise Forbidden("web.no_permission", permission="documents.write")
