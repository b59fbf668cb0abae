"""Names of the demo province. All are made up; none is the name of a real county, authority or person."""

from __future__ import annotations

from tongqu.kit.world.plan import COUNTIES
from tongqu.kit.world.values import Name


def _pairs(words: str) -> list[Name]:
    """Words written `澜江|Lanjiang`, separated by blanks; an underscore stands for a blank within one."""
    return [Name(zh, en.replace("_", " ")) for zh, _, en in (word.partition("|") for word in words.split())]


def _names(*pairs: str) -> tuple[Name, ...]:
    return tuple(Name(*pair.split("|")) for pair in pairs)


RIVERS = _names(
    "澜江|Lanjiang River",
    "岫溪|Xiuxi River",
    "北渚江|Beizhu River",
    "霜溪|Shuangxi River",
    "栖水|Qishui River",
    "沙澳溪|Shaao River",
    "云栈溪|Yunzhan Brook",
    "禾溪|Hexi Brook",
    "青埠港|Qingbu Brook",
    "松岑溪|Songcen Brook",
    "棹溪|Zhaoxi Brook",
    "南澪|Nanling Brook",
    "麦渚溪|Maizhu Brook",
    "白露溪|Bailu Brook",
    "竹桁溪|Zhuheng Brook",
    "石镜溪|Shijing Brook",
    "晴溪|Qingxi Brook",
    "蓼溪|Liaoxi Brook",
    "枕溪|Zhenxi Brook",
    "鹭溪|Luxi Brook",
    "桐坞溪|Tongwu Brook",
    "澄桥溪|Chengqiao Brook",
    "雁溪|Yanxi Brook",
    "茗溪|Mingxi Brook",
)
LAKES = _names("云镜湖水库|Yunjing Reservoir", "千渚湖水库|Qianzhu Reservoir", "霜岭水库|Shuangling Reservoir")
BAY = Name("澜江湾", "Lanjiang Bay")

# X101 stands in two counties for two different roads, as county numbers do; elsewhere other numbers
_FIRST_NUMBER = {"990104": 101, "990303": 101} | {
    county.code: 201 + 30 * k for k, county in enumerate(c for c in COUNTIES if c.code not in ("990104", "990303"))
}


def county_number(county: str, order: int) -> str:
    """Number of the nth county road of a county."""
    return f"X{_FIRST_NUMBER[county] + order}"


def county_road_name(town: Name, other: Name | None, county: str) -> Name:
    """From two towns: 青埔线."""
    if other is None:
        other = next(c.name for c in COUNTIES if c.code == county)
    second = other.zh[0] if other.zh[0] != town.zh[0] else other.zh[1]
    return Name(f"{town.zh[0]}{second}线", f"{town.en.split()[0]}–{other.en.split()[0]} Road")


_HEAD = (
    "青|Qing 白|Bai 云|Yun 石|Shi 竹|Zhu 桐|Tong 枫|Feng 雁|Yan 鹭|Lu 梅|Mei "
    "樟|Zhang 麦|Mai 晴|Qing 霁|Ji 澄|Cheng 芦|Lu 茶|Cha 柏|Bai 苇|Wei 溯|Su"
)
_TAIL = "渚|zhu 坞|wu 埠|bu 汀|ting 桁|heng 浦|pu 岫|xiu 墟|xu 埭|dai 澳|ao 棹|zhao 岑|cen"


