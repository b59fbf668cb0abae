"""What `tongqu doctor` says of the indicators."""

from __future__ import annotations

from tongqu.kernel import rulebooks
from tongqu.kernel.indicators.service import declared, projections
from tongqu.kernel.indicators.sources import sql_of, tables_of
from tongqu.kernel.indicators.values import SCOPE_COLUMNS, Indicator
from tongqu.kernel.indicators.windows import window_at
from tongqu.kernel.module import Finding
from tongqu.kernel.platform import Platform
from tongqu.kit.errors import TongquError
from tongqu.kit.text import has


def findings(platform: Platform) -> list[Finding]:
    """Each indicator has its texts and its columns, and what it reads is there."""
    found: list[Finding] = []
    there = projections(platform)
    every = [one for module in platform.modules for one in module.indicators]
    for indicator in every:
        missing = [name for name in indicator.projections if name not in there]
        if missing:
            found.append(
                Finding("warning", "indicators.no_projection", {"id": indicator.id, "missing": ", ".join(missing)})
            )
            continue
        try:
            problem = problem_of(platform, indicator)
        except TongquError as error:
            problem = str(error)
        if problem:
            found.append(Finding("error", "indicators.bad", {"id": indicator.id, "reason": problem}))
    return found or [Finding("ok", "indicators.sound", {"count": len(declared(platform))})]


def problem_of(platform: Platform, indicator: Indicator) -> str | None:
    """What is wrong with a declaration, None if nothing is."""
    for what in ("title", "formula", "note"):
        if not has(indicator.text_key(what)):
            return f"no text {indicator.text_key(what)}"
    if not has(f"indicators.units.{indicator.unit}"):
        return f"no text for the unit {indicator.unit}"
    now = platform.clock.now_ms()
    numbers = {one: rulebooks.value_of(one, None, now) for one in indicator.parameters}
    rows = indicator.rows(tables_of(indicator, projections(platform), numbers), window_at(indicator.periods[0], now))
    needed = {*SCOPE_COLUMNS, *indicator.grain, "numerator", indicator.order.removeprefix("-")}
    needed |= {"denominator"} if indicator.ratio else set()
    if lacking := needed - set(rows.columns):
        return f"rows lack the columns {sorted(lacking)}"
    sql_of(rows)
    return None
