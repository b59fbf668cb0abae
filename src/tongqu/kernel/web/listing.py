"""The query of a list route: `?q=&filter.<column>=&sort=-column&limit=&cursor=`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query, Request

from tongqu.kernel.store import Query as StoreQuery


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
