"""The scenes of the demo come about: whoever plays a part does what its alarm is raised for."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from tongqu.kit.world import drive, scenes
from tongqu.kit.world.values import World

pytestmark = pytest.mark.xdist_group("world")

NINE = 1_760_490_000_000  # 2025-10-15 09:00 in Asia/Shanghai
MINUTE = 60_000
PER_DEGREE_M = 98_200.0  # of longitude, the shorter of both


@pytest.mark.parametrize("begin_ms", [NINE, NINE + 7 * 60 * MINUTE, NINE + 15 * 60 * MINUTE])
def test_the_truck_leaves_its_planned_route_and_stays_off_it(province: World, begin_ms: int) -> None:
    truck = scenes.cast(province).strayed
    planned = shapely.LineString(scenes.planned_route(province, truck))
    state = drive.start(province, 7, begin_ms)
    astray, off_s = False, 0
    for minute in range(1, 31):
        scenes.restless(state, truck)
        astray = astray or scenes.lead_astray(province, state, truck)
        now = drive.advance(state, begin_ms + minute * MINUTE)
        off_m = shapely.distance(planned, shapely.Point(now.lon[truck], now.lat[truck])) * PER_DEGREE_M
        off_s = off_s + 60 if off_m > 600 else 0
        if off_s >= 300:
            return
    pytest.fail(f"{off_m:.0f} m from its route after half an hour")


def test_the_tired_driver_has_not_rested(province: World) -> None:
    """Six hours in which no stand is as long as a rest, and most of which were driven."""
    tired = scenes.cast(province).tired
    state = drive.start(province, 7, NINE)
    fixes = list(scenes.past(state, tired, 6 * 3_600, 30))
    at = np.array([at_ms for at_ms, _ in fixes])
    stands = np.array([float(now.speed_kmh[0]) < 5 for _, now in fixes])
    longest, so_far = 0, 0
    for stands_still in stands.tolist():
        so_far = so_far + 30 if stands_still else 0
        longest = max(longest, so_far)
    assert at[0] == NINE - 6 * 3_600_000 + 30_000
    assert at[-1] == NINE
    assert longest < 20 * 60
    assert (~stands).sum() * 30 > 4 * 3_600
    assert np.hypot(np.diff([now.lon[0] for _, now in fixes]), np.diff([now.lat[0] for _, now in fixes])).max() < 0.02
