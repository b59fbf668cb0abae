"""The composition of the province: where seats, roads, ports and yards are wanted, in km in the plane.

The terrain moves with the seed; the makers look for the best ground near these wishes. All names are made up.
"""

from __future__ import annotations

from dataclasses import dataclass

from tongqu.kit.world.values import Name, RoadClass


def _names(*pairs: str) -> tuple[Name, ...]:
    return tuple(Name(*pair.split("|")) for pair in pairs)


BAY_KM = (192.0, 91.0)
PROVINCES = (
    ("99", Name("澜江省（虚构）", "Lanjiang Province (fictional)")),
    ("98", Name("沅北省（虚构）", "Yuanbei Province (fictional)")),
)
CITIES = (
    ("9901", Name("澜州市", "Lan-zhou City")),
    ("9902", Name("望汀市", "Wangting City")),
    ("9903", Name("临岫市", "Linxiu City")),
    ("9801", Name("沅栖市", "Yuanqi City")),
)


@dataclass(frozen=True)
class County:
    """A county: where its seat is wanted (km in the plane), how far it may be, and its head start in growing."""

    code: str
    name: Name
    x_km: float
    y_km: float
    search_km: float = 7.0
    head_start_km: float = 1.0


def _county(code: str, zh: str, en: str, x_km: float, y_km: float, search_km: float = 7.0, head: float = 2.0) -> County:
    return County(code, Name(zh, en), x_km, y_km, search_km, head)


# the first county of a city holds the city's centre
COUNTIES = (
    _county("990101", "澜滨区", "Lanbin District", 120, 109, 6, 8),
    _county("990102", "望岚区", "Wanglan District", 100, 98, 5, 6),
    _county("990103", "文棹区", "Wenzhao District", 140, 103, 6, 6),
    _county("990104", "青埠县", "Qingbu County", 112, 72, 8),
    _county("990105", "禾汀县", "Heting County", 128, 140, 8),
    _county("990106", "云渚县", "Yunzhu County", 116, 42, 9),
    _county("990201", "汀港区", "Tinggang District", 187, 107, 5, 8),
    _county("990202", "潮屿区", "Chaoyu District", 206, 110, 6, 5),
    _county("990203", "海棹县", "Haizhao County", 200, 150, 9),
    _county("990204", "沙澳县", "Shaao County", 176, 72, 7),
    _county("990205", "栖湾县", "Qiwan County", 160, 36, 7, 7),
    _county("990301", "岫城区", "Xiucheng District", 69, 143, 7, 7),
    _county("990302", "云栈县", "Yunzhan County", 46, 168, 9),
    _county("990303", "溪峤县", "Xiqiao County", 100, 158, 9),
    _county("990304", "松岑县", "Songcen County", 50, 112, 9),
    _county("990305", "霜岭县", "Shuangling County", 56, 76, 9),
    _county("980101", "栖南县", "Qinan County", 16, 100, 8, 3),
    _county("980102", "沅口县", "Yuankou County", 126, 197, 6, 3),
    _county("980103", "麓川县", "Luchuan County", 92, 14, 6, 3),
)

# radius of the built-up area; other seats have 2 km
TOWN_RADIUS_KM = {
    "990101": 9.0,
    "990102": 3.4,
    "990103": 3.4,
    "990201": 7.0,
    "990202": 4.2,
    "990301": 4.6,
    "990105": 2.6,
    "990203": 2.8,
    "990204": 2.6,
    "980101": 1.6,
    "980102": 1.6,
    "980103": 1.6,
}


@dataclass(frozen=True)
class Route:
    """A numbered road by way of seats (county codes) and points (km in the plane)."""

    number: str
    name: Name
    road_class: RoadClass
    region: str
    stops: tuple[str | tuple[float, float], ...]


def _route(number: str, zh: str, en: str, road_class: RoadClass, *stops: str | tuple[float, float]) -> Route:
    return Route(number, Name(zh, en), road_class, "99", stops)


