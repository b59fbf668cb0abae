"""Carriers, vehicles, drivers and terminals of the province. No persons: a driver is 驾驶员0137."""

from __future__ import annotations

import numpy as np

from tongqu.kit.world.carriers import CARRIERS, CATEGORIES, LONG_NAME, Category
from tongqu.kit.world.values import Driver, Enterprise, Fleet, Name, Place, Terminal, Vehicle

PER_SCALE = 2_000
LETTERS = {"9901": "A", "9902": "B", "9903": "C"}
COLOUR_CODES = {"yellow": 2, "green": 5}  # JT/T 697.7 (as in JT/T 808-2019)
FAMOUS = "澜A·D12345"
_MAKERS = (("70901", "TQ-2019-A", 2019), ("70902", "TQ-2019-B", 2019), ("70903", "BDT-808-19", 2019),
           ("70904", "TQ-2013-A", 2013), ("70905", "BDT-808-13", 2013))  # fmt: skip
_MAKER_SHARES = (0.28, 0.2, 0.16, 0.22, 0.14)


def _counts(total: int, shares: list[float]) -> list[int]:
    """Whole numbers in the proportion of shares that add up to `total` (largest remainders)."""
    exact = np.array(shares) / sum(shares) * total
    counts = np.floor(exact).astype(int)
    for k in np.argsort(counts - exact, kind="stable")[: total - int(counts.sum())]:
        counts[k] += 1
    return [int(c) for c in counts]


def _enterprises(places: tuple[Place, ...]) -> tuple[Enterprise, ...]:
    found = []
    for k, (kind, county, zh, short, en) in enumerate(CARRIERS):
        name = Name(f"{zh}有限公司（演示）" if zh else LONG_NAME, f"{en} Co., Ltd. (demo)")
        base = _base(places, CATEGORIES[kind], county)
        found.append(Enterprise(k, name, short, kind, county, base, f"{county}{300_001 + k}"))
    return tuple(found)


def _base(places: tuple[Place, ...], category: Category, county: str) -> int:
    """The place of a fitting kind in the county, else in the city, else the seat of the county."""
    for kind in category.home:
        for prefix in (county, county[:4]):
            fitting = [p.id for p in places if p.kind == kind and p.region.startswith(prefix)]
            if fitting:
                return fitting[0]
    return next(p.id for p in places if p.kind in ("county", "city") and p.region == county)


def _vin(number: int) -> str:
    """A made-up vehicle identification number with the right check digit (ISO 3779; GB 16735)."""
    letters = "0123456789.ABCDEFGH..JKLMN.P.R..STUVWXYZ"
    body = f"L99TQ0{number % 9 + 1}0{chr(65 + number % 8)}{number:08d}".replace("Q", "P")
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    total = sum(letters.index(c) % 10 * w for c, w in zip(body, weights, strict=True))
    check = "0123456789X"[total % 11]
    return body[:8] + check + body[9:]


def _imei(number: int) -> str:
    """A made-up IMEI: reporting body 99, and the Luhn check digit."""
    body = f"990000{number:08d}"
    total = sum(int(c) if k % 2 == 0 else sum(divmod(2 * int(c), 10)) for k, c in enumerate(body))
    return f"{body}{-total % 10}"


