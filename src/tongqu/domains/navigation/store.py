"""All SQL of navigation. A row is seen by its organisation's people and those of its home region."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from tongqu.domains.navigation.tables import MESSAGE, RECEIVER, SHIP, STATION
from tongqu.kernel import things
from tongqu.kernel.store import Page, Query, Work, page, scoped

Row = dict[str, Any]
CHUNK = 500
_LISTED = {
    SHIP: (
        "id", "mmsi", "name", "call_sign", "imo", "category", "transponder", "length_m", "beam_m", "draught_m",
        "destination", "status", "messages", "first_ms", "heard_ms", "region",
    ),
    STATION: ("id", "mmsi", "kind", "name", "aid_type", "virtual", "off_position", "messages", "heard_ms", "region"),
    RECEIVER: (
        "id", "name", "transport", "address", "online", "lines", "sentences", "messages", "refused", "doubled",
        "last_reason", "heard_ms", "region",
    ),
}  # fmt: skip


def add(work: Work, table: Any, rows: Sequence[Row]) -> None:
    if rows:
        work.execute(insert(table), list(rows))


def get(work: Work, table: Any, row_id: str) -> Row | None:
    return work.one(select(table).where(scoped(work.actor, table), table.c.id == row_id))


def some(work: Work, table: Any, ids: Collection[str]) -> dict[str, Row]:
    """Rows by id."""
    found: dict[str, Row] = {}
    wanted = list(ids)
    for at in range(0, len(wanted), CHUNK):
        part = wanted[at : at + CHUNK]
        rows = work.rows(select(table).where(scoped(work.actor, table), table.c.id.in_(part)))
        found |= {row["id"]: row for row in rows}
    return found


def change(work: Work, table: Any, row_id: str, values: Row) -> None:
    work.execute(update(table).where(scoped(work.actor, table), table.c.id == row_id).values(**values))


def keys(work: Work) -> dict[int, int]:
    """Number of the thing of each ship, by MMSI. For the gateway."""
    rows = work.rows(select(SHIP.c.mmsi, SHIP.c.key).where(scoped(work.actor, SHIP)))
    return {int(row["mmsi"]): int(row["key"]) for row in rows}


def receivers(work: Work) -> list[Row]:
    """All receivers. For the gateway."""
    return work.rows(select(RECEIVER).where(scoped(work.actor, RECEIVER)))


def put_message(work: Work, row: Row) -> None:
    """Replace the last message of a type."""
    where = (MESSAGE.c.mmsi == row["mmsi"], MESSAGE.c.type == row["type"], MESSAGE.c.part == row["part"])
    work.execute(delete(MESSAGE).where(scoped(work.actor, MESSAGE), *where))
    work.execute(insert(MESSAGE), [row])


def messages(work: Work, mmsi: int) -> list[Row]:
    """The last message of each type of a sender, newest first."""
    return work.rows(
        select(MESSAGE).where(scoped(work.actor, MESSAGE), MESSAGE.c.mmsi == mmsi).order_by(MESSAGE.c.at_ms.desc())
    )


def listed(work: Work, table: Any, query: Query) -> Page:
    """A page of rows. A region in the filter means all within it."""
    statement = select(table).where(scoped(work.actor, table))
    columns: dict[str, Any] = {name: table.c[name] for name in _LISTED[table]}
    filters = dict(query.filters)
    for code in filters.pop("region", ())[:1]:
        statement = statement.where(table.c.region.startswith(code, autoescape=True))
    asked = replace(query, filters=filters)
    search: tuple[str, ...] = ("name",)
    if table is SHIP:
        columns["search"], search = table.c.search, ("search",)
        asked = replace(asked, q=things.normalised(query.q))
    return page(work, statement, asked, columns=columns, key="id", search=search, default_sort="-heard_ms")


def counted(work: Work) -> Row:
    """How many ships, base stations and aids the actor sees, and messages of its receivers."""
    ships = work.scalar(select(func.count()).select_from(SHIP).where(scoped(work.actor, SHIP)))
    kinds = work.rows(
        select(STATION.c.kind, func.count().label("n")).where(scoped(work.actor, STATION)).group_by(STATION.c.kind)
    )
    by_kind = {row["kind"]: row["n"] for row in kinds}
    totals = work.one(
        select(*(func.coalesce(func.sum(RECEIVER.c[name]), 0).label(name) for name in _COUNTS)).where(
            scoped(work.actor, RECEIVER)
        )
    )
    return {
        "ships": ships or 0,
        "base_stations": by_kind.get("base", 0),
        "aids": by_kind.get("aid", 0),
        **(totals or {}),
    }


_COUNTS = ("lines", "sentences", "messages", "refused", "doubled")
