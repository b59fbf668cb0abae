"""The query of a list route: `?q=&filter.<column>=&sort=-column&limit=&cursor=`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Depends, Query, Request

from tongqu.kernel.store import Page
from tongqu.kernel.store import Query as StoreQuery
from tongqu.kernel.store.paging import CONTAINS, RANGE
from tongqu.kit.errors import Invalid


def list_query(
    request: Request,
    q: Annotated[str, Query(max_length=200)] = "",
    sort: Annotated[str, Query(max_length=60)] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> StoreQuery:
    """Read the query of a list; unknown columns are refused by the store."""
    filters: dict[str, tuple[str, ...]] = {}
    for name in request.query_params:
        if name.startswith("filter."):
            filters[name.removeprefix("filter.")] = tuple(request.query_params.getlist(name))
    return StoreQuery(q=q, filters=filters, sort=sort, limit=limit, cursor=cursor)


ListQuery = Annotated[StoreQuery, Depends(list_query)]


def as_list(page: Any) -> dict[str, Any]:
    """The body of a list answer."""
    return {"items": page.items, "next": page.next, "total": page.total}


def listed(rows: Sequence[dict[str, Any]], query: StoreQuery, *, search: tuple[str, ...]) -> Page:
    """One page of rows that do not come from the record store: what is declared in code or files.

    Such rows do not change while they are read, so the cursor is a place in them.

    Raises:
        Invalid: `store.unknown_column` or `store.bad_cursor`.
    """
    for name in (*query.filters, query.sort.removeprefix("-")):
        if name and rows and name not in rows[0]:
            raise Invalid("store.unknown_column", field=name, name=name, known=", ".join(rows[0]))
    found = [
        row
        for row in rows
        if all(_accepted(row[name], values, name in search) for name, values in query.filters.items())
        and (not query.q or any(query.q.lower() in str(row[name]).lower() for name in search))
    ]
    if query.sort:
        name = query.sort.removeprefix("-")
        found.sort(key=lambda row: str(row[name] or ""), reverse=query.sort.startswith("-"))
    begin = _place(query.cursor)
    end = begin + query.limit
    return Page(found[begin:end], str(end) if end < len(found) else None, len(found))


def _accepted(value: Any, wanted: tuple[str, ...], searched: bool) -> bool:
    """Whether one of the filter's values accepts a value; the same ways as in the record store."""
    plain = str(value or "")
    for one in wanted:
        if RANGE in one and isinstance(value, int | float):
            low, high = one.split(RANGE, 1)
            try:
                if (not low or value >= float(low)) and (not high or value <= float(high)):
                    return True
            except ValueError as error:
                raise Invalid("store.bad_value", field="filter", name="filter", value=one) from error
        elif plain == one.removeprefix(CONTAINS):
            return True
        elif one.startswith(CONTAINS) and searched:
            return one.removeprefix(CONTAINS).lower() in plain.lower()
    return False


def _place(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise Invalid("store.bad_cursor", field="cursor")
    return int(cursor)
