"""Names of the demo province. All are made up; none is the name of a real county, authority or person."""

from __future__ import annotations

from dataclasses import dataclass

from tongqu.kit.world.values import Name


def _names(*pairs: str) -> tuple[Name, ...]:
    return tuple(Name(*pair.split("|")) for pair in pairs)


RIVERS = _names(
    "澜江|Lanjiang River", "岫溪|Xiuxi River", "北渚江|Beizhu River", "霜溪|Shuangxi River", "栖水|Qishui River",
    "沙澳溪|Shaao River", "云栈溪|Yunzhan Brook", "禾溪|Hexi Brook", "青埠港|Qingbu Brook", "松岑溪|Songcen Brook",
    "棹溪|Zhaoxi Brook", "南澪|Nanling Brook", "麦渚溪|Maizhu Brook", "白露溪|Bailu Brook", "竹桁溪|Zhuheng Brook",
    "石镜溪|Shijing Brook", "晴溪|Qingxi Brook", "蓼溪|Liaoxi Brook", "枕溪|Zhenxi Brook", "鹭溪|Luxi Brook",
    "桐坞溪|Tongwu Brook", "澄桥溪|Chengqiao Brook", "雁溪|Yanxi Brook", "茗溪|Mingxi Brook")  # fmt: skip
LAKES = _names("云镜湖水库|Yunjing Reservoir", "千渚湖水库|Qianzhu Reservoir", "霜岭水库|Shuangling Reservoir")
BAY = Name("澜江湾", "Lanjiang Bay")

PROVINCES = (("99", Name("澜江省（虚构）", "Lanjiang Province (fictional)")), ("98", Name("沅北省（虚构）", "Yuanbei Province (fictional)")))
CITIES = (("9901", Name("澜州市", "Lan-zhou City")), ("9902", Name("望汀市", "Wangting City")),
          ("9903", Name("临岫市", "Linxiu City")), ("9801", Name("沅栖市", "Yuanqi City")))  # fmt: skip


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
