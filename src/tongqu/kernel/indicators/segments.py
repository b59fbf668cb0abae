"""What several indicators reckon from fixes: the ways between consecutive good ones, and who the vehicles are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tongqu.kernel.telemetry.rows import SUSPICIOUS
from tongqu.kit.geometry.sphere import EARTH_RADIUS_M

if TYPE_CHECKING:
    import ibis


def segments(positions: ibis.Table) -> ibis.Table:
    """The ways between consecutive fixes of a thing that carry no suspicion flag.

    Columns: thing, time_ms (of the later fix), `gap_ms` since the one before, `distance_m` between them on the sphere
    (haversine; the ellipsoid differs by at most 0.6 %), and `speed_kmh` as the receiver gave it.
    """
    import ibis

    good = positions.filter((positions.flags & SUSPICIOUS) == 0)
    along = ibis.window(group_by="thing", order_by=["time_ms", "log_offset"])
    pairs = good.mutate(
        before_ms=good.time_ms.lag().over(along),
        before_lon=good.lon.lag().over(along),
        before_lat=good.lat.lag().over(along),
    )
    pairs = pairs.filter(pairs.before_ms.notnull())
    rise = ((pairs.lat - pairs.before_lat).radians() / 2).sin()
    turn = ((pairs.lon - pairs.before_lon).radians() / 2).sin()
    chord = rise * rise + pairs.lat.radians().cos() * pairs.before_lat.radians().cos() * turn * turn
    return pairs.select(
        "thing",
        "time_ms",
        "speed_kmh",
        gap_ms=pairs.time_ms - pairs.before_ms,
        distance_m=2 * EARTH_RADIUS_M * ibis.least(chord.sqrt(), 1.0).asin(),
    )


def owners(things: ibis.Table, kinds: Sequence[str]) -> ibis.Table:
    """Things of some kinds with what every row of an indicator says of them: whose, who, what category."""
    kept = things.filter(things.kind.isin(list(kinds)))
    return kept.select("key", "organisation", "region", "urn", "category", label=kept.name)
