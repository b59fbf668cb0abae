"""The manifest of numbering."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.kernel.module import Finding, Module
from tongqu.kernel.numbering.tables import METADATA
from tongqu.kernel.store import Room, system_actor

if TYPE_CHECKING:
    from tongqu.kernel.platform import Platform


def check_gaps(platform: Platform) -> list[Finding]:
    """Series declared free of gaps have none."""
    from tongqu.kernel.numbering import store

    free = {one.id for module in platform.modules for one in module.numbers if one.gap_free}
    with platform.store.read(system_actor("doctor")) as work:
        holes = [row for row in store.gaps(work) if row["series"] in free]
    return [Finding("error", "numbering.gap", row) for row in holes] or [Finding("ok", "numbering.whole")]


MODULE = Module(
    id="numbering",
    package="tongqu.kernel.numbering",
    field="platform",
    room=Room("numbering", "tongqu.kernel.numbering", METADATA),
    checks=(check_gaps,),
)
