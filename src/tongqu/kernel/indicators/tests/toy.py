"""Two indicators of toys, and records that one of them reads: proves that the room knows no transport task."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from tongqu.kernel.indicators import Indicator, Projection, Tables, Window
from tongqu.kernel.indicators.segments import owners
from tongqu.kernel.module import Module
from tongqu.kernel.telemetry.rows import SUSPICIOUS
from tongqu.kernel.telemetry.tests.house import TERMINAL, VEHICLE
from tongqu.kernel.telemetry.tests.toy import TOY

SCHEMA = pa.schema([("time_ms", pa.int64()), ("urn", pa.string()), ("rings", pa.int64())])


@dataclass
class Bells:
    """Records of another room: who rang when, and how often."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    def read(self, _: Any, from_ms: int, to_ms: int) -> pa.Table:
        return pa.Table.from_pylist([row for row in self.rows if from_ms <= row["time_ms"] < to_ms], schema=SCHEMA)


def good_fixes(tables: Tables, _: Window) -> Any:
    positions = tables.positions
    counted = positions.group_by("thing").aggregate(
        fixes=positions.count(), good=((positions.flags & SUSPICIOUS) == 0).sum()
    )
    things = owners(tables.things, ("vehicle", "terminal"))
    joined = things.inner_join(counted, things.key == counted.thing).drop("thing")
    return joined.mutate(numerator=joined.good, denominator=joined.fixes)


def rings(tables: Tables, _: Window) -> Any:
    bells = tables["toys.bells"]
    things = owners(tables.things, ("vehicle",))
    return things.inner_join(bells, things.urn == bells.urn, rname="{name}_right").mutate(numerator=bells.rings)


QUALITY = Indicator("toys.quality", "%", 1, good_fixes, scale=100, ratio=True, order="-fixes")
RINGS = Indicator("toys.rings", "count", 1, rings, grain=("category",), periods=("hour",), projections=("toys.bells",))


def toys(bells: Bells) -> Module:
    return Module(
        "toys",
        "tongqu.kernel.telemetry.tests",
        "platform",
        streams=(TOY,),
        kinds=(VEHICLE, TERMINAL),
        indicators=(QUALITY, RINGS),
        projections=(Projection("toys.bells", lambda: SCHEMA, bells.read),),
    )
