"""Categories of vehicles, and the fictional carriers that run them."""

from __future__ import annotations

from dataclasses import dataclass

from tongqu.kit.world.values import Name


@dataclass(frozen=True)
class Category:
    """A category of commercial vehicle.

    Attributes:
        share: part of the whole fleet.
        cities: part of it in 澜州, 望汀, 临岫.
        home: kinds of places its carriers are based at.
        goals: kinds of places it goes to; `street` is a street of its city, `line` a bus line.
        far: leaves its city.
        electric: part that runs electric; `colour` is that of the others (and of large electric ones).
        accelerate_ms2: how fast it gathers speed.
        dwell_min: shortest and longest stay at a goal.
        active: part of the fleet under way in each three hours of the day, from 0 to 24 o'clock.
    """

    code: str
    name: Name
    share: float
    cities: tuple[float, float, float]
    home: tuple[str, ...]
    goals: tuple[str, ...]
    far: bool
    colour: str
    electric: float
    length_m: float
    seats: int
    load_kg: int
    top_speed_kmh: float
    accelerate_ms2: float
    dwell_min: tuple[float, float]
    active: tuple[float, float, float, float, float, float, float, float]
    models: tuple[str, ...]


# 两客一危一重 first: tour coaches, scheduled coaches, dangerous goods, heavy trucks
CATEGORIES: dict[str, Category] = {
    c.code: c
    for c in (
        Category(
            code="tour_coach",
            name=Name("旅游包车", "Tour coach"),
            share=0.05,
            cities=(0.45, 0.3, 0.25),
            home=("coach_station",),
            goals=("scenic_spot", "railway_station", "airport", "coach_station"),
            far=True,
            colour="yellow",
            electric=0.1,
            length_m=11.5,
            seats=49,
            load_kg=0,
            top_speed_kmh=100.0,
            accelerate_ms2=0.7,
            dwell_min=(20, 90),
            active=(0.02, 0.05, 0.5, 0.8, 0.75, 0.75, 0.4, 0.1),
            models=("演示客车 TQ6119", "演示客车 TQ6122"),
        ),
        Category(
            code="scheduled_coach",
            name=Name("班线客车", "Scheduled coach"),
            share=0.06,
            cities=(0.45, 0.3, 0.25),
            home=("coach_station",),
            goals=("coach_station",),
            far=True,
            colour="yellow",
            electric=0.15,
            length_m=10.5,
            seats=43,
            load_kg=0,
            top_speed_kmh=100.0,
            accelerate_ms2=0.7,
            dwell_min=(15, 45),
            active=(0.03, 0.1, 0.8, 0.9, 0.85, 0.9, 0.5, 0.12),
            models=("演示客车 TQ6105", "演示客车 TQ6089"),
        ),
        Category(
            code="dangerous_goods",
            name=Name("危险货物运输车", "Dangerous goods truck"),
            share=0.08,
            cities=(0.3, 0.55, 0.15),
            home=("chemical_park", "logistics_park"),
            goals=("gas_station", "chemical_park", "terminal"),
            far=True,
            colour="yellow",
            electric=0.0,
            length_m=10.8,
            seats=3,
            load_kg=18_000,
            top_speed_kmh=80.0,
            accelerate_ms2=0.5,
            dwell_min=(25, 80),
            active=(0.03, 0.25, 0.7, 0.8, 0.7, 0.6, 0.3, 0.1),
            models=("演示罐车 TQ5320GYY", "演示厢车 TQ5180XRY"),
        ),
        Category(
            code="heavy_truck",
            name=Name("重型载货汽车", "Heavy truck"),
            share=0.25,
            cities=(0.45, 0.35, 0.2),
            home=("logistics_park",),
            goals=("logistics_park", "terminal", "town", "county", "chemical_park"),
            far=True,
            colour="yellow",
            electric=0.05,
            length_m=12.0,
            seats=3,
            load_kg=30_000,
            top_speed_kmh=90.0,
            accelerate_ms2=0.5,
            dwell_min=(30, 120),
            active=(0.45, 0.45, 0.6, 0.7, 0.65, 0.65, 0.6, 0.55),
            models=("演示牵引车 TQ4250", "演示载货车 TQ1310"),
        ),
        Category(
            code="port_drayage",
            name=Name("港口集疏运车", "Port drayage truck"),
            share=0.09,
            cities=(0.1, 0.85, 0.05),
            home=("port", "logistics_park"),
            goals=("terminal", "logistics_park", "port"),
            far=True,
            colour="yellow",
            electric=0.25,
            length_m=13.0,
            seats=3,
            load_kg=30_000,
            top_speed_kmh=90.0,
            accelerate_ms2=0.5,
            dwell_min=(15, 50),
            active=(0.4, 0.4, 0.65, 0.75, 0.75, 0.7, 0.6, 0.5),
            models=("演示集卡 TQ4180", "演示纯电集卡 TQ4250BEV"),
        ),
        Category(
            code="network_freight",
            name=Name("网络货运车辆", "Network freight vehicle"),
            share=0.1,
            cities=(0.5, 0.3, 0.2),
            home=("logistics_park",),
            goals=("logistics_park", "street", "town", "county"),
            far=True,
            colour="yellow",
            electric=0.45,
            length_m=5.9,
            seats=3,
            load_kg=1_800,
            top_speed_kmh=100.0,
            accelerate_ms2=1.0,
            dwell_min=(10, 50),
            active=(0.1, 0.15, 0.6, 0.8, 0.75, 0.75, 0.5, 0.2),
            models=("演示轻卡 TQ1048", "演示纯电物流车 TQ5032XXYBEV"),
        ),
        Category(
            code="city_bus",
            name=Name("城市公交", "City bus"),
            share=0.15,
            cities=(0.5, 0.32, 0.18),
            home=("bus_depot",),
            goals=("line",),
            far=False,
            colour="yellow",
            electric=0.8,
            length_m=10.5,
            seats=30,
            load_kg=0,
            top_speed_kmh=60.0,
            accelerate_ms2=0.9,
            dwell_min=(3, 12),
            active=(0.02, 0.3, 0.9, 0.85, 0.85, 0.95, 0.7, 0.2),
            models=("演示纯电公交 TQ6105BEV", "演示公交 TQ6851"),
        ),
        Category(
            code="taxi",
            name=Name("出租汽车", "Taxi"),
            share=0.18,
            cities=(0.52, 0.32, 0.16),
            home=("railway_station",),
            goals=("street", "street", "street", "railway_station", "coach_station", "airport"),
            far=False,
            colour="green",
            electric=1.0,
            length_m=4.7,
            seats=5,
            load_kg=0,
            top_speed_kmh=110.0,
            accelerate_ms2=1.4,
            dwell_min=(1, 6),
            active=(0.35, 0.3, 0.8, 0.85, 0.8, 0.9, 0.85, 0.6),
            models=("演示纯电轿车 TQ7000BEV",),
        ),
        Category(
            code="maintenance",
            name=Name("公路养护车", "Road maintenance vehicle"),
            share=0.04,
            cities=(0.42, 0.3, 0.28),
            home=("maintenance_depot",),
            goals=("town", "toll_station", "service_area", "county"),
            far=True,
            colour="yellow",
            electric=0.1,
            length_m=7.2,
            seats=3,
            load_kg=6_000,
            top_speed_kmh=80.0,
            accelerate_ms2=0.8,
            dwell_min=(30, 120),
            active=(0.05, 0.1, 0.6, 0.75, 0.75, 0.6, 0.15, 0.05),
            models=("演示养护车 TQ5080TYH", "演示清扫车 TQ5160TXS"),
        ),
    )
}

