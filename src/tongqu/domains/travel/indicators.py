"""Figures of public transport for an authority: which settlements it serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.domains.travel import coverage
from tongqu.domains.travel.store import feeds
from tongqu.domains.travel.tables import READ
from tongqu.kernel.indicators import Indicator, Projection, Tables, Window

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from tongqu.kernel.store import Work

SETTLEMENTS = "travel.settlements"


def schema() -> pa.Schema:
    """Of each settlement: where it is, how far the nearest stop is, and since when any feed is live."""
    import pyarrow as pa

    return pa.schema(
        [("settlement", pa.string()), ("label", pa.string()), ("kind", pa.string()), ("region", pa.string()),
         ("distance_m", pa.float64()), ("stop", pa.string()), ("departures", pa.int64()), ("since_ms", pa.int64())]
    )  # fmt: skip


def settlements(work: Work, _from_ms: int, _to_ms: int) -> pa.Table:
    """As the live feeds stand; none where no feed is live."""
    import pyarrow as pa

    since = [row["activated_ms"] for row in feeds.live(work) if row["activated_ms"] is not None]
    rows = [
        (one.id, one.name, one.kind, one.region, one.distance_m, one.stop, one.departures, min(since))
        for one in (coverage.settlements(work) if since else ())
    ]
    names = schema().names
    return pa.table([[row[k] for row in rows] for k in range(len(names))], schema=schema())


def served(tables: Tables, window: Window) -> ibis.Table:
    """One row for each settlement, from the day on which a feed was live: whether a stop is within reach of it."""
    import ibis

    known = tables[SETTLEMENTS]
    there = known.filter(known.since_ms < window.to_ms)
    near = (there.distance_m <= tables.parameters[coverage.WITHIN]).fill_null(False)
    return there.drop("since_ms").mutate(organisation=ibis.null("string"), numerator=near.cast("int64"), denominator=1)


PROJECTIONS = (Projection(SETTLEMENTS, schema, settlements),)
INDICATORS = (
    Indicator("travel.settlements_served", "%", 1, served, scale=100, ratio=True, grain=("kind",), periods=("day",),
              projections=(SETTLEMENTS,), parameters=(coverage.WITHIN,), order="-distance_m", better="higher",
              read=READ),
)  # fmt: skip
