"""All SQL of roads."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from tongqu.domains.roads.tables import FACILITY, LINK, SOURCE
from tongqu.kernel import things
from tongqu.kernel.store import Page, Query, Work, page, scoped

Row = dict[str, Any]
CHUNK = 500

_FACILITY_LISTED = (
    "id", "kind", "code", "name", "number", "route", "direction", "stake_m", "end_stake_m", "side", "lane", "region",
    "active", "created_ms", "updated_ms",
)  # fmt: skip
_SOURCE_LISTED = ("id", "name", "kind", "region", "made_ms", "taken_ms", "links", "routes")


def add_source(work: Work, row: Row) -> int:
    return int(work.execute(insert(SOURCE).returning(SOURCE.c.id), [row]).scalar_one())


def change_source(work: Work, source: int, values: Row) -> None:
    work.execute(update(SOURCE).where(scoped(work.actor, SOURCE), SOURCE.c.id == source).values(**values))


def sources(work: Work, *, name: str | None = None, active: bool | None = None) -> list[Row]:
    statement = select(SOURCE).where(scoped(work.actor, SOURCE)).order_by(SOURCE.c.id)
    if name is not None:
        statement = statement.where(SOURCE.c.name == name)
    if active is not None:
        statement = statement.where(SOURCE.c.active == active)
    return work.rows(statement)


def listed_sources(work: Work, query: Query) -> Page:
    statement = select(SOURCE).where(scoped(work.actor, SOURCE), SOURCE.c.active)
    columns = {name: SOURCE.c[name] for name in _SOURCE_LISTED}
    return page(work, statement, query, columns=columns, key="id", search=("name",), default_sort="-taken_ms")


def add_links(work: Work, rows: list[Row]) -> None:
    if rows:
        work.execute(insert(LINK), rows)


def origins(work: Work, source: int, most: int) -> list[str]:
    """Origins of the links that `drop_links` would delete next."""
    where = scoped(work.actor, LINK), LINK.c.source == source
    return [row["origin"] for row in work.rows(select(LINK.c.origin).where(*where).order_by(LINK.c.id).limit(most))]


def drop_links(work: Work, source: int, most: int) -> int:
    """Delete some links of a source; gives how many that were."""
    some = select(LINK.c.id).where(scoped(work.actor, LINK), LINK.c.source == source).order_by(LINK.c.id).limit(most)
    return work.execute(delete(LINK).where(scoped(work.actor, LINK), LINK.c.id.in_(some))).rowcount


def drop_source(work: Work, source: int) -> None:
    work.execute(delete(SOURCE).where(scoped(work.actor, SOURCE), SOURCE.c.id == source))


def newest_source(work: Work) -> tuple[int, int]:
    """What changes whenever another set of links counts: sum of ids and count of the active sources."""
    row = work.one(
        select(func.coalesce(func.sum(SOURCE.c.id), 0).label("ids"), func.count().label("n")).where(
            scoped(work.actor, SOURCE), SOURCE.c.active
        )
    )
    return (0, 0) if row is None else (int(row["ids"]), int(row["n"]))


def limited_links(work: Work) -> list[Row]:
    """Links of active sources that have a posted limit, with their points."""
    return work.rows(
        select(LINK.c.geometry, LINK.c.road_class, LINK.c.oneway, LINK.c.limit_kmh, LINK.c.limit_back_kmh)
        .join(SOURCE, SOURCE.c.id == LINK.c.source)
        .where(scoped(work.actor, LINK), scoped(work.actor, SOURCE), SOURCE.c.active)
        .where(LINK.c.limit_kmh.is_not(None) | LINK.c.limit_back_kmh.is_not(None))
    )


def links_of_class(work: Work) -> dict[str, tuple[int, float]]:
    """Number and length in metres of the active links of each class."""
    rows = work.rows(
        select(LINK.c.road_class, func.count().label("n"), func.sum(LINK.c.length_m).label("length_m"))
        .join(SOURCE, SOURCE.c.id == LINK.c.source)
        .where(scoped(work.actor, LINK), scoped(work.actor, SOURCE), SOURCE.c.active)
        .group_by(LINK.c.road_class)
    )
    return {row["road_class"]: (int(row["n"]), float(row["length_m"])) for row in rows}


def add_facilities(work: Work, rows: list[Row]) -> None:
    if rows:
        work.execute(insert(FACILITY), rows)


def facility(work: Work, facility_id: str) -> Row | None:
    return work.one(select(FACILITY).where(scoped(work.actor, FACILITY), FACILITY.c.id == facility_id))


def facility_by_code(work: Work, code_key: str) -> Row | None:
    return work.one(select(FACILITY).where(scoped(work.actor, FACILITY), FACILITY.c.code_key == code_key))


def change_facility(work: Work, facility_id: str, values: Row) -> None:
    work.execute(update(FACILITY).where(scoped(work.actor, FACILITY), FACILITY.c.id == facility_id).values(**values))


def facilities_along(
    work: Work, route: int, from_m: float | None = None, to_m: float | None = None, limit: int | None = None
) -> list[Row]:
    """Active facilities of a route by stake, of a stretch of it where ends are given."""
    statement = (
        select(FACILITY)
        .where(scoped(work.actor, FACILITY), FACILITY.c.route == route, FACILITY.c.active)
        .order_by(FACILITY.c.stake_m, FACILITY.c.id)
    )
    if from_m is not None:
        statement = statement.where(func.coalesce(FACILITY.c.end_stake_m, FACILITY.c.stake_m) >= from_m)
    if to_m is not None:
        statement = statement.where(FACILITY.c.stake_m <= to_m)
    return work.rows(statement.limit(limit))


def active_facilities(work: Work) -> Iterator[Row]:
    """All active facilities, in parts."""
    after = ""
    while True:
        where = scoped(work.actor, FACILITY), FACILITY.c.active, FACILITY.c.id > after
        rows = work.rows(select(FACILITY).where(*where).order_by(FACILITY.c.id).limit(CHUNK))
        yield from rows
        if len(rows) < CHUNK:
            return
        after = rows[-1]["id"]


def taken_codes(work: Work, keys: Collection[str]) -> set[str]:
    """Which of these codes are taken. For the platform's actors."""
    wanted, taken = list(keys), set()
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        where = scoped(work.actor, FACILITY), FACILITY.c.code_key.in_(part)
        taken |= {row["code_key"] for row in work.rows(select(FACILITY.c.code_key).where(*where))}
    return taken


def listed_facilities(work: Work, query: Query) -> Page:
    """A page of facilities. A region in the filter means all within it; the text finds names, codes and
    `G9901K45+200`."""
    statement = select(FACILITY).where(scoped(work.actor, FACILITY))
    columns: dict[str, Any] = {name: FACILITY.c[name] for name in _FACILITY_LISTED} | {"search": FACILITY.c.search}
    filters = dict(query.filters)
    for code in filters.pop("region", ())[:1]:
        statement = statement.where(FACILITY.c.region.startswith(code, autoescape=True))
    asked = replace(query, filters=filters, q=things.normalised(query.q))
    return page(work, statement, asked, columns=columns, key="id", search=("search",), default_sort="number")


def located(work: Work, urns: Collection[str]) -> dict[str, tuple[float, float]]:
    """Where facilities are, by URN; those without a place are missing."""
    wanted, found = list(urns), {}
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        where = scoped(work.actor, FACILITY), FACILITY.c.urn.in_(part), FACILITY.c.lon.is_not(None)
        rows = work.rows(select(FACILITY.c.urn, FACILITY.c.lon, FACILITY.c.lat).where(*where))
        found |= {row["urn"]: (row["lon"], row["lat"]) for row in rows}
    return found
