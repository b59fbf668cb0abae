"""Places: ports, parks, stations, depots. Those with ground get a yard of inner roads and a link to the network."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely

from tongqu.kit.geometry import lines as geometry
from tongqu.kit.geometry import polygons
from tongqu.kit.world import contour, frame, names, plan
from tongqu.kit.world.highways import Site, bezier
from tongqu.kit.world.regions import Partition
from tongqu.kit.world.relief import KM, Terrain
from tongqu.kit.world.roads import Town
from tongqu.kit.world.streets import Built
from tongqu.kit.world.values import Floats, Geometry, Name, Network, Place, Region, RoadClass
from tongqu.kit.world.water import PlaneWater
from tongqu.kit.world.ways import Layout, rings

# kind: (Chinese, English, rank)
KINDS: dict[str, tuple[str, str, int]] = {
    "city": ("城市", "City", 1),
    "county": ("县城", "County seat", 2),
    "town": ("镇", "Town", 3),
    "port": ("港区", "Port", 1),
    "terminal": ("码头", "Terminal", 2),
    "airport": ("机场", "Airport", 1),
    "railway_station": ("火车站", "Railway station", 2),
    "coach_station": ("客运站", "Coach station", 3),
    "logistics_park": ("物流园区", "Logistics park", 2),
    "chemical_park": ("化工园区", "Chemical park", 2),
    "bus_depot": ("公交场站", "Bus depot", 4),
    "maintenance_depot": ("养护站", "Maintenance depot", 4),
    "scenic_spot": ("景区", "Scenic spot", 3),
    "toll_station": ("收费站", "Toll station", 4),
    "service_area": ("服务区", "Service area", 3),
    "gas_station": ("加油站", "Filling station", 4),
}


@dataclass(frozen=True)
class Draft:
    """A place before the network is known."""

    kind: str
    name: Name
    x: float
    y: float
    area: Geometry | None = None


def _box(centre: Floats, along: Floats, width: float, depth: float) -> Floats:
    """Corners of a rectangle: `width` along the unit vector, `depth` across it."""
    across = np.array((-along[1], along[0]))
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    return np.array([centre + 0.5 * (a * width * along + b * depth * across) for a, b in signs])


class _Yards:
    """Lays yards on free ground and remembers what is taken."""

    def __init__(self, layout: Layout, site: Site, roads: list[Floats], built: list[Built]) -> None:
        self.layout, self.site = layout, site
        self.roads = geometry.pack(roads, cell=600.0)
        axes = [w.points for w in layout.ways if not w.at_grade] + site.motorways
        self.motorways = geometry.pack(axes, cell=600.0)
        self.built = polygons.pack([rings(b.area) for b in built])
        self.taken: list[tuple[float, float, float]] = []

    def free(self, x: Floats, y: Floats, size: float) -> np.ndarray:
        """Which points have dry, unbuilt, open ground of about `size` around them."""
        ok = np.ones(len(x), bool)
        for angle in np.linspace(0, 2 * np.pi, 8, endpoint=False):
            px, py = x + 0.62 * size * np.cos(angle), y + 0.62 * size * np.sin(angle)
            ok &= ~self.layout.is_wet(np.column_stack((px, py))) & (polygons.first_holding(self.built, px, py) < 0)
        ok &= geometry.nearest(self.motorways, x, y, reach=size).line < 0
        for tx, ty, other in self.taken:
            ok &= np.hypot(x - tx, y - ty) > 0.75 * (size + other)
        return ok

    def find(self, town: Town, bearing_deg: float, far_m: float, size: float) -> Floats | None:
        """Free flat ground at about that bearing (clockwise from north) and distance from a town, near a road."""
        bearing = np.radians(90 - bearing_deg)
        centre = np.array((town.x + far_m * np.cos(bearing), town.y + far_m * np.sin(bearing)))
        gx, gy = np.meshgrid(np.arange(-30, 31) * 140.0, np.arange(-30, 31) * 140.0)
        x, y = centre[0] + gx.ravel(), centre[1] + gy.ravel()
        road = geometry.nearest(self.roads, x, y, reach=2_500.0).distance
        steep = np.zeros(len(x))
        here = self.layout.height.at(x, y)
        for dx, dy in ((1, 0), (0, 1), (-1, 0), (0, -1)):
            steep += np.abs(self.layout.height.at(x + dx * size / 2, y + dy * size / 2) - here)
        score = np.hypot(gx, gy).ravel() / 900 + np.abs(road - 0.75 * size) / 300 + steep / 12
        score = np.where((road > 0.62 * size) & np.isfinite(road) & self.free(x, y, size), score, np.inf)
        best = int(np.argmin(score))
        return None if np.isinf(score[best]) else np.array((x[best], y[best]))

    def lay(self, name: Name, centre: Floats, along: Floats, width: float, depth: float, block: float) -> Geometry:
        """Inner roads of a yard and its link; returns its ground."""
        self.taken.append((float(centre[0]), float(centre[1]), max(width, depth)))
        road = self.layout.book.add("", Name(f"{name.zh}内部道路", f"{name.en} inner roads"), RoadClass.ACCESS, "99")
        inner = _box(centre, along, width - 90, depth - 90)
        loop = np.vstack(
            (inner[0] * 0.5 + inner[1] * 0.5, inner[1], inner[2], inner[3], inner[0], inner[0] * 0.5 + inner[1] * 0.5)
        )
        self.layout.add(_even(loop), road, RoadClass.ACCESS, 30.0)
        for k in range(1, max(1, round((width - 90) / block))):
            t = k * block / (width - 90)
            if t < 0.97:
                ends = np.vstack((inner[0] + t * (inner[1] - inner[0]), inner[3] + t * (inner[2] - inner[3])))
                self.layout.add(_even(ends), road, RoadClass.ACCESS, 20.0)
        self._link(road, inner, centre)
        return shapely.Polygon(_box(centre, along, width, depth)).buffer(-50).buffer(50, quad_segs=4)

    def _link(self, road: int, inner: Floats, centre: Floats) -> None:
        """From the side of the yard that is nearest to a road, straight out and into that road."""
        gates = (inner + np.roll(inner, -1, axis=0)) / 2
        feet = geometry.nearest(self.roads, gates[:, 0], gates[:, 1], reach=40_000.0)
        k = int(np.argmin(feet.distance))
        out = (gates[k] - centre) / np.hypot(*(gates[k] - centre))
        target = np.array((feet.x[k], feet.y[k]))
        arrive = (target - gates[k]) / max(float(np.hypot(*(target - gates[k]))), 1.0)
        self.layout.add(bezier(gates[k], out, target, arrive, 0.3, 40.0), road, RoadClass.ACCESS, 40.0)


def _even(line: Floats) -> Floats:
    """Points every 40 m, corners kept."""
    parts = [contour.resample(np.vstack(pair), 40.0)[:-1] for pair in pairwise(line)]
    return np.vstack((*parts, line[-1:]))


def _port(yards: _Yards, terrain: Terrain, water: PlaneWater, wish: plan.Quay) -> list[Draft]:
    """A port's ground along the nearest stretch of coast, with a terminal for each berth group."""
    coast = [
        np.asarray(ring.coords) for part in shapely.get_parts(water.sea) for ring in (part.exterior, *part.interiors)
    ]
    ring = min(coast, key=lambda r: np.hypot(r[:, 0] - wish.x_km * KM, r[:, 1] - wish.y_km * KM).min())
    ring = contour.resample(ring, 60.0)
    k = int(np.argmin(np.hypot(ring[:, 0] - wish.x_km * KM, ring[:, 1] - wish.y_km * KM)))
    near = ring[max(k - 12, 0) : k + 13]
    along = near[-1] - near[0]
    along /= np.hypot(*along)
    inland = np.array((-along[1], along[0]))
    if float(terrain.coast.at(*(ring[k] + 600 * inland).reshape(2, 1))[0]) < 0:
        inland = -inland
    # quay line: the innermost water line over the front, so the ground is dry
    front = (near - ring[k]) @ inland
    centre = ring[k] + inland * (max(float(np.quantile(front, 0.8)), 0.0) + wish.depth_m / 2 + 25)
    if inland @ np.array((-along[1], along[0])) < 0:
        along = -along
    area = yards.lay(wish.name, centre, along, wish.width_m, wish.depth_m, 280.0)
    drafts = [Draft("port", wish.name, float(centre[0]), float(centre[1]), area)]
    for n, terminal in enumerate(wish.terminals):
        t = (n + 0.5) / len(wish.terminals) - 0.5
        at = centre + along * t * (wish.width_m - 200) - inland * (wish.depth_m / 2 - 45)
        quay = shapely.Polygon(_box(at - inland * 25, along, 0.9 * wish.width_m / len(wish.terminals), 130))
        drafts.append(Draft("terminal", terminal, float(at[0]), float(at[1]), quay))
    return drafts


