"""Areas reached: they hold what is reached in time and nothing that is far from it; the demo province as streets."""

from __future__ import annotations

import numpy as np
import shapely

from tongqu.engines.streets import CYCLE, DRIVE, WALK, Streets
from tongqu.kit.world.values import Name, Network, Road, RoadClass

HERE = (-51.2177, -30.0277)


def test_areas_hold_what_is_reached_in_time(porto_alegre: Streets) -> None:
    areas = porto_alegre.isochrones(HERE, [5, 10, 15])
    graph = porto_alegre.graph
    nodes = np.unique(graph.edge_from[porto_alegre.prepared(WALK).usable])
    points = np.column_stack((graph.node_lon[nodes], graph.node_lat[nodes]))
    seconds = porto_alegre.times(np.array([HERE]), points)[0]
    for minutes, area in areas.items():
        assert area.is_valid and area.area > 0
        inside = shapely.contains_xy(area, points[:, 0], points[:, 1])
        early = seconds <= minutes * 60 - 60
        assert inside[early].mean() > 0.99
        # a few lie beside a street that is reached and are themselves a long way round
        assert (seconds[inside] <= minutes * 60 + 60).mean() > 0.97
    assert areas[15].contains(areas[10].buffer(-1e-4)) and areas[10].contains(areas[5].buffer(-1e-4))


def test_a_car_reaches_further_than_a_bicycle(porto_alegre: Streets) -> None:
    by_car = porto_alegre.isochrones(HERE, [5], DRIVE)[5].area
    by_bicycle = porto_alegre.isochrones(HERE, [5], CYCLE)[5].area
    on_foot = porto_alegre.isochrones(HERE, [5], WALK)[5].area
    assert by_car > by_bicycle > on_foot
    assert porto_alegre.isochrones((HERE[1], HERE[0]), [5]) == {}


def test_a_network_of_directed_edges_becomes_streets() -> None:
    """A two-way street, a one-way street, and an expressway nobody walks on, in a row."""
    lon = np.array([120.0, 120.01, 120.02, 120.03])
    ends = [(0, 1), (1, 0), (1, 2), (2, 3)]
    classes = [RoadClass.STREET, RoadClass.STREET, RoadClass.STREET, RoadClass.EXPRESSWAY]
    edges, zero = len(ends), np.zeros(len(ends), bool)
    points = np.array([lon[list(pair)] for pair in ends]).ravel()
    network = Network(
        node_lon=lon, node_lat=np.full(4, 27.0), node_signal=np.zeros(4, bool),
        edge_from=np.array([a for a, _ in ends], np.int32), edge_to=np.array([b for _, b in ends], np.int32),
        edge_length_m=np.full(edges, 993.0), edge_class=np.array(classes, np.uint8),
        edge_limit_kmh=np.full(edges, 45.0), edge_road=np.zeros(edges, np.int32), edge_region=np.zeros(edges, np.int32),
        edge_reverse=np.array([1, 0, -1, -1], np.int32), edge_structure=np.full(edges, -1, np.int32),
        edge_bridge=zero, edge_tunnel=zero, edge_toll=zero, edge_phase=np.full(edges, -1, np.int8),
        point_start=np.arange(0, 2 * edges + 1, 2, dtype=np.int32), point_lon=points,
        point_lat=np.full(2 * edges, 27.0), point_along_m=np.tile([0.0, 993.0], edges),
        point_altitude_m=np.zeros(2 * edges), out_start=np.array([0, 1, 3, 4, 4], np.int32),
        out_edge=np.array([0, 1, 2, 3], np.int32),
    )  # fmt: skip
    streets = Streets.from_network(network, [Road(0, "", Name("长街", "Long Street"), RoadClass.STREET, "9901", 1.0)])
    assert streets.graph.edges == 3
    there = streets.route((120.001, 27.0), (120.019, 27.0), WALK)
    back = streets.route((120.019, 27.0), (120.001, 27.0), WALK)
    assert there is not None and back is not None  # people walk along a one-way street both ways
    assert there.duration_s == back.duration_s
    assert there.steps[0].street == "长街" and there.steps[0].street_en == "Long Street"
    assert not streets.stand(120.027, 27.0, WALK).inside[0]  # nobody walks on the expressway