# 60 characters, for whoever draws lists
LONG_NAME = (
    "澜江省望汀市潮屿区海棹联运集装箱甩挂运输与多式联运供应链综合服务"
    "（集团）股份有限公司潮屿港区第二分公司（虚构的演示企业）"
)

# category, county, name in Chinese without the legal form, short name, English
CARRIERS: tuple[tuple[str, str, str, str, str], ...] = (
    ("city_bus", "990101", "澜州市公共交通集团", "澜州公交", "Lan-zhou Public Transport Group"),
    ("city_bus", "990101", "澜州市城郊公共汽车", "澜州城郊公交", "Lan-zhou Suburban Buses"),
    ("city_bus", "990201", "望汀市公共交通", "望汀公交", "Wangting Public Transport"),
    ("city_bus", "990301", "临岫市公共汽车", "临岫公交", "Linxiu Buses"),
    ("taxi", "990101", "澜州市澜江出租汽车", "澜江出租", "Lan-zhou Lanjiang Taxis"),
    ("taxi", "990101", "澜州市汀兰出租汽车", "汀兰出租", "Lan-zhou Tinglan Taxis"),
    ("taxi", "990102", "澜州市望岚出租汽车", "望岚出租", "Wanglan Taxis"),
    ("taxi", "990201", "望汀市海屿出租汽车", "海屿出租", "Wangting Haiyu Taxis"),
    ("taxi", "990202", "望汀市潮音出租汽车", "潮音出租", "Wangting Chaoyin Taxis"),
    ("taxi", "990301", "临岫市岫山出租汽车", "岫山出租", "Linxiu Xiushan Taxis"),
    ("scheduled_coach", "990101", "澜州市第一客运", "澜州一客", "Lan-zhou No. 1 Coaches"),
    ("scheduled_coach", "990101", "澜州市第二客运", "澜州二客", "Lan-zhou No. 2 Coaches"),
    ("scheduled_coach", "990101", "澜州市第三客运", "澜州三客", "Lan-zhou No. 3 Coaches"),
    ("scheduled_coach", "990105", "禾汀县长途客运", "禾汀客运", "Heting Coaches"),
    ("scheduled_coach", "990201", "望汀市长途客运", "望汀客运", "Wangting Coaches"),
    ("scheduled_coach", "990203", "海棹县客运", "海棹客运", "Haizhao Coaches"),
    ("scheduled_coach", "990301", "临岫市长途客运", "临岫客运", "Linxiu Coaches"),
    ("scheduled_coach", "990303", "溪峤县客运", "溪峤客运", "Xiqiao Coaches"),
    ("tour_coach", "990101", "澜州市云镜旅游客运", "云镜旅运", "Lan-zhou Yunjing Tours"),
    ("tour_coach", "990101", "澜州市望湖旅游汽车", "望湖旅汽", "Lan-zhou Wanghu Tours"),
    ("tour_coach", "990201", "望汀市观潮旅游客运", "观潮旅运", "Wangting Guanchao Tours"),
    ("tour_coach", "990203", "海棹县滨海旅游客运", "滨海旅运", "Haizhao Seaside Tours"),
    ("tour_coach", "990301", "临岫市古道旅游客运", "古道旅运", "Linxiu Old Road Tours"),
    ("dangerous_goods", "990101", "澜州市安澜危险货物运输", "安澜危运", "Lan-zhou Anlan Dangerous Goods"),
    ("dangerous_goods", "990102", "望岚精细化工物流", "望岚化物", "Wanglan Chemical Logistics"),
    ("dangerous_goods", "990204", "望汀市沙澳石化运输", "沙澳石化运", "Shaao Petrochemical Transport"),
    ("dangerous_goods", "990204", "望汀市澳源液化气运输", "澳源气运", "Aoyuan Gas Transport"),
    ("dangerous_goods", "990202", "望汀市港安危险品物流", "港安危运", "Gang'an Dangerous Goods"),
    ("dangerous_goods", "990301", "临岫市岫安能源运输", "岫安能运", "Linxiu Xiu'an Energy Transport"),
    ("heavy_truck", "990101", "澜州市远棹货运", "远棹货运", "Lan-zhou Yuanzhao Freight"),
    ("heavy_truck", "990101", "澜州市澜望干线物流", "澜望干线", "Lanwang Trunk Logistics"),
    ("heavy_truck", "990101", "澜州市同舟运输", "同舟运输", "Lan-zhou Tongzhou Haulage"),
    ("heavy_truck", "990102", "望岚区公路港运输", "望岚公路港", "Wanglan Road Port Haulage"),
    ("heavy_truck", "990103", "文棹区恒棹物流", "恒棹物流", "Wenzhao Hengzhao Logistics"),
    ("heavy_truck", "990104", "青埠县青运汽车运输", "青运", "Qingbu Qingyun Haulage"),
    ("heavy_truck", "990105", "禾汀县丰禾冷链运输", "丰禾冷链", "Heting Fenghe Cold Chain"),
    ("heavy_truck", "990106", "云渚县矿石运输", "云渚矿运", "Yunzhu Ore Haulage"),
    ("heavy_truck", "990201", "望汀市临港大件运输", "临港大件", "Wangting Harbour Heavy Haulage"),
    ("heavy_truck", "990201", "望汀市江海联运物流", "江海联运", "Wangting River-Sea Logistics"),
    ("heavy_truck", "990203", "海棹县冷鲜物流", "海棹冷鲜", "Haizhao Fresh Logistics"),
    ("heavy_truck", "990205", "栖湾县石材运输", "栖湾石运", "Qiwan Stone Haulage"),
    ("heavy_truck", "990301", "临岫市岫城货运", "岫城货运", "Linxiu Xiucheng Freight"),
    ("heavy_truck", "990304", "松岑县木业运输", "松岑木运", "Songcen Timber Haulage"),
    ("heavy_truck", "990305", "霜岭县建材运输", "霜岭建运", "Shuangling Building Materials Haulage"),
    ("port_drayage", "990202", "潮屿区集装箱运输", "潮屿集运", "Chaoyu Container Haulage"),
    ("port_drayage", "990202", "望汀市港联集卡运输", "港联集卡", "Ganglian Port Trucks"),
    ("port_drayage", "990202", "", "海棹联运潮屿二分",
        "Haizhao Intermodal (Group), Chaoyu Harbour Branch 2"),
    ("port_drayage", "990201", "望汀市汀南疏港运输", "汀南疏港", "Tingnan Port Haulage"),
    ("port_drayage", "990103", "文棹区陆港集疏运", "文棹陆港", "Wenzhao Inland Port Haulage"),
    ("network_freight", "990101", "澜江数联网络货运", "澜江数联", "Lanjiang Digital Freight"),
    ("network_freight", "990101", "澜州市城配共同配送", "澜州城配", "Lan-zhou City Distribution"),
    ("network_freight", "990201", "望汀云仓网络货运", "望汀云仓", "Wangting Cloud Freight"),
    ("network_freight", "990301", "临岫山货通网络货运", "山货通", "Linxiu Mountain Produce Freight"),
    ("maintenance", "990101", "澜州市公路养护工程", "澜州养护", "Lan-zhou Road Maintenance"),
    ("maintenance", "990101", "澜望高速养护", "澜望养护", "Lanwang Expressway Maintenance"),
    ("maintenance", "990201", "望汀市公路养护工程", "望汀养护", "Wangting Road Maintenance"),
    ("maintenance", "990203", "海棹县公路养护", "海棹养护", "Haizhao Road Maintenance"),
    ("maintenance", "990301", "临岫市公路养护工程", "临岫养护", "Linxiu Road Maintenance"),
    ("maintenance", "990106", "云渚县公路养护", "云渚养护", "Yunzhu Road Maintenance"),
    ("heavy_truck", "990302", "云栈县山货运输", "云栈山运", "Yunzhan Mountain Haulage"),
)  # fmt: skip