ROUTES = (
    _route(
        "G991",
        "沅望线",
        "Yuanqi–Wangting Trunk Road",
        RoadClass.TRUNK,
        "980101",
        "990305",
        "990102",
        "990101",
        "990103",
        "990201",
        "990202",
    ),
    _route(
        "G992",
        "沿海线",
        "Coastal Trunk Road",
        RoadClass.TRUNK,
        "980102",
        "990203",
        "990201",
        "990103",
        "990204",
        (176, 58),
        "990205",
        "980103",
    ),
    _route("S901", "澜岫线", "Lan-zhou–Linxiu Road", RoadClass.PROVINCIAL, "990101", "990301", "990302", "980102"),
    _route("S902", "禾岫线", "Heting–Linxiu Road", RoadClass.PROVINCIAL, "990203", "990105", "990303", "990301"),
    _route("S903", "澜渚线", "Lan-zhou–Yunzhu Road", RoadClass.PROVINCIAL, "990101", "990104", "990106", "980103"),
    _route("S904", "霜松线", "Shuangling–Songcen Road", RoadClass.PROVINCIAL, "990305", "990304", "990301"),
    _route("S905", "澜禾线", "Lan-zhou–Heting Road", RoadClass.PROVINCIAL, "990101", "990105", "980102"),
    _route(
        "S906", "岚澳线", "Wanglan–Shaao Road", RoadClass.PROVINCIAL, "990102", (92, 82), "990104", (140, 60), "990204"
    ),
    _route(
        "S907",
        "汀棹线",
        "Wangting–Haizhao Coast Road",
        RoadClass.PROVINCIAL,
        "990202",
        (203, 128),
        (199, 139),
        "990203",
    ),
    _route("S908", "松栖线", "Songcen–Qinan Road", RoadClass.PROVINCIAL, "990304", "980101"),
)


@dataclass(frozen=True)
class Expressway:
    """An expressway by way of points (km in the plane).

    Attributes:
        key: tells two parts of one expressway apart.
        begins_on, ends_on: key of an earlier expressway on which it begins or ends.
        mountain: straight through ridges, with a lower limit.
        rests: has service areas.
    """

    key: str
    number: str
    name: Name
    stops: tuple[tuple[float, float], ...]
    begins_on: str = ""
    ends_on: str = ""
    mountain: bool = False
    rests: bool = True


_COAST = Name("沿海高速", "Coastal Expressway")
EXPRESSWAYS = (
    Expressway(
        "G9901",
        "G9901",
        Name("澜望高速", "Lan-zhou–Wangting Expressway"),
        (
            (24, 99),
            (62, 84),
            (108, 97.5),
            (121, 95.5),
            (134, 98.5),
            (158, 90.5),
            (171, 84.8),
            (176, 88.3),
            (179.3, 97.2),
            (177.5, 106),
            (187, 117),
            (199, 116.5),
        ),
    ),
    Expressway(
        "S92",
        "S92",
        Name("澜州绕城高速", "Lan-zhou Ring Expressway"),
        (
            (108, 97.5),
            (107, 104),
            (109, 112),
            (114, 118.5),
            (121, 121),
            (129, 118.5),
            (134.5, 112),
            (136, 104),
            (134, 98.5),
        ),
        "G9901",
        "G9901",
        rests=False,
    ),
    Expressway(
        "G9902",
        "G9902",
        Name("澜岫高速", "Lan-zhou–Linxiu Expressway"),
        ((109, 112), (75, 136), (63, 148), (51, 161)),
        "S92",
        mountain=True,
    ),
    Expressway("S91 north", "S91", _COAST, ((187, 117), (189, 132), (194, 150), (206, 169)), "G9901"),
    Expressway(
        "S93",
        "S93",
        Name("澜海高速", "Lan-zhou–Haizhao Expressway"),
        ((121, 121), (131, 136), (158, 146), (192, 143)),
        "S92",
        "S91 north",
    ),
    Expressway("S91 south", "S91", _COAST, ((170.5, 85), (166, 74), (168, 58), (158, 42), (150, 26)), "G9901"),
)