def draft(
    layout: Layout, site: Site, terrain: Terrain, water: PlaneWater, partition: Partition, towns: list[Town],
    built: list[Built], roads: list[Floats],
) -> list[Draft]:  # fmt: skip
    """Choose places and lay the yards of those that have ground."""
    seats = {town.seat: town for town in towns if town.seat}
    yards = _Yards(layout, site, roads, built)
    drafts = []
    for quay in plan.QUAYS:
        drafts += _port(yards, terrain, water, quay)
    for wish in plan.YARDS:
        width, depth = wish.size_m
        spot = yards.find(seats[wish.county], wish.bearing_deg, wish.far_km * KM, max(width, depth))
        if spot is None:
            continue
        feet = geometry.nearest(yards.roads, spot[:1], spot[1:], reach=5_000.0)
        across = np.array((feet.x[0], feet.y[0])) - spot
        across /= max(float(np.hypot(*across)), 1.0)
        along = np.array((across[1], -across[0]))
        block = 1e9 if wish.kind == "airport" else 400.0
        area = yards.lay(wish.name, spot, along, width, depth, block)
        drafts.append(Draft(wish.kind, wish.name, float(spot[0]), float(spot[1]), area))
    return drafts + _points(site, partition, towns, roads)


def _points(site: Site, partition: Partition, towns: list[Town], roads: list[Floats]) -> list[Draft]:
    """Places that are a point on the map."""
    drafts = []
    for town in towns:
        kind = "town" if not town.seat else ("city" if town.seat in plan.CITY_SEATS else "county")
        name = dict(plan.CITIES)[town.seat[:4]] if kind == "city" else town.name
        drafts.append(Draft(kind, name, town.x, town.y))
    for gate in site.gates:
        drafts.append(
            Draft("toll_station", Name(f"{gate.name.zh}收费站", f"{gate.name.en} Toll Station"), gate.x, gate.y)
        )
    for k, rest in enumerate(site.rests):
        side = ("（A区）", " (A)") if k % 2 == 0 else ("（B区）", " (B)")
        drafts.append(
            Draft(
                "service_area",
                Name(f"{rest.name.zh}服务区{side[0]}", f"{rest.name.en} Service Area{side[1]}"),
                rest.x,
                rest.y,
            )
        )
    seats = {town.seat: town for town in towns if town.seat}
    for kind, county, zh, en, bearing_deg, part in plan.POINTS:
        town, bearing = seats[county], np.radians(90 - bearing_deg)
        far = part * town.radius_m
        drafts.append(Draft(kind, Name(zh, en), town.x + far * np.cos(bearing), town.y + far * np.sin(bearing)))
    long = [road for road in roads if shapely.length(shapely.LineString(road)) > 5 * KM]
    for n, road in enumerate(long[::3][: len(names.STATIONS)]):
        x, y = road[len(road) // 2]
        own = partition.counties[partition.labels[int(y / 500), int(x / 500)]]
        if own.startswith("99"):
            name = names.STATIONS[n]
            drafts.append(
                Draft("gas_station", Name(f"{name.zh}加油站", f"{name.en} Filling Station"), float(x), float(y))
            )
    return drafts


def fix(drafts: list[Draft], network: Network, regions: tuple[Region, ...]) -> tuple[Place, ...]:
    """Give each place its county and its node: on an inner road for yards, on the access lane for service areas."""
    counties = [region for region in regions if region.level == "county"]
    packed = polygons.pack([rings(region.geometry) for region in counties])
    at = np.array([(d.x, d.y) for d in drafts])
    lon, lat = frame.to_lonlat(at[:, 0], at[:, 1])
    county = polygons.first_holding(packed, lon, lat)
    centres = np.array([region.centre for region in counties])
    nx, ny = frame.to_plane(network.node_lon, network.node_lat)
    rank = np.full(network.nodes, 99)
    np.minimum.at(rank, network.edge_to, network.edge_class)
    access = np.zeros(network.nodes, bool)
    access[network.edge_to[network.edge_class == RoadClass.ACCESS]] = True
    motorway = np.zeros(network.nodes, bool)
    motorway[network.edge_to[network.edge_class <= RoadClass.RAMP]] = True
    places = []
    for k, d in enumerate(drafts):
        wanted = ~motorway
        if d.area is not None:
            wanted = access & ~motorway
        elif d.kind == "service_area":
            wanted = access & motorway
        elif d.kind == "toll_station":
            wanted = motorway
        far = np.where(wanted, np.hypot(nx - d.x, ny - d.y), np.inf)
        region = counties[county[k]] if county[k] >= 0 else counties[
            int(np.argmin(np.hypot(centres[:, 0] - lon[k], centres[:, 1] - lat[k])))]  # fmt: skip
        node = int(np.argmin(far))
        if d.kind in ("gas_station", "coach_station", "railway_station"):  # these stand where the road is
            lon[k], lat[k] = network.node_lon[node] + 2.5e-4, network.node_lat[node] + 2.5e-4
        area = None if d.area is None else shapely.transform(d.area, frame.lonlat_array)
        places.append(Place(k, d.kind, d.name, region.code, round(float(lon[k]), 6), round(float(lat[k]), 6),
                            node, KINDS[d.kind][2], area))  # fmt: skip
    return tuple(places)
