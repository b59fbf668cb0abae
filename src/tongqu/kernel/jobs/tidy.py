"""What the queue does for its own order: it forgets old jobs, and tells the doctor what is stuck."""

from __future__ import annotations

from tongqu.kernel.jobs import store
from tongqu.kernel.jobs.tables import KEPT_DAYS
from tongqu.kernel.module import Finding
from tongqu.kernel.platform import Platform
from tongqu.kit.time import DAY_MS, MINUTE_MS

LONG_WAIT_MS = 5 * MINUTE_MS


def run(platform: Platform) -> None:
    """Forget jobs that ended longer ago than the retention of the table."""
    before_ms = platform.clock.now_ms() - KEPT_DAYS * DAY_MS
    while True:
        with platform.store.write(store.PLATFORM) as work:
            if not store.delete_finished(work, before_ms):
                return


def check(platform: Platform) -> list[Finding]:
    """Whether jobs wait although nothing runs, and whether the last run of each schedule went well."""
    with platform.store.read(store.PLATFORM) as work:
        open_jobs = store.still_open(work)
        failed = sorted(name for name, row in store.schedules(work).items() if row["error"])
    findings = [Finding("warning", "jobs.schedule_failed", {"schedule": name}) for name in failed]
    waiting = [job for job in open_jobs if job["state"] == "queued"]
    longest_ms = max((platform.clock.now_ms() - job["created_ms"] for job in waiting), default=0)
    if longest_ms > LONG_WAIT_MS and len(waiting) == len(open_jobs):
        minutes = longest_ms // MINUTE_MS
        findings.append(Finding("error", "jobs.nobody_works", {"count": len(waiting), "minutes": minutes}))
    return findings or [Finding("ok", "jobs.well", {"count": len(open_jobs)})]