def _towns() -> tuple[Name, ...]:
    heads, tails = _pairs(_HEAD), _pairs(_TAIL)
    found: list[Name] = []
    seen: set[str] = set()
    # a step of 7 through heads and 5 through tails, so that neighbours in the list do not sound alike
    for k in range(len(heads) * len(tails)):
        head = heads[(7 * k + k // len(heads)) % len(heads)]
        tail = tails[(5 * k + k // len(tails)) % len(tails)]
        en = f"{head.en}{tail.en} Town"
        if en not in seen and head.zh + tail.zh not in ("石埠", "青浦", "白浦"):
            seen.add(en)
            found.append(Name(f"{head.zh}{tail.zh}镇", en))
    return tuple(found)


TOWNS = _towns()[:96]


def gate_name(town: Name, is_seat: bool, taken: set[str]) -> Name:
    """Name of an interchange after its town: 澜滨东, 青渚; never one that is taken."""
    zh, en = (town.zh[:2], town.en.split()[0])
    choices = [("", "")] if not is_seat else []
    choices += [
        ("东", " East"),
        ("西", " West"),
        ("南", " South"),
        ("北", " North"),
        ("新区", " New Area"),
        ("中", " Central"),
    ]
    return next(Name(zh + z, en + e) for z, e in choices if zh + z not in taken)


SERVICE_AREAS = _names(
    "青澜|Qinglan",
    "云台坞|Yuntaiwu",
    "望潮|Wangchao",
    "溪口渚|Xikouzhu",
    "松风|Songfeng",
    "霜枫|Shuangfeng",
    "禾香|Hexiang",
    "栖云埠|Qiyunbu",
    "海岚|Hailan",
    "石镜|Shijing",
    "棹歌|Zhaoge",
    "麦野|Maiye",
)


_STREET_HEAD = (
    "澜江|Lanjiang 望湖|Wanghu 文棹|Wenzhao 云镜|Yunjing 晴川|Qingchuan 岫山|Xiushan 汀兰|Tinglan "
    "棹歌|Zhaoge 明渠|Mingqu 知行|Zhixing 青禾|Qinghe 朝曦|Zhaoxi 听潮|Tingchao 竹里|Zhuli "
    "枕河|Zhenhe 星桥|Xingqiao 霁月|Jiyue 松风|Songfeng 采薇|Caiwei 同舟|Tongzhou 广济|Guangji "
    "锦帆|Jinfan 石径|Shijing 鹭洲|Luzhou 芳甸|Fangdian 溯源|Suyuan 春台|Chuntai 秋实|Qiushi"
)
_STREET_TAIL = "大道|Avenue 路|Road 街|Street 东路|East_Road 西路|West_Road"


def street_name(seat: str, order: int) -> Name:
    """Name of the nth arterial of a town; the rings of a city come first."""
    rings = {
        "990101": ("内环路|Inner Ring Road", "二环路|Second Ring Road"),
        "990201": ("环城路|City Ring Road",),
        "990301": ("环城路|City Ring Road",),
    }.get(seat, ())
    if order < len(rings):
        return Name(*rings[order].split("|"))
    heads, tails = _pairs(_STREET_HEAD), _pairs(_STREET_TAIL)
    shift = sum(int(c) for c in seat) * 5 + order - len(rings)
    head, tail = heads[shift % len(heads)], tails[(shift // len(heads) + order * 3) % len(tails)]
    return Name(head.zh + tail.zh, f"{head.en} {tail.en}")


GREAT_BRIDGE = Name("澜江口大桥", "Lanjiangkou Bridge")
LONG_TUNNEL = Name("岫云岭隧道", "Xiuyunling Tunnel")
_ORDINALS = ("", "二号", "三号", "四号", "五号", "六号", "七号", "八号", "九号")


def structure_name(kind: str, base: Name, taken: set[str]) -> Name:
    """Name of a bridge or tunnel after a town, a river or a street; numbered if there are several."""
    zh, en = ("大桥", "Bridge") if kind == "bridge" else ("隧道", "Tunnel")
    for order, ordinal in enumerate(_ORDINALS):
        name = f"{base.zh}{ordinal}{zh}"
        if name not in taken:
            return Name(name, f"{base.en} {en}" + (f" No. {order + 1}" if order else ""))
    return Name(f"{base.zh}{len(taken)}号{zh}", f"{base.en} {en} No. {len(taken)}")


STATIONS = tuple(Name(f"{town.zh[:2]}路", f"{town.en.split()[0]} Road") for town in TOWNS[:40])
