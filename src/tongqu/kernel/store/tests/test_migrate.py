"""Each room migrates by itself; one that fails leaves nothing behind and holds up no other."""

from __future__ import annotations

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Integer, inspect, select, table
from sqlalchemy import column as plain_column

from tongqu.kernel.store import Room, Scope, Store, column, metadata, migrate, pending, system_actor
from tongqu.kernel.store import table as declared
from tongqu.kit.time import ManualClock

PACKAGE = "tongqu.kernel.store.tests.rooms"
SYSTEM = system_actor("test")


def room(name: str, tables: int) -> Room:
    of = metadata()
    for number in range(1, tables + 1):
        declared(f"{name}_{number}", of, column("id", Integer, primary_key=True), scope=Scope(open=True))
    return Room(name, f"{PACKAGE}.{name}", of)


LEFT, RIGHT, BROKEN = room("left", 2), room("right", 1), room("broken", 2)


@pytest.fixture
def records(tmp_path) -> Store:
    made = Store(f"sqlite:///{tmp_path}/m.db", ManualClock(0))
    yield made
    made.close()


def tables(records: Store) -> set[str]:
    return set(inspect(records.engine).get_table_names())


def version(records: Store, room: Room) -> list[str]:
    with records.read(SYSTEM) as work:
        return list(work.execute(select(plain_column("version_num")).select_from(table(room.version_table))).scalars())


def test_rooms_have_their_own_versions(records):
    assert migrate(records, [LEFT]) == ["left"]
    assert pending(records, [LEFT, RIGHT]) == ["right"]
    assert migrate(records, [LEFT, RIGHT]) == ["right"]
    assert migrate(records, [LEFT, RIGHT]) == []
    assert pending(records, [LEFT, RIGHT]) == []
    assert tables(records) == {"left_1", "left_2", "left_version", "right_1", "right_version"}
    assert version(records, LEFT) == ["left_0002"]
    assert version(records, RIGHT) == ["right_0001"]


def test_tables_of_an_absent_room_are_left_alone(records):
    migrate(records, [LEFT, RIGHT])
    migrate(records, [LEFT])
    assert "right_1" in tables(records)


def test_a_migration_that_fails_leaves_nothing(records):
    with pytest.raises(RuntimeError, match="half way"):
        migrate(records, [LEFT, BROKEN, RIGHT])
    assert tables(records) == {"left_1", "left_2", "left_version"}
    assert pending(records, [LEFT, BROKEN]) == ["broken"]
    assert migrate(records, [RIGHT]) == ["right"]


def test_the_tables_that_are_made_are_those_that_are_declared(records):
    migrate(records, [LEFT])
    with records.read(SYSTEM) as work:
        options = {"version_table": LEFT.version_table}
        context = MigrationContext.configure(work.connection, opts=options)
        assert compare_metadata(context, LEFT.metadata) == []
        extra = room("left", 3)
        assert [change[0] for change in compare_metadata(context, extra.metadata)] == ["add_table"]


def test_two_processes_that_start_at_once_migrate_once(tmp_path):
    stores = [Store(f"sqlite:///{tmp_path}/m.db", ManualClock(0)) for _ in range(4)]
    with stores[0].read(SYSTEM):
        pass
    changed: list[str] = []
    faults: list[Exception] = []

    def run(store: Store) -> None:
        try:
            changed.extend(migrate(store, [LEFT, RIGHT]))
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=run, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()
    assert faults == []
    assert sorted(changed) == ["left", "right"]
