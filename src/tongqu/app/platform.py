"""Opens the platform of a process: clock, record store, modules."""

from __future__ import annotations

import time

from tongqu.app import registry
from tongqu.kernel.platform import Platform, Settings
from tongqu.kernel.store import Store, migrate
from tongqu.kit.time import Instant


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> Instant:
        return Instant(time.time_ns() // 1_000_000)


def open_platform(settings: Settings) -> Platform:
    """A platform over the records of `settings`; nothing is started and nothing migrated."""
    clock = SystemClock()
    return Platform(settings, clock, Store(settings.database, clock), registry.modules())


def prepare(platform: Platform) -> list[str]:
    """Bring all tables up to date; gives the modules whose tables changed."""
    return migrate(platform.store, registry.rooms(platform.modules))
