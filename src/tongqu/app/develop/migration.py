"""`tongqu dev migration MODULE "why"`: drafts the next revision of a module from the difference to its tables."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.runtime.migration import MigrationContext

from tongqu.app import registry
from tongqu.app.platform import SystemClock
from tongqu.app.progress import console
from tongqu.kernel.store import Store, migrate, system_actor
from tongqu.kernel.store.migrate import script_of

_TEMPLATE = '''"""{why}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = {down!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
    {upgrade}
'''


def draft(module_id: str, why: str = "Start") -> int:
    """Write `migrations/NNNN_why.py`; the author reads and mends it before it is committed."""
    room = next((room for room in registry.rooms(registry.modules()) if room.id == module_id), None)
    if room is None:
        console.print(f"{module_id} has no tables", style="red")
        return 2
    room.folder.mkdir(exist_ok=True)
    number = 1 + max((int(path.name[:4]) for path in room.folder.glob("[0-9]*.py")), default=0)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{Path(folder) / 'draft.sqlite'}", SystemClock())
        migrate(store, [room])
        down = script_of(room)[1].get_current_head()
        with store.write(system_actor("migrate")) as work:
            context = MigrationContext.configure(work.connection, opts={"target_metadata": room.metadata})
            script = produce_migrations(context, room.metadata)
            if script.upgrade_ops is not None:
                script.upgrade_ops.ops = [op for op in script.upgrade_ops.ops if not _drops_version(op, room.id)]
            code = render_python_code(script.upgrade_ops) if script.upgrade_ops else "pass"
        store.close()
    slug = re.sub(r"\W+", "_", why.lower()).strip("_")[:40]
    target = room.folder / f"{number:04}_{slug}.py"
    revision = f"{room.id}_{number:04}"
    target.write_text(_TEMPLATE.format(why=why, revision=revision, down=down, upgrade=code), encoding="utf-8")
    console.print(str(target))
    return 0


def _drops_version(operation: object, room: str) -> bool:
    return getattr(operation, "table_name", "") == f"{room}_version"
