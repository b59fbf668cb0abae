"""What the queue does for its own order: it forgets old jobs."""

from __future__ import annotations

from tongqu.kernel.jobs import store
from tongqu.kernel.jobs.tables import KEPT_DAYS
from tongqu.kernel.platform import Platform
from tongqu.kit.time import DAY_MS


def run(platform: Platform) -> None:
    """Forget jobs that ended longer ago than the retention of the table."""
    before_ms = platform.clock.now_ms() - KEPT_DAYS * DAY_MS
    while True:
        with platform.store.write(store.PLATFORM) as work:
            if not store.delete_finished(work, before_ms):
                return
