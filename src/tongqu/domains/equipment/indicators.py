"""Figures of terminals and their data, as dynamic supervision is judged by them.

The four figures are those of the supervision of transport vehicles (上线率, 轨迹完整率, 漂移率, 数据合格率). Their
official formulas are not public in one place; what is computed here is said in words beside each figure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.kernel.indicators import Indicator, Tables, Window

if TYPE_CHECKING:
    import ibis

COMPLETE_GAP = "equipment.tracks.complete_gap_s"
KINDS = ("vehicle", "terminal")


def online(tables: Tables, window: Window) -> ibis.Table:
    """One row for each vehicle that had a terminal in the window: whether it sent a position."""
    from tongqu.kernel.indicators.segments import owners

    bindings = tables.bindings
    fitted = bindings.filter(bindings.from_ms < window.to_ms, bindings.to_ms > window.from_ms)
    fitted = fitted.select(key=fitted.subject).distinct()
    positions = tables.positions
    seen = positions.group_by("thing").aggregate(fixes=positions.count(), last_ms=positions.time_ms.max())
    vehicles = owners(tables.things, ("vehicle",)).semi_join(fitted, "key")
    joined = vehicles.left_join(seen, vehicles.key == seen.thing).drop("thing")
    fixes = joined.fixes.fill_null(0)
    return joined.mutate(fixes=fixes, numerator=(fixes > 0).cast("int64"), denominator=1)


def complete(tables: Tables, _: Window) -> ibis.Table:
    """One row for each vehicle that moved: kilometres in all, and kilometres without a gap longer than the limit."""
    from tongqu.kernel.indicators.segments import owners, segments

    ways = segments(tables.positions)
    kept = ways.gap_ms <= 1000 * tables.parameters[COMPLETE_GAP]
    driven = ways.group_by("thing").aggregate(
        total_km=ways.distance_m.sum() / 1000,
        complete_km=ways.distance_m.sum(where=kept).fill_null(0.0) / 1000,
        longest_gap_s=ways.gap_ms.max() / 1000,
    )
    vehicles = owners(tables.things, ("vehicle",))
    joined = vehicles.inner_join(driven, vehicles.key == driven.thing).drop("thing")
    return joined.mutate(numerator=joined.complete_km, denominator=joined.total_km)


def drifted(tables: Tables, _: Window) -> ibis.Table:
    """One row for each vehicle with fixes: how many of them are where it cannot have been."""
    from tongqu.kernel.telemetry.rows import Flag

    return _judged(tables, int(Flag.ZERO | Flag.JUMP | Flag.OUT_OF_RANGE), good=False)


def sound(tables: Tables, _: Window) -> ibis.Table:
    """One row for each vehicle with fixes: how many of them carry no suspicion flag."""
    from tongqu.kernel.telemetry.rows import SUSPICIOUS

    return _judged(tables, SUSPICIOUS, good=True)


def _judged(tables: Tables, mask: int, *, good: bool) -> ibis.Table:
    """One row for each vehicle with fixes: all, and those without (`good`) or with a flag of the mask."""
    from tongqu.kernel.indicators.segments import owners

    positions = tables.positions
    flagged = (positions.flags & mask) != 0
    counted = positions.group_by("thing").aggregate(fixes=positions.count(), flagged=flagged.sum())
    things = owners(tables.things, KINDS)
    joined = things.inner_join(counted, things.key == counted.thing).drop("thing")
    return joined.mutate(numerator=joined.fixes - joined.flagged if good else joined.flagged, denominator=joined.fixes)


INDICATORS = (
    Indicator("equipment.online_rate", "%", 1, online, scale=100, ratio=True, order="fixes", better="higher",
              read="telemetry.read"),
    Indicator("equipment.track_completeness", "%", 1, complete, scale=100, ratio=True, parameters=(COMPLETE_GAP,),
              order="-longest_gap_s", better="higher", decimals=2, read="telemetry.read"),
    Indicator("equipment.drift_rate", "%", 1, drifted, scale=100, ratio=True, order="-flagged", better="lower",
              decimals=3, read="telemetry.read"),
    Indicator("equipment.data_quality", "%", 1, sound, scale=100, ratio=True, order="-flagged", better="higher",
              decimals=2, read="telemetry.read"),
)  # fmt: skip
