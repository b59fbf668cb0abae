"""All SQL of the rules."""

from __future__ import annotations

from sqlalchemy import delete, func, insert, select

from tongqu.kernel.rules.tables import CHECKPOINT
from tongqu.kernel.store import Work, scoped

KEPT = 3


def save(work: Work, log_offset: int, states: bytes) -> None:
    """Keep states; older ones than the last few go."""
    row = {"log_offset": log_offset, "saved_ms": work.now_ms, "states": states}
    work.execute(insert(CHECKPOINT).values(row))
    newest = work.scalar(select(func.max(CHECKPOINT.c.id)).where(scoped(work.actor, CHECKPOINT)))
    work.execute(delete(CHECKPOINT).where(scoped(work.actor, CHECKPOINT), CHECKPOINT.c.id <= int(newest) - KEPT))


def newest(work: Work) -> list[bytes]:
    """States that are kept, the newest first."""
    kept = select(CHECKPOINT.c.states).where(scoped(work.actor, CHECKPOINT)).order_by(CHECKPOINT.c.id.desc())
    return [bytes(row["states"]) for row in work.rows(kept)]
