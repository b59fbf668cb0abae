"""Limits of the demo province's roads, for as long as no network of roads knows them.

They are written when the demo is filled and read where rules run; whoever provides `SpeedLimits` goes before them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tongqu.kernel.platform import Platform
from tongqu.kit.world.values import RoadClass, World


def _file(platform: Platform) -> Path:
    return platform.settings.data / "demo-limits.npz"


def keep(platform: Platform, world: World) -> None:
    """Write the limits of a world: its edges as segments in the direction of travel."""
    net = world.network
    points = np.diff(net.point_start)
    begin = np.ones(len(net.point_lon), dtype=np.bool_)
    begin[net.point_start[1:] - 1] = False  # the last point of an edge begins no segment
    first = np.flatnonzero(begin)
    edge = np.repeat(np.arange(net.edges), points - 1)
    np.savez(
        _file(platform),
        x0=net.point_lon[first],
        y0=net.point_lat[first],
        x1=net.point_lon[first + 1],
        y1=net.point_lat[first + 1],
        limit_kmh=net.edge_limit_kmh[edge],
        expressway=net.edge_class[edge] == RoadClass.EXPRESSWAY,
    )


def provide(platform: Platform) -> None:
    """Provide them, if they were kept and nobody knows better."""
    from tongqu.kernel.geo.limits import SegmentLimits, SpeedLimits

    if platform.has(SpeedLimits) or not _file(platform).is_file():
        return
    with np.load(_file(platform)) as kept:
        platform.provide(SegmentLimits(**{name: kept[name] for name in kept.files}), SpeedLimits)
