"""SQL of the region tree."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, insert, or_, select, update

from tongqu.kernel.identity.tables import REGION
from tongqu.kernel.identity.values import Region
from tongqu.kernel.store import Work, scoped

_EDGES = ("west", "south", "east", "north")


def add(work: Work, regions: list[Region]) -> None:
    work.execute(insert(REGION), [_row(region) for region in regions])


def meanings(work: Work, code: str) -> list[Region]:
    """All a code has meant, oldest first."""
    return _found(work, REGION.c.code == code)


def valid_at(work: Work, at_ms: int, code: str | None = None) -> list[Region]:
    conditions = [REGION.c.valid_from_ms <= at_ms, or_(REGION.c.valid_to_ms.is_(None), REGION.c.valid_to_ms > at_ms)]
    if code is not None:
        conditions.append(REGION.c.code == code)
    return _found(work, *conditions)


def end(work: Work, region: Region, at_ms: int, successor: str | None) -> None:
    mine = REGION.c.code == region.code, REGION.c.valid_from_ms == region.valid_from_ms
    statement = update(REGION).where(scoped(work.actor, REGION), *mine)
    work.execute(statement.values(valid_to_ms=at_ms, successor=successor))


def _found(work: Work, *conditions: ColumnElement[bool]) -> list[Region]:
    query = select(REGION).where(scoped(work.actor, REGION), *conditions)
    return [_region(row) for row in work.rows(query.order_by(REGION.c.code, REGION.c.valid_from_ms))]


def _row(region: Region) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(region, name) for name in Region.__dataclass_fields__}
    bbox, centre = row.pop("bbox") or (None,) * 4, row.pop("centre") or (None, None)
    return row | dict(zip(_EDGES, bbox, strict=True)) | {"lon": centre[0], "lat": centre[1]}


def _region(row: dict[str, Any]) -> Region:
    edges = [row.pop(edge) for edge in _EDGES]
    lon, lat = row.pop("lon"), row.pop("lat")
    bbox = None if None in edges else (edges[0], edges[1], edges[2], edges[3])
    return Region(**row, bbox=bbox, centre=None if lon is None or lat is None else (lon, lat))
