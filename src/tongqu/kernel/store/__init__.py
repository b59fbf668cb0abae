"""Records: engine, units of work, scope of an actor, migrations. SQLite (WAL) by default, PostgreSQL by URL."""

from tongqu.kernel.store.masking import mask, masked
from tongqu.kernel.store.migrate import Room, migrate, pending
from tongqu.kernel.store.paging import Page, Query, page
from tongqu.kernel.store.scope import Actor, Grant, Parent, Scope, allowed, scoped, system_actor
from tongqu.kernel.store.tables import Personal, Retention, column, metadata, table
from tongqu.kernel.store.upsert import insert_new
from tongqu.kernel.store.work import Store, Work

__all__ = [
    "Actor",
    "Grant",
    "Page",
    "Parent",
    "Personal",
    "Query",
    "Retention",
    "Room",
    "Scope",
    "Store",
    "Work",
    "allowed",
    "column",
    "insert_new",
    "mask",
    "masked",
    "metadata",
    "migrate",
    "page",
    "pending",
    "scoped",
    "system_actor",
    "table",
]
