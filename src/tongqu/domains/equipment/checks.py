"""What `tongqu doctor` asks of equipment."""

from __future__ import annotations

import resource

from tongqu.domains.equipment import store
from tongqu.domains.equipment.gateway.server import Options
from tongqu.kernel.module import Finding
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import system_actor

SPARE_FILES = 256
MANY_SECONDS = 60


def settings(platform: Platform) -> list[Finding]:
    """The settings of the gateway can be read, and the open-file limit suffices for what is registered."""
    try:
        options = Options.of(platform.settings)
    except ValueError as error:
        return [Finding("error", "equipment.settings", {"reason": str(error)})]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with platform.store.read(system_actor("doctor")) as work:
        known = store.count_terminals(work)
    wanted = known["terminals"] + SPARE_FILES
    params = {"limit": hard, "soft": soft, "wanted": wanted, "terminals": known["terminals"]}
    few = hard != resource.RLIM_INFINITY and hard < wanted
    return [
        Finding("warning" if few else "ok", "equipment.few_files" if few else "equipment.files", params),
        Finding("ok", f"equipment.admission_{'open' if options.open_admission else 'registered'}", known),
    ]


def unbound(platform: Platform) -> list[Finding]:
    """Terminals that report and are fitted to nothing: their positions belong to no vehicle."""
    with platform.store.read(system_actor("doctor")) as work:
        known = store.count_terminals(work)
    if known["unbound"]:
        return [Finding("warning", "equipment.unbound", known)]
    return [Finding("ok", "equipment.all_bound", known)]


CHECKS = (settings, unbound)