CITY_SEATS = ("990101", "990201", "990301", "980101")


@dataclass(frozen=True)
class Quay:
    """A port's ground: looked for along the coast near a point (km in the plane)."""

    name: Name
    x_km: float
    y_km: float
    width_m: float
    depth_m: float
    terminals: tuple[Name, ...]


QUAYS = (
    Quay(
        Name("望汀港潮屿港区", "Chaoyu Harbour, Wangting Port"),
        203.8,
        103.6,
        2600,
        820,
        _names(
            "潮屿集装箱码头一期|Chaoyu Container Terminal I",
            "潮屿集装箱码头二期|Chaoyu Container Terminal II",
            "潮屿滚装码头|Chaoyu Ro-Ro Terminal",
        ),
    ),
    Quay(
        Name("望汀港汀南港区", "Tingnan Harbour, Wangting Port"),
        186.0,
        96.5,
        1700,
        640,
        _names("汀南散货码头|Tingnan Bulk Terminal", "汀南件杂货码头|Tingnan General Cargo Terminal"),
    ),
    Quay(
        Name("望汀港沙澳作业区", "Shaao Harbour, Wangting Port"),
        179.0,
        86.5,
        1100,
        560,
        _names("沙澳液体化工码头|Shaao Liquid Chemicals Terminal"),
    ),
)


@dataclass(frozen=True)
class Yard:
    """A place with ground, at a bearing and distance from a seat."""

    kind: str
    name: Name
    county: str
    bearing_deg: float
    far_km: float
    size_m: tuple[float, float]


def _yard(
    kind: str, zh: str, en: str, county: str, bearing_deg: float, far_km: float, width: float, depth: float
) -> Yard:
    return Yard(kind, Name(zh, en), county, bearing_deg, far_km, (width, depth))


YARDS = (
    _yard("airport", "澜州云棹机场", "Lan-zhou Yunzhao Airport", "990103", 160, 9.5, 3400, 1300),
    _yard("airport", "望汀海屿机场", "Wangting Haiyu Airport", "990201", 330, 13, 2900, 1100),
    _yard("logistics_park", "澜州国际物流园", "Lan-zhou Logistics Park", "990101", 135, 11.5, 1500, 900),
    _yard("logistics_park", "望岚公路港", "Wanglan Road Port", "990102", 60, 5.0, 1000, 700),
    _yard("logistics_park", "文棹供应链园区", "Wenzhao Supply Chain Park", "990103", 300, 5.0, 1000, 700),
    _yard("logistics_park", "望汀临港物流园", "Wangting Harbour Logistics Park", "990201", 80, 8.8, 1400, 900),
    _yard("logistics_park", "潮屿保税物流园", "Chaoyu Bonded Logistics Park", "990202", 20, 5.2, 1100, 800),
    _yard("logistics_park", "岫城物流园", "Xiucheng Logistics Park", "990301", 150, 6.2, 900, 600),
    _yard("logistics_park", "禾汀农产品物流园", "Heting Produce Park", "990105", 120, 4.5, 700, 500),
    _yard("logistics_park", "海棹冷链物流园", "Haizhao Cold Chain Park", "990203", 240, 4.5, 700, 500),
    _yard("logistics_park", "青埠物流园", "Qingbu Logistics Park", "990104", 20, 3.8, 600, 450),
    _yard("chemical_park", "沙澳石化基地", "Shaao Petrochemical Base", "990204", 300, 5.2, 1900, 1200),
    _yard("chemical_park", "望岚精细化工园", "Wanglan Fine Chemicals Park", "990102", 200, 6.0, 1200, 800),
    _yard("bus_depot", "澜州公交东郊场", "Lan-zhou East Bus Depot", "990101", 100, 10.6, 360, 260),
    _yard("bus_depot", "澜州公交北郊场", "Lan-zhou North Bus Depot", "990101", 20, 9.0, 360, 260),
    _yard("bus_depot", "望汀公交西郊场", "Wangting West Bus Depot", "990201", 260, 8.0, 320, 240),
    _yard("bus_depot", "临岫公交场", "Linxiu Bus Depot", "990301", 190, 5.6, 280, 200),
    _yard("maintenance_depot", "澜州公路养护中心", "Lan-zhou Road Maintenance Centre", "990101", 215, 11.0, 300, 220),
    _yard("maintenance_depot", "望汀公路养护中心", "Wangting Road Maintenance Centre", "990201", 350, 8.8, 300, 220),
    _yard("maintenance_depot", "临岫公路养护中心", "Linxiu Road Maintenance Centre", "990301", 215, 6.2, 300, 220),
    _yard("maintenance_depot", "云渚公路养护站", "Yunzhu Road Maintenance Depot", "990106", 30, 3.0, 240, 180),
    _yard("maintenance_depot", "海棹公路养护站", "Haizhao Road Maintenance Depot", "990203", 330, 4.0, 240, 180),
)

