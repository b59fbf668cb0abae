"""Migrations: each room and domain has its own folder of revisions and its own version table (Alembic).

Kernel rooms first, then domains in any order; no foreign key between domains; tables of an absent domain are left
alone. Inside a folder the revisions form one line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData

from tongqu.kernel.store.scope import system_actor
from tongqu.kernel.store.work import Store


@dataclass(frozen=True)
class Room:
    """Tables that migrate together.

    Attributes:
        id: name of the room or domain; prefix of its tables and of its version table.
        package: the Python package with a `migrations` folder.
        metadata: its tables as declared in code.
    """

    id: str
    package: str
    metadata: MetaData

    @property
    def folder(self) -> Path:
        return Path(str(import_module(self.package).__file__)).parent / "migrations"

    @property
    def version_table(self) -> str:
        return f"{self.id}_version"


def script_of(room: Room) -> tuple[Config, ScriptDirectory]:
    config = Config()
    config.set_main_option("script_location", str(room.folder))
    config.set_main_option("version_locations", str(room.folder))
    config.set_main_option("path_separator", "os")
    return config, ScriptDirectory.from_config(config)


def migrate(store: Store, rooms: Sequence[Room]) -> list[str]:
    """Bring the tables of all rooms to their newest revision; gives the ids of rooms that changed."""
    changed = []
    for room in rooms:
        config, script = script_of(room)
        with store.write(system_actor("migrate")) as work:
            before = current(work.connection, room)
            head = script.get_current_head()
            if before == head:
                continue

            def steps(revision: Any, _: Any, script: ScriptDirectory = script) -> Any:
                return script._upgrade_revs("head", revision)

            with EnvironmentContext(config, script, fn=steps) as environment:
                environment.configure(
                    connection=work.connection,
                    version_table=room.version_table,
                    target_metadata=room.metadata,
                )
                environment.run_migrations()
            changed.append(room.id)
    return changed


def current(connection: Any, room: Room) -> str | None:
    """The revision the store is at for a room."""
    context = MigrationContext.configure(connection, opts={"version_table": room.version_table})
    return context.get_current_revision()


def pending(store: Store, rooms: Sequence[Room]) -> list[str]:
    """Ids of rooms whose tables are not at their newest revision."""
    with store.read(system_actor("migrate")) as work:
        return [room.id for room in rooms if current(work.connection, room) != script_of(room)[1].get_current_head()]
