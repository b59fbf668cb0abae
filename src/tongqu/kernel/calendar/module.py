"""The manifest of the calendar."""

from __future__ import annotations

from tongqu.kernel.module import Finding, Module
from tongqu.kernel.platform import Platform


def check_years(platform: Platform) -> list[Finding]:
    """Whether the holidays of this year and of the deadlines to come are known."""
    from datetime import date

    from tongqu.kernel.calendar.days import day_at, day_of
    from tongqu.kernel.rulebooks import Status

    this = day_at(platform.clock.now_ms()).year
    unsure = [year for year in (this, this + 1) if day_of(date(year, 1, 1)).status == Status.UNVERIFIED]
    if not unsure:
        return [Finding("ok", "calendar.known", {"year": this + 1})]
    return [Finding("warning", "calendar.unsure", {"years": ", ".join(str(year) for year in unsure)})]


MODULE = Module(
    id="calendar",
    package="tongqu.kernel.calendar",
    field="platform",
    needs=("rulebooks",),
    checks=(check_years,),
)
