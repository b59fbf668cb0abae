"""All SQL of fleets. A row is seen by its organisation's people and those of its home region who hold `fleets.read`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Table, func, insert, or_, select, update

from tongqu.domains.fleets.tables import AREA, DRIVER, ENTERPRISE, VEHICLE
from tongqu.kernel import things
from tongqu.kernel.store import Page, Query, Work, page, scoped

Row = dict[str, Any]
CHUNK = 5_000

_LISTED = {
    ENTERPRISE: ("id", "name", "short_name", "licence", "category", "region", "active", "created_ms", "updated_ms"),
    VEHICLE: (
        "id", "plate", "plate_colour", "category", "enterprise", "region", "vin", "model", "energy", "seats", "axles",
        "load_kg", "gross_mass_kg", "length_m", "active", "created_ms", "updated_ms",
    ),
    DRIVER: ("id", "name", "licence_class", "enterprise", "region", "active", "created_ms", "updated_ms"),
    AREA: ("id", "name", "kind", "region", "organisation", "valid_from_ms", "valid_to_ms", "limit_kmh", "created_ms"),
}  # fmt: skip
_SORTED_BY = {ENTERPRISE: "name", VEHICLE: "plate", DRIVER: "name", AREA: "name"}


def add(work: Work, table: Table, rows: Sequence[Row]) -> None:
    if rows:
        work.execute(insert(table), list(rows))


def get(work: Work, table: Table, row_id: str) -> Row | None:
    return work.one(select(table).where(scoped(work.actor, table), table.c.id == row_id))


def by(work: Work, table: Table, column: str, value: str) -> list[Row]:
    """Rows with a value in a column, at most two: enough to know whether there is just one."""
    return work.rows(select(table).where(scoped(work.actor, table), table.c[column] == value).limit(2))


def change(work: Work, table: Table, row_id: str, values: Row) -> None:
    work.execute(update(table).where(scoped(work.actor, table), table.c.id == row_id).values(**values))


def taken(work: Work, table: Table, column: str, values: Collection[str]) -> str | None:
    """The first of these values that some row of the whole table has in a column. For the platform's actors."""
    for part in _chunks(values):
        found = work.scalar(
            select(table.c[column]).where(scoped(work.actor, table), table.c[column].in_(part)).limit(1)
        )
        if found is not None:
            return str(found)
    return None


def enterprises(work: Work, ids: Collection[str]) -> dict[str, Row]:
    """Enterprises by id."""
    found: dict[str, Row] = {}
    for part in _chunks(ids):
        rows = work.rows(select(ENTERPRISE).where(scoped(work.actor, ENTERPRISE), ENTERPRISE.c.id.in_(part)))
        found |= {row["id"]: row for row in rows}
    return found


def runs_anything(work: Work, enterprise: str) -> bool:
    """Whether an enterprise has active vehicles or drivers. For the platform's actors."""
    for table in (VEHICLE, DRIVER):
        mine = (scoped(work.actor, table), table.c.enterprise == enterprise, table.c.active)
        if work.scalar(select(table.c.id).where(*mine).limit(1)) is not None:
            return True
    return False


def listed(work: Work, table: Table, query: Query) -> Page:
    """A page of rows, with the name of the enterprise. A region in the filter means all within it."""
    statement = select(table).where(scoped(work.actor, table))
    columns: dict[str, Any] = {name: table.c[name] for name in _LISTED[table]}
    if "enterprise" in columns:
        statement = (
            select(table, ENTERPRISE.c.name.label("enterprise_name"))
            .join(ENTERPRISE, ENTERPRISE.c.id == table.c.enterprise, isouter=True)
            .where(scoped(work.actor, table))
        )
        columns["enterprise_name"] = ENTERPRISE.c.name
    filters = dict(query.filters)
    for code in filters.pop("region", ())[:1]:
        statement = statement.where(table.c.region.startswith(code, autoescape=True))
    search: tuple[str, ...] = ("name",)
    asked = replace(query, filters=filters)
    if table is VEHICLE:
        columns["search"], search = table.c.search, ("search",)
        asked = replace(asked, q=things.normalised(query.q))
    elif table is ENTERPRISE:
        search = ("name", "short_name", "licence")
    return page(work, statement, asked, columns=columns, key="id", search=search, default_sort=_SORTED_BY[table])


def area_revision(work: Work) -> int:
    """The newest revision of any area. For the platform's actors."""
    return int(work.scalar(select(func.max(AREA.c.revision)).where(scoped(work.actor, AREA))) or 0)


def areas(work: Work, since_ms: int) -> list[Row]:
    """Areas that hold at or after an instant, in the order of their numbers. For the platform's actors."""
    still = or_(AREA.c.valid_to_ms.is_(None), AREA.c.valid_to_ms > since_ms)
    return work.rows(select(AREA).where(scoped(work.actor, AREA), still).order_by(AREA.c.number))


def _chunks(values: Collection[str]) -> Iterator[list[str]]:
    wanted = list(values)
    for start in range(0, len(wanted), CHUNK):
        yield wanted[start : start + CHUNK]
