"""Lists: whatever comes or goes between two pages, a row that was there all the time is given once, in order."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Boolean, Float, Integer, String, delete, insert, select

from tongqu.kernel.store import Query, Scope, Store, Work, column, metadata, page, system_actor, table
from tongqu.kit.errors import Invalid
from tongqu.kit.time import ManualClock

METADATA = metadata()
ROWS = table(
    "rows",
    METADATA,
    column("id", Integer, primary_key=True),
    column("name", String(40), nullable=True),
    column("load", Float, nullable=True),
    column("empty", Boolean, nullable=True),
    scope=Scope(open=True),
)
COLUMNS = {name: ROWS.c[name] for name in ("id", "name", "load", "empty")}
NAMES = st.one_of(st.none(), st.sampled_from(["", "a", "b", "B", "澜A·1", "%", "_"]))
LOADS = st.one_of(st.none(), st.sampled_from([-1.5, 0.0, 1.0, 2.25]))
ORDERS = st.sampled_from(["id", "-id", "name", "-name", "load", "-load"])


@pytest.fixture(scope="module")
def records(tmp_path_factory) -> Store:
    made = Store(f"sqlite:///{tmp_path_factory.mktemp('paging')}/p.db", ManualClock(0))
    METADATA.create_all(made.engine)
    return made


def put(work: Work, rows: list[tuple]) -> None:
    if rows:
        work.execute(insert(ROWS), [dict(zip(COLUMNS, row, strict=True)) for row in rows])


def give(work: Work, **asked):
    return page(work, select(ROWS), Query(**asked), columns=COLUMNS, key="id", search=("name",))


def in_order(rows: list[dict], order: str) -> list[dict]:
    """An oracle that shares no code with the query: None before everything, ties by id."""
    name, falling = order.removeprefix("-"), order.startswith("-")

    def place(row):
        value = row[name]
        return (value is not None, value if value is not None else 0, row["id"])

    return sorted(rows, key=place, reverse=falling)


@settings(max_examples=60, deadline=None)
@given(
    first=st.lists(st.tuples(NAMES, LOADS), max_size=25),
    later=st.lists(st.tuples(NAMES, LOADS), max_size=10),
    gone=st.sets(st.integers(0, 24), max_size=6),
    order=ORDERS,
    limit=st.integers(1, 7),
    when=st.integers(1, 3),
)
def test_rows_that_stay_are_given_once_and_in_order(records, first, later, gone, order, limit, when):
    with records.write(system_actor("test")) as work:
        work.execute(delete(ROWS))
        put(work, [(2 * number, name, load, None) for number, (name, load) in enumerate(first)])
    seen, cursor, pages = [], None, 0
    while True:
        with records.read(system_actor("test")) as work:
            part = give(work, sort=order, limit=limit, cursor=cursor)
        seen += part.items
        cursor, pages = part.next, pages + 1
        if pages == when:
            with records.write(system_actor("test")) as work:
                put(work, [(2 * number + 1, name, load, None) for number, (name, load) in enumerate(later)])
                work.execute(delete(ROWS).where(ROWS.c.id.in_([2 * number for number in gone])))
        if cursor is None:
            break
        assert len(part.items) == limit
    ids = [row["id"] for row in seen]
    assert len(ids) == len(set(ids)), "a row was given twice"
    stayed = {2 * number for number in range(len(first))} - {2 * number for number in gone}
    assert stayed <= set(ids), "a row that was there all the time is missing"
    assert [row["id"] for row in in_order(seen, order)] == ids


def test_filters_search_and_total_go_together(records):
    with records.write(system_actor("test")) as work:
        work.execute(delete(ROWS))
        put(work, [(1, "澜A·1", 1.0, True), (2, "100%", 2.0, False), (3, None, None, None), (4, "1000", 2.0, True)])

        def ids(**asked) -> list[int]:
            found = give(work, **asked)
            assert found.total == len(found.items)
            return [row["id"] for row in found.items]

        assert ids(filters={"load": ("2",)}) == [2, 4]
        assert ids(filters={"load": ("2", "1.0")}) == [1, 2, 4]
        assert ids(filters={"empty": ("true",)}) == [1, 4]
        assert ids(filters={"name": ("",)}) == [3]
        assert ids(filters={"name": ("", "1000")}) == [3, 4]
        assert ids(q="0%") == [2], "a per cent sign is no wildcard"
        assert ids(q="a·") == [1]
        first = give(work, limit=1)
        assert first.total == 4
        assert set(first.items[0]) == set(COLUMNS)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"sort": "weight"}, "store.unknown_column"),
        ({"sort": "-"}, "store.unknown_column"),
        ({"filters": {"weight": ("1",)}}, "store.unknown_column"),
        ({"filters": {"id": ("one",)}}, "store.bad_value"),
        ({"filters": {"id": ("9" * 40,)}}, "store.bad_value"),
        ({"filters": {"load": ("nan",)}}, "store.bad_value"),
        ({"limit": 0}, "store.bad_limit"),
        ({"limit": 1001}, "store.bad_limit"),
        ({"cursor": "!"}, "store.bad_cursor"),
        ({"cursor": "澜"}, "store.bad_cursor"),
    ],
)
def test_what_cannot_be_asked_is_refused(records, asked, code):
    with records.read(system_actor("test")) as work, pytest.raises(Invalid) as refused:
        give(work, **asked)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "content", [7, [], ["name", "a"], ["id", 1, 1], ["name", [], 1], ["name", "a", None], ["name", "a", 2**70],
                ["name", 5, 1], ["name", "a", "1"], {"name": 1}, "name"],
)  # fmt: skip
def test_a_cursor_that_was_made_up_is_refused(records, content):
    cursor = base64.urlsafe_b64encode(json.dumps(content).encode()).decode()
    with records.read(system_actor("test")) as work, pytest.raises(Invalid) as refused:
        give(work, sort="name", cursor=cursor)
    assert refused.value.code == "store.bad_cursor"


def test_a_sort_column_need_not_be_shown(records):
    with records.write(system_actor("test")) as work:
        work.execute(delete(ROWS))
        put(work, [(1, "c", None, None), (2, "b", None, None), (3, "a", None, None)])
        shown = select(ROWS.c.load)
        first = page(work, shown, Query(sort="name", limit=2), columns=COLUMNS, key="id")
        rest = page(work, shown, Query(sort="name", limit=2, cursor=first.next), columns=COLUMNS, key="id")
    assert (len(first.items), len(rest.items), rest.next) == (2, 1, None)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(NAMES, LOADS), max_size=25),
    low=st.one_of(st.none(), st.sampled_from([-2.0, 0.0, 1.0])),
    high=st.one_of(st.none(), st.sampled_from([0.0, 1.0, 3.0])),
    part=st.sampled_from(["", "a", "A·", "%", "_"]),
)
def test_ranges_hold_both_ends_and_parts_are_looked_for_without_case(records, rows, low, high, part):
    with records.write(system_actor("test")) as work:
        work.execute(delete(ROWS))
        put(work, [(i, name, load, None) for i, (name, load) in enumerate(rows)])
        if low is not None or high is not None:
            asked = {"load": (f"{'' if low is None else low}..{'' if high is None else high}",)}
            inside = lambda x: x is not None and (low is None or x >= low) and (high is None or x <= high)  # noqa: E731
            wanted = [i for i, (_, load) in enumerate(rows) if inside(load)]
            assert [row["id"] for row in give(work, filters=asked).items] == wanted
            either = {"load": (*asked["load"], "")}
            missing = [i for i, (_, load) in enumerate(rows) if load is None or inside(load)]
            assert [row["id"] for row in give(work, filters=either).items] == missing
        holding = [i for i, (name, _) in enumerate(rows) if name is not None and part.lower() in name.lower()]
        assert [row["id"] for row in give(work, filters={"name": (f"~{part}",)}).items] == holding


def test_a_column_that_is_not_searched_is_not_looked_into(records):
    with records.write(system_actor("test")) as work:
        work.execute(delete(ROWS))
        put(work, [(1, "abc", None, None), (2, "b", None, None)])
        asked = Query(filters={"name": ("~b",)})
        found = page(work, select(ROWS), asked, columns=COLUMNS, key="id")
        assert [row["id"] for row in found.items] == [2]


@pytest.mark.parametrize("asked", ["..", "low..", "1..high", "..1e999"])
def test_a_range_that_is_none_is_refused(records, asked):
    with records.read(system_actor("test")) as work, pytest.raises(Invalid) as caught:
        give(work, filters={"load": (asked,)})
    assert caught.value.code == "store.bad_value"
