"""Lists: filter, sort and page a query by the names of its columns, with an opaque cursor."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, func, or_, select

from tongqu.kernel.store.work import Work
from tongqu.kit.errors import Invalid

MAX_LIMIT = 1000
RANGE, CONTAINS = "..", "~"
_LARGEST = 2**63 - 1
_SORT, _KEY = "_page_sort", "_page_key"


@dataclass(frozen=True)
class Query:
    """What a list was asked for.

    Attributes:
        q: text that any searchable column must contain.
        filters: column name to accepted values (or), by equality; an empty value accepts rows without one. Of numbers
            and times `low..high` accepts a range, both ends included, either of them left out; of texts that `q` looks
            in, `~part` accepts what contains the part.
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

    The cursor holds the sort value and key of the last row, so rows that come or go meanwhile neither repeat nor hide
    others. Rows without a value stand first in rising and last in falling order.

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
        statement = statement.where(_accepts(_column(columns, name), name, values, name in search))
    if query.q:
        like = [columns[name].cast(String).icontains(query.q, autoescape=True) for name in search]
        statement = statement.where(or_(*like)) if like else statement
    total = work.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    order = query.sort or default_sort or key
    descending = order.startswith("-")
    column, unique = _column(columns, order.removeprefix("-")), columns[key]
    if query.cursor:
        statement = statement.where(_beyond(column, unique, descending, *_unpack(query.cursor, order, column, unique)))
    direction = (column.desc().nulls_last(), unique.desc()) if descending else (column.nulls_first(), unique)
    statement = statement.add_columns(column.label(_SORT), unique.label(_KEY)).order_by(*direction)
    rows = work.rows(statement.limit(query.limit + 1))
    ends = [(row.pop(_SORT), row.pop(_KEY)) for row in rows]
    following = _pack(order, *ends[query.limit - 1]) if len(rows) > query.limit else None
    return Page(items=rows[: query.limit], next=following, total=int(total))


def _beyond(
    column: ColumnElement[Any], unique: ColumnElement[Any], descending: bool, value: Any, last: Any
) -> ColumnElement[bool]:
    """Rows that stand after the one with this sort value and key."""
    after = unique < last if descending else unique > last
    if column is unique:
        return after
    if value is None:
        rest = and_(column.is_(None), after)
        return rest if descending else or_(rest, column.is_not(None))
    further = column < value if descending else column > value
    within = and_(column == value, after)
    return or_(further, within, column.is_(None)) if descending else or_(further, within)


def _column(columns: Mapping[str, ColumnElement[Any]], name: str) -> ColumnElement[Any]:
    if name not in columns:
        raise Invalid("store.unknown_column", field=name, name=name, known=", ".join(columns))
    return columns[name]


def _accepts(column: ColumnElement[Any], name: str, values: tuple[str, ...], searched: bool) -> ColumnElement[bool]:
    plain, ways = [], []
    for value in values:
        if RANGE in value and column.type.python_type in (int, float):
            ways.append(_within(column, name, value))
        elif value.startswith(CONTAINS) and searched:
            ways.append(column.cast(String).icontains(value.removeprefix(CONTAINS), autoescape=True))
        elif value:
            plain.append(_typed(column, name, value.removeprefix(CONTAINS)))
        else:
            ways.append(column.is_(None))
    return or_(column.in_(plain), *ways)


def _within(column: ColumnElement[Any], name: str, value: str) -> ColumnElement[bool]:
    low, high = value.split(RANGE, 1)
    if not (low or high):
        raise Invalid("store.bad_value", field=name, name=name, value=value)
    ends = [column >= _typed(column, name, low)] if low else []
    return and_(*ends, *([column <= _typed(column, name, high)] if high else []))


def _typed(column: ColumnElement[Any], name: str, value: str) -> Any:
    try:
        kind = column.type.python_type
        typed = value.lower() in ("1", "true", "yes") if kind is bool else kind(value)
    except (ValueError, NotImplementedError) as error:
        raise Invalid("store.bad_value", field=name, name=name, value=value) from error
    if not _storable(typed):
        raise Invalid("store.bad_value", field=name, name=name, value=value)
    return typed


def _storable(value: Any) -> bool:
    """Whether a number is one that a column can hold: 64 bits, finite."""
    if isinstance(value, int):
        return abs(value) <= _LARGEST
    return not isinstance(value, float) or math.isfinite(value)


def _pack(order: str, value: Any, key: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps([order, value, key]).encode()).decode().rstrip("=")


def _unpack(cursor: str, order: str, column: ColumnElement[Any], unique: ColumnElement[Any]) -> tuple[Any, Any]:
    """Sort value and key of a cursor; one that was made up or belongs to another order is refused."""
    try:
        was, value, key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError) as error:
        raise Invalid("store.bad_cursor", field="cursor") from error
    if was != order or key is None or not (_fits(column, value) and _fits(unique, key)):
        raise Invalid("store.bad_cursor", field="cursor")
    return value, key


def _fits(column: ColumnElement[Any], value: Any) -> bool:
    kind = column.type.python_type
    kinds = (int, float) if kind is float else (kind,)
    return value is None or (isinstance(value, kinds) and _storable(value))