class _Plates:
    """Plate numbers without repetition, in an order that looks like real life."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._pool = {(letter, green): iter(rng.permutation(np.arange(10_000, 100_000)).tolist())
                      for letter in LETTERS.values() for green in (False, True)}  # fmt: skip

    def next(self, letter: str, green: bool) -> str:
        number = next(self._pool[letter, green])
        if green and letter == "A" and number == 12_345:  # kept for the one everybody knows
            number = next(self._pool[letter, green])
        return f"澜{letter}·{'D' if green else ''}{number}"


def make(places: tuple[Place, ...], seed: int, scale: float) -> Fleet:
    """`PER_SCALE` times `scale` vehicles with their carriers, drivers and terminals."""
    rng = np.random.default_rng((seed, 140))
    enterprises = _enterprises(places)
    total = max(1, round(PER_SCALE * scale))
    plates = _Plates(rng)
    vehicles: list[Vehicle] = []
    for category, count in zip(
        CATEGORIES.values(), _counts(total, [c.share for c in CATEGORIES.values()]), strict=True
    ):
        for city, in_city in zip(LETTERS, _counts(count, list(category.cities)), strict=True):
            own = [e for e in enterprises if e.kind == category.code and e.region[:4] == city]
            own = own or [e for e in enterprises if e.kind == category.code]
            sizes = _counts(in_city, [1.0 / (k + 1.5) for k in range(len(own))])
            for enterprise, size in zip(own, sizes, strict=True):
                for _ in range(size):
                    vehicles.append(_vehicle(len(vehicles), category, city, enterprise, plates, rng))
    _make_famous(vehicles)
    drivers = _drivers(enterprises, vehicles)
    return Fleet(enterprises, drivers, _terminals(len(vehicles), rng), tuple(vehicles))


def _vehicle(
    k: int, category: Category, city: str, enterprise: Enterprise, plates: _Plates, rng: np.random.Generator
) -> Vehicle:
    electric = bool(rng.random() < category.electric)
    small = category.length_m < 6.0
    colour = "green" if electric and small else "yellow"
    label = plates.next(LETTERS[city], colour == "green")
    return Vehicle(
        id=k,
        label=label,
        plate=label.replace("·", ""),
        plate_colour=colour,
        plate_colour_code=COLOUR_CODES[colour],
        category=category.code,
        enterprise=enterprise.id,
        driver=k,
        terminal=k,
        region=city,
        home=enterprise.base,
        vin=_vin(k + 1),
        model=category.models[-1] if electric else category.models[int(rng.integers(len(category.models)))],
        energy="electric"
        if electric
        else ("gas" if category.code == "heavy_truck" and rng.random() < 0.2 else "diesel"),
        length_m=category.length_m,
        seats=category.seats,
        load_kg=category.load_kg,
        top_speed_kmh=category.top_speed_kmh,
        speeds=bool(rng.random() < 0.012),
    )


def _make_famous(vehicles: list[Vehicle]) -> None:
    """Give the first taxi of 澜州 the plate that demonstrations ask for."""
    k = next((v.id for v in vehicles if v.plate_colour == "green" and v.region == "9901"), None)
    if k is not None:
        fields = {name: getattr(vehicles[k], name) for name in Vehicle.__dataclass_fields__}
        vehicles[k] = Vehicle(**fields | {"label": FAMOUS, "plate": FAMOUS.replace("·", ""), "speeds": False})


def _drivers(enterprises: tuple[Enterprise, ...], vehicles: list[Vehicle]) -> tuple[Driver, ...]:
    """One driver for each vehicle, and reliefs for one vehicle in eight."""
    found = []
    for k, vehicle in enumerate([*vehicles, *vehicles[::8]]):
        name = Name(f"驾驶员{k + 1:04d}", f"Driver {k + 1:04d}")
        licence = f"{enterprises[vehicle.enterprise].region}{k + 1:012d}"
        licence_class = "A1" if vehicle.seats > 20 else "A2" if vehicle.load_kg > 5_000 else "C1"
        found.append(Driver(k, name, vehicle.enterprise, licence, licence_class, f"1009{k + 1:07d}"))
    return tuple(found)


def _terminals(count: int, rng: np.random.Generator) -> tuple[Terminal, ...]:
    makers = rng.choice(len(_MAKERS), size=count, p=_MAKER_SHARES)
    found = []
    for k, m in enumerate(makers.tolist()):
        maker, model, version = _MAKERS[m]
        found.append(
            Terminal(k, f"{'ABCDE'[m]}{k + 1:06d}", f"100{k + 1:08d}", version, maker, model, _imei(k + 1),
                     f"V{m + 1}.{k % 4}.{k % 7}", f"TQ{k * 7919 % 1_000_000:06d}")
        )  # fmt: skip
    return tuple(found)