# kind, county, Chinese, English, bearing from the centre, part of the town's radius
POINTS: tuple[tuple[str, str, str, str, float, float], ...] = (
    ("railway_station", "990101", "澜州站", "Lan-zhou Station", 30, 0.35),
    ("railway_station", "990101", "澜州东站", "Lan-zhou East Station", 110, 0.72),
    ("railway_station", "990201", "望汀站", "Wangting Station", 320, 0.5),
    ("railway_station", "990301", "临岫站", "Linxiu Station", 170, 0.55),
    ("railway_station", "990105", "禾汀站", "Heting Station", 200, 0.6),
    ("railway_station", "990203", "海棹站", "Haizhao Station", 250, 0.6),
    ("coach_station", "990101", "澜州客运中心站", "Lan-zhou Central Coach Station", 45, 0.4),
    ("coach_station", "990101", "澜州客运南站", "Lan-zhou South Coach Station", 185, 0.62),
    ("coach_station", "990102", "望岚客运站", "Wanglan Coach Station", 60, 0.45),
    ("coach_station", "990103", "文棹客运站", "Wenzhao Coach Station", 280, 0.4),
    ("coach_station", "990201", "望汀客运总站", "Wangting Main Coach Station", 300, 0.4),
    ("coach_station", "990202", "潮屿客运站", "Chaoyu Coach Station", 270, 0.4),
    ("coach_station", "990301", "临岫客运总站", "Linxiu Main Coach Station", 200, 0.4),
    ("scenic_spot", "990303", "千渚湖景区", "Qianzhu Lake Scenic Area", 60, 1.4),
    ("scenic_spot", "990203", "海棹湾滨海景区", "Haizhao Bay Scenic Area", 120, 1.6),
    ("scenic_spot", "990302", "云栈古道景区", "Yunzhan Old Road Scenic Area", 90, 1.2),
    ("scenic_spot", "990101", "澜江水岸景区", "Lanjiang Waterfront", 350, 0.25),
    ("scenic_spot", "990202", "潮屿观海台", "Chaoyu Sea Terrace", 100, 0.8),
    ("scenic_spot", "990301", "岫山景区", "Xiushan Scenic Area", 20, 0.9),
    *(
        ("coach_station", code, f"{zh}客运站", f"{en} Coach Station", 70.0, 0.5)
        for code, zh, en in (
            ("990104", "青埠", "Qingbu"),
            ("990105", "禾汀", "Heting"),
            ("990106", "云渚", "Yunzhu"),
            ("990203", "海棹", "Haizhao"),
            ("990204", "沙澳", "Shaao"),
            ("990205", "栖湾", "Qiwan"),
            ("990302", "云栈", "Yunzhan"),
            ("990303", "溪峤", "Xiqiao"),
            ("990304", "松岑", "Songcen"),
            ("990305", "霜岭", "Shuangling"),
            ("980101", "沅栖", "Yuanqi"),
        )
    ),
)
