"""What documents do for their own order: unfinished uploads and expired documents go, content that nobody names too."""

from __future__ import annotations

from pathlib import Path

from tongqu.kernel.documents import store
from tongqu.kernel.documents.tables import UPLOAD_DAYS
from tongqu.kernel.documents.vault import vault
from tongqu.kernel.module import Finding
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import system_actor
from tongqu.kit.time import DAY_MS

ACTOR = system_actor("documents")


def run(platform: Platform) -> None:
    """Forget what is over; content goes a day after it was last taken in, so that none is lost on its way in."""
    files = vault(platform)
    now_ms = platform.clock.now_ms()
    with platform.store.write(ACTOR) as work:
        over = store.uploads_before(work, now_ms - UPLOAD_DAYS * DAY_MS)
        for upload_id in over:
            store.remove_upload(work, upload_id)
        store.expire(work)
    for upload_id in over:
        files.part(upload_id).unlink(missing_ok=True)
    with platform.store.read(ACTOR) as work:
        known = {row["sha256"] for row in store.contents(work)}
    files.sweep(known, (now_ms - DAY_MS) / 1000)


def check(platform: Platform) -> list[Finding]:
    """Whether the content of every document is there, in full size."""
    files = vault(platform)
    with platform.store.read(ACTOR) as work:
        named = store.contents(work)
    lost = [row["sha256"] for row in named if not _whole(files.path(row["sha256"]), row["size"])]
    if not lost:
        return [Finding("ok", "documents.whole", {"count": len(named)})]
    return [Finding("error", "documents.lost", {"count": len(lost), "first": lost[0]})]


def _whole(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size
