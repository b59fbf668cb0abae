"""Lists: filter, sort and page a query by the names of its columns, with an opaque cursor."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, func, or_, select

from tongqu.kernel.store.work import Work
from tongqu.kit.errors import Invalid

MAX_LIMIT = 1000


@dataclass(frozen=True)
class Query:
    """What a list was asked for.

    Attributes:
        q: text that any searchable column must contain.
        filters: column name to accepted values (or); a text column matches by equality.
        sort: column name, `-` before it for descending.
        limit: rows at most, 1 to 1000.
        cursor: where the last page ended.
    """

    q: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = ""
    limit: int = 100
    cursor: str | None = None


@dataclass(frozen=True)
class Page:
    """Rows of one page, the cursor of the next one (None at the end), and how many rows there are in all."""

    items: list[dict[str, Any]]
    next: str | None
    total: int


def page(
    work: Work,
    statement: Select[Any],
    query: Query,
    *,
    columns: Mapping[str, ColumnElement[Any]],
    key: str,
    search: tuple[str, ...] = (),
    default_sort: str | None = None,
) -> Page:
    """One page of a (scoped) query.

    Args:
        statement: the query with its scope and own conditions.
        query: what was asked for.
        columns: the columns that may be filtered and sorted by, by name.
        key: name of the column that is unique; ends every sort.
        search: names of the columns that `q` looks in.
        default_sort: as `Query.sort`, where that is empty.

    Raises:
        Invalid: `store.unknown_column`, `store.bad_cursor`, `store.bad_limit` or `store.bad_value`.
    """
    if not 1 <= query.limit <= MAX_LIMIT:
        raise Invalid("store.bad_limit", field="limit", limit=query.limit, most=MAX_LIMIT)
    for name, values in query.filters.items():
        column = _column(columns, name)
        statement = statement.where(column.in_([_typed(column, name, value) for value in values]))
    if query.q:
        like = [columns[name].cast(String).icontains(query.q, autoescape=True) for name in search]
        statement = statement.where(or_(*like)) if like else statement
    total = work.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    order = query.sort or default_sort or key
    descending = order.startswith("-")
    name = order.removeprefix("-")
    column, unique = _column(columns, name), columns[key]
    if query.cursor:
        value, last = _unpack(query.cursor, order)
        after = unique < last if descending else unique > last
        if name == key:
            statement = statement.where(after)
        elif value is None:
            rest = and_(column.is_(None), after)
            statement = statement.where(rest if descending else or_(rest, column.is_not(None)))
        else:
            beyond = column < value if descending else column > value
            options = [beyond, and_(column == value, after)]
            if descending:
                options.append(column.is_(None))
            statement = statement.where(or_(*options))
    sorted_by: list[Any] = [column.desc().nulls_last() if descending else column.asc().nulls_first()]
    if name != key:
        sorted_by.append(unique.desc() if descending else unique.asc())
    rows = work.rows(statement.order_by(*sorted_by).limit(query.limit + 1))
    following = None
    if len(rows) > query.limit:
        rows = rows[: query.limit]
        following = _pack(order, rows[-1].get(name), rows[-1][key])
    return Page(items=rows, next=following, total=int(total))


def _column(columns: Mapping[str, ColumnElement[Any]], name: str) -> ColumnElement[Any]:
    if name not in columns:
        raise Invalid("store.unknown_column", field=name, name=name, known=", ".join(columns))
    return columns[name]


def _typed(column: ColumnElement[Any], name: str, value: str) -> Any:
    try:
        kind = column.type.python_type
        if kind is bool:
            return value.lower() in ("1", "true", "yes")
        return kind(value)
    except (ValueError, NotImplementedError) as error:
        raise Invalid("store.bad_value", field=name, name=name, value=value) from error


def _pack(order: str, value: Any, key: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps([order, value, key]).encode()).decode().rstrip("=")


def _unpack(cursor: str, order: str) -> tuple[Any, Any]:
    try:
        was, value, key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError as error:
        raise Invalid("store.bad_cursor", field="cursor") from error
    if was != order:
        raise Invalid("store.bad_cursor", field="cursor")
    return value, key
