"""Figures of fleets: how many vehicles of which category there are, and how often they alarm for what they drive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.kernel.indicators import Indicator, Tables, Window

if TYPE_CHECKING:
    import ibis

ALARMS = "alarms.alarms"


def by_category(tables: Tables, window: Window) -> ibis.Table:
    """One row for each vehicle that is registered at the end of the window."""
    from tongqu.kernel.indicators.segments import owners

    things = tables.things
    there = (things.valid_from_ms < window.to_ms) & (things.valid_to_ms.isnull() | (things.valid_to_ms >= window.to_ms))
    return owners(things.filter(there), ("vehicle",)).mutate(numerator=1)


def alarms_per_distance(tables: Tables, _: Window) -> ibis.Table:
    """One row for each vehicle that moved or alarmed: kilometres and alarms whose onset lies in the window."""
    from tongqu.kernel.indicators.segments import owners, segments

    alarms = tables[ALARMS]
    counted = alarms.filter(alarms.state != "withdrawn")
    counted = counted.group_by("subject").aggregate(alarms=counted.count())
    ways = segments(tables.positions)
    driven = ways.group_by("thing").aggregate(total_km=ways.distance_m.sum() / 1000)
    vehicles = owners(tables.things, ("vehicle",))
    joined = vehicles.left_join(driven, vehicles.key == driven.thing).drop("thing")
    joined = joined.left_join(counted, joined.urn == counted.subject).drop("subject")
    joined = joined.mutate(alarms=joined.alarms.fill_null(0), total_km=joined.total_km.fill_null(0.0))
    joined = joined.filter((joined.alarms > 0) | (joined.total_km > 0))
    return joined.mutate(numerator=joined.alarms, denominator=joined.total_km)


INDICATORS = (
    Indicator("fleets.vehicles_by_category", "vehicles", 1, by_category, grain=("category",), periods=("day",),
              decimals=0, read="fleets.read"),
    Indicator("fleets.alarms_per_1000_km", "1/1000 km", 1, alarms_per_distance, scale=1000, ratio=True,
              projections=(ALARMS,), order="-alarms", better="lower", decimals=2, read="telemetry.read"),
)  # fmt: skip
