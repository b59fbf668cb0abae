"""Feeds and their versions. A feed is seen by its organisation's people and those of its region who hold `travel.read`;
versions follow their feed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import func, insert, select, update

from tongqu.domains.travel.tables import FEED, USE, VERSION, Condition, VersionState
from tongqu.kernel.store import Page, Query, Work, page, scoped

Row = dict[str, Any]

_LISTED = ("id", "code", "name", "publisher", "region", "condition", "active", "created_ms", "updated_ms")


def add_feed(work: Work, row: Row) -> None:
    work.execute(insert(FEED), [row])


def feed(work: Work, feed_id: str) -> Row | None:
    return work.one(select(FEED).where(scoped(work.actor, FEED), FEED.c.id == feed_id))


def feed_by_code(work: Work, code: str) -> Row | None:
    return work.one(select(FEED).where(scoped(work.actor, FEED), FEED.c.code == code))


def change_feed(work: Work, feed_id: str, values: Row) -> None:
    work.execute(update(FEED).where(scoped(work.actor, FEED), FEED.c.id == feed_id).values(**values))


def feeds(work: Work, query: Query) -> Page:
    """A page of feeds; a region in the filter means all within it."""
    statement = select(FEED).where(scoped(work.actor, FEED))
    filters = dict(query.filters)
    for code in filters.pop("region", ())[:1]:
        statement = statement.where(FEED.c.region.startswith(code, autoescape=True))
    columns: dict[str, Any] = {name: FEED.c[name] for name in _LISTED}
    search = ("name", "code", "publisher")
    asked = replace(query, filters=filters)
    return page(work, statement, asked, columns=columns, key="id", search=search, default_sort="name")


def open_feeds(work: Work) -> list[Row]:
    """Living feeds whose data is shared, by name."""
    shared = FEED.c.condition != Condition.NOT_OPEN.value
    return work.rows(select(FEED).where(scoped(work.actor, FEED), FEED.c.active, shared).order_by(FEED.c.name))


def living(work: Work) -> list[Row]:
    """Living feeds, whether or not a version of them is live, by code."""
    return work.rows(select(FEED).where(scoped(work.actor, FEED), FEED.c.active).order_by(FEED.c.code))


def add_version(work: Work, row: Row) -> None:
    work.execute(insert(VERSION), [row])


def version(work: Work, version_id: str) -> Row | None:
    return work.one(select(VERSION).where(scoped(work.actor, VERSION), VERSION.c.id == version_id))


def change_version(work: Work, version_id: str, values: Row) -> None:
    work.execute(update(VERSION).where(scoped(work.actor, VERSION), VERSION.c.id == version_id).values(**values))


def versions(work: Work, feed_id: str) -> list[Row]:
    """All versions of a feed, the newest first."""
    mine = (scoped(work.actor, VERSION), VERSION.c.feed == feed_id)
    return work.rows(select(VERSION).where(*mine).order_by(VERSION.c.number.desc()))


def versions_by_id(work: Work, ids: Collection[str]) -> dict[str, Row]:
    rows = work.rows(select(VERSION).where(scoped(work.actor, VERSION), VERSION.c.id.in_(list(ids))))
    return {row["id"]: row for row in rows}


def version_of_content(work: Work, feed_id: str, sha256: str) -> Row | None:
    """The newest version of a feed with this content that has not failed."""
    mine = (scoped(work.actor, VERSION), VERSION.c.feed == feed_id, VERSION.c.sha256 == sha256)
    lives = VERSION.c.state != VersionState.FAILED.value
    return work.one(select(VERSION).where(*mine, lives).order_by(VERSION.c.number.desc()).limit(1))


def last_number(work: Work, feed_id: str) -> int:
    mine = (scoped(work.actor, VERSION), VERSION.c.feed == feed_id)
    return int(work.scalar(select(func.max(VERSION.c.number)).where(*mine)) or 0)


def live(work: Work) -> list[Row]:
    """The version of each living feed that is live, with its feed's code, name and region."""
    return work.rows(
        select(
            VERSION,
            FEED.c.code.label("feed_code"),
            FEED.c.name.label("feed_name"),
            FEED.c.region.label("region"),
            FEED.c.organisation.label("organisation"),
            FEED.c.realtime.label("realtime"),
            FEED.c.operated.label("operated"),
        )
        .join(FEED, FEED.c.version == VERSION.c.id)
        .where(scoped(work.actor, VERSION), scoped(work.actor, FEED), FEED.c.active)
        .order_by(FEED.c.code)
    )


def count_use(work: Work, feed_id: str, day: date, what: str) -> None:
    """One more fetch of a feed's open data on a day. For the platform's actors."""
    mine = (scoped(work.actor, USE), USE.c.feed == feed_id, USE.c.day == day, USE.c.what == what)
    done = work.execute(update(USE).where(*mine).values(count=USE.c.count + 1))
    if done.rowcount == 0:
        work.execute(insert(USE), [{"feed": feed_id, "day": day, "what": what, "count": 1}])


def uses(work: Work, feed_ids: Collection[str], since: date) -> list[Row]:
    """How often each feed was fetched since a day, by what was fetched."""
    total = func.sum(USE.c.count).label("count")
    mine = (scoped(work.actor, USE), USE.c.feed.in_(list(feed_ids)), USE.c.day >= since)
    return work.rows(select(USE.c.feed, USE.c.what, total).where(*mine).group_by(USE.c.feed, USE.c.what))
