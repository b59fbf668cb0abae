"""SQL of the shapes of regions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update

from tongqu.kernel.geo.tables import REGION_SHAPE
from tongqu.kernel.store import Work, scoped


def _valid_at(at_ms: int) -> ColumnElement[bool]:
    until = REGION_SHAPE.c.valid_to_ms
    return (REGION_SHAPE.c.valid_from_ms <= at_ms) & or_(until.is_(None), until > at_ms)


def version(work: Work) -> int:
    """Version of the newest change of any shape, 0 if there is none."""
    return int(work.scalar(select(func.max(REGION_SHAPE.c.version)).where(scoped(work.actor, REGION_SHAPE))) or 0)


def shapes_at(work: Work, at_ms: int) -> list[dict[str, Any]]:
    where = scoped(work.actor, REGION_SHAPE), _valid_at(at_ms)
    return work.rows(select(REGION_SHAPE).where(*where).order_by(REGION_SHAPE.c.code))


def shape_at(work: Work, code: str, at_ms: int) -> dict[str, Any] | None:
    where = scoped(work.actor, REGION_SHAPE), REGION_SHAPE.c.code == code, _valid_at(at_ms)
    return work.one(select(REGION_SHAPE).where(*where))


def next_change(work: Work, after_ms: int) -> int | None:
    """When the next shape begins or ends to be valid, in ms."""
    moments = [
        work.scalar(select(func.min(column)).where(scoped(work.actor, REGION_SHAPE), column > after_ms))
        for column in (REGION_SHAPE.c.valid_from_ms, REGION_SHAPE.c.valid_to_ms)
    ]
    return min((int(moment) for moment in moments if moment is not None), default=None)


def put_shape(work: Work, row: dict[str, Any]) -> None:
    """Write the shape of a region from a moment on; the shape before it ends there."""
    code, start = REGION_SHAPE.c.code == row["code"], row["valid_from_ms"]
    may = scoped(work.actor, REGION_SHAPE)
    work.execute(delete(REGION_SHAPE).where(may, code, REGION_SHAPE.c.valid_from_ms == start))
    work.execute(
        update(REGION_SHAPE).where(may, code, _valid_at(start)).values(valid_to_ms=start, version=row["version"])
    )
    work.execute(insert(REGION_SHAPE), [row])


def end_shape(work: Work, code: str, at_ms: int, new_version: int) -> int:
    """End the shape that is valid at a moment; gives how many rows that were."""
    where = scoped(work.actor, REGION_SHAPE), REGION_SHAPE.c.code == code, _valid_at(at_ms)
    return work.execute(update(REGION_SHAPE).where(*where).values(valid_to_ms=at_ms, version=new_version)).rowcount
