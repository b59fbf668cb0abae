"""SQL of routes, their lines and marks."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, func, insert, or_, select, update

from tongqu.kernel.geo.tables import MARK, ROUTE, ROUTE_LINE, ROUTE_REVISION
from tongqu.kernel.store import Page, Query, Work, page, scoped

Row = dict[str, Any]
CHUNK = 500


def revision(work: Work) -> int:
    """Number of the newest change of any route, line or mark, 0 if there is none."""
    return int(work.scalar(select(ROUTE_REVISION.c.value).where(scoped(work.actor, ROUTE_REVISION))) or 0)


def next_revision(work: Work) -> int:
    """Take the next number of the counter."""
    value = revision(work) + 1
    if value == 1:
        work.execute(insert(ROUTE_REVISION), [{"id": 1, "value": 1}])
    else:
        work.execute(update(ROUTE_REVISION).where(scoped(work.actor, ROUTE_REVISION)).values(value=value))
    return value


def _valid_at(table: Table, at_ms: int) -> ColumnElement[bool]:
    return (table.c.valid_from_ms <= at_ms) & or_(table.c.valid_to_ms.is_(None), table.c.valid_to_ms > at_ms)


def next_change(work: Work, after_ms: int) -> int | None:
    """When the next line or mark begins or ends to be valid, in ms."""
    moments = [
        work.scalar(select(func.min(table.c[name])).where(scoped(work.actor, table), table.c[name] > after_ms))
        for table in (ROUTE_LINE, MARK)
        for name in ("valid_from_ms", "valid_to_ms")
    ]
    return min((int(moment) for moment in moments if moment is not None), default=None)


def add_route(work: Work, row: Row) -> int:
    return int(work.execute(insert(ROUTE).returning(ROUTE.c.id), [row]).scalar_one())


def change_route(work: Work, route: int, values: Row) -> None:
    work.execute(update(ROUTE).where(scoped(work.actor, ROUTE), ROUTE.c.id == route).values(**values))


def route(work: Work, route_id: int) -> Row | None:
    return work.one(select(ROUTE).where(scoped(work.actor, ROUTE), ROUTE.c.id == route_id))


def routes(work: Work, *, number: str | None = None, region: str | None = None) -> list[Row]:
    """Routes by number and the region it counts in, all of either that is not given, in the order of both."""
    statement = select(ROUTE).where(scoped(work.actor, ROUTE)).order_by(ROUTE.c.number, ROUTE.c.region)
    if number is not None:
        statement = statement.where(ROUTE.c.number == number)
    if region is not None:
        statement = statement.where(ROUTE.c.region == region)
    return work.rows(statement)


def listed_routes(work: Work, query: Query) -> Page:
    statement = select(ROUTE).where(scoped(work.actor, ROUTE))
    filters = dict(query.filters)
    for code in filters.pop("region", ())[:1]:
        statement = statement.where(ROUTE.c.region.startswith(code, autoescape=True))
    columns = {name: ROUTE.c[name] for name in ("id", "number", "region", "name", "name_en", "road_class", "source")}
    asked = replace(query, filters=filters)
    search = ("number", "name", "name_en")
    return page(work, statement, asked, columns=columns, key="id", search=search, default_sort="number")


def lines_at(work: Work, at_ms: int, route: int | None = None) -> list[Row]:
    where = [scoped(work.actor, ROUTE_LINE), _valid_at(ROUTE_LINE, at_ms)]
    if route is not None:
        where.append(ROUTE_LINE.c.route == route)
    order = ROUTE_LINE.c.route, ROUTE_LINE.c.direction.desc(), ROUTE_LINE.c.prefix, ROUTE_LINE.c.part, ROUTE_LINE.c.id
    return work.rows(select(ROUTE_LINE).where(*where).order_by(*order))


def line(work: Work, line_id: int) -> Row | None:
    return work.one(select(ROUTE_LINE).where(scoped(work.actor, ROUTE_LINE), ROUTE_LINE.c.id == line_id))


def marks_at(work: Work, at_ms: int, lines: Collection[int] | None = None) -> list[Row]:
    """Marks by line and way along it, of all lines or of some."""
    where = [scoped(work.actor, MARK), _valid_at(MARK, at_ms)]
    statement = select(MARK).order_by(MARK.c.line, MARK.c.along_m)
    if lines is None:
        return work.rows(statement.where(*where))
    return [row for part in _chunks(lines) for row in work.rows(statement.where(*where, MARK.c.line.in_(part)))]


def add_line(work: Work, row: Row) -> int:
    return int(work.execute(insert(ROUTE_LINE).returning(ROUTE_LINE.c.id), [row]).scalar_one())


def add_marks(work: Work, rows: list[Row]) -> None:
    if rows:
        work.execute(insert(MARK), rows)


def end_lines(work: Work, route: int, at_ms: int, new_revision: int) -> None:
    """End the lines of a route, with their marks, that are valid at a moment; what begins there was never in force."""
    ids = [row["id"] for row in lines_at(work, at_ms, route)]
    for part in _chunks(ids):
        _end(work, MARK, MARK.c.line.in_(part), at_ms, new_revision)
        _end(work, ROUTE_LINE, ROUTE_LINE.c.id.in_(part), at_ms, new_revision)


def end_marks(work: Work, line_id: int, at_ms: int, new_revision: int) -> None:
    _end(work, MARK, MARK.c.line == line_id, at_ms, new_revision)


def _end(work: Work, table: Table, which: ColumnElement[bool], at_ms: int, new_revision: int) -> None:
    may = scoped(work.actor, table)
    work.execute(delete(table).where(may, which, table.c.valid_from_ms == at_ms))
    work.execute(
        update(table).where(may, which, _valid_at(table, at_ms)).values(valid_to_ms=at_ms, revision=new_revision)
    )


def _chunks(ids: Collection[int]) -> Iterator[list[int]]:
    wanted = list(ids)
    for start in range(0, len(wanted), CHUNK):
        yield wanted[start : start + CHUNK]
