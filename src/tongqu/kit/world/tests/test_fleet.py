"""Carriers, vehicles and terminals: formats, counts, and no persons."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tongqu.kit.world import fleet
from tongqu.kit.world.carriers import CATEGORIES
from tongqu.kit.world.values import World

pytestmark = pytest.mark.xdist_group("world")

# ISO 3779: transliteration of letters and weights of the 17 places
VIN_VALUES = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)
VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def test_plates(province: World) -> None:
    vehicles = province.fleet.vehicles
    assert len(vehicles) == 2_000
    assert len({(v.plate, v.plate_colour) for v in vehicles}) == len(vehicles)
    for v in vehicles:
        assert v.plate == v.label.replace("·", "")
        pattern = r"澜[ABC]·D\d{5}" if v.plate_colour == "green" else r"澜[ABC]·\d{5}"
        assert re.fullmatch(pattern, v.label)
        assert v.plate_colour_code == {"yellow": 2, "green": 5}[v.plate_colour]
        assert v.label[1] == {"9901": "A", "9902": "B", "9903": "C"}[v.region]
    famous = [v for v in vehicles if v.label == "澜A·D12345"]
    assert [v.plate_colour for v in famous] == ["green"]


def test_shares_of_categories(province: World) -> None:
    counts = Counter(v.category for v in province.fleet.vehicles)
    assert set(counts) == set(CATEGORIES)
    for code, category in CATEGORIES.items():
        assert counts[code] == pytest.approx(category.share * 2_000, abs=1)
    assert sum(c.share for c in CATEGORIES.values()) == pytest.approx(1)


def test_terminals(province: World) -> None:
    terminals = province.fleet.terminals
    assert len({t.terminal_id for t in terminals}) == len({t.phone for t in terminals}) == len(terminals)
    versions = Counter(t.version for t in terminals)
    assert set(versions) == {2013, 2019}
    assert min(versions.values()) > 0.2 * len(terminals)
    for t in terminals:
        assert re.fullmatch(r"100\d{8}", t.phone)
        assert re.fullmatch(r"[0-9A-Z]{7}", t.terminal_id)
        assert len(t.maker) == 5
        assert len(t.model) <= 20
        digits = [int(c) for c in t.imei]
        doubled = [d if k % 2 == 0 else (2 * d - 9 if d > 4 else 2 * d) for k, d in enumerate(digits)]
        assert len(digits) == 15
        assert sum(doubled) % 10 == 0


def test_vins_have_their_check_digit(province: World) -> None:
    assert len({v.vin for v in province.fleet.vehicles}) == 2_000
    for v in province.fleet.vehicles:
        assert re.fullmatch(r"[0-9A-HJ-NPR-Z]{17}", v.vin)
        total = sum((int(c) if c.isdigit() else VIN_VALUES[c]) * w for c, w in zip(v.vin, VIN_WEIGHTS, strict=True))
        assert v.vin[8] == ("X" if total % 11 == 10 else str(total % 11))


def test_carriers_and_drivers(province: World) -> None:
    carriers = province.fleet.enterprises
    assert len(carriers) == 60
    assert len({c.name.zh for c in carriers}) == 60
    assert max(len(c.name.zh) for c in carriers) == 60
    assert any(c.name.zh == "澜州市第三客运有限公司（演示）" for c in carriers)
    regions = {region.code for region in province.regions}
    for c in carriers:
        assert "演示" in c.name.zh
        assert c.region in regions
        assert any(v.enterprise == c.id for v in province.fleet.vehicles), c.name.zh
    for d in province.fleet.drivers:
        assert re.fullmatch(r"驾驶员\d{4,}", d.name.zh)
    for v in province.fleet.vehicles:
        assert province.fleet.drivers[v.driver].enterprise == v.enterprise
        assert carriers[v.enterprise].kind == v.category


def test_scale_is_the_number_of_vehicles(province: World) -> None:
    large = fleet.make(province.places, seed=7, scale=10)
    assert len(large.vehicles) == 20_000
    assert len({v.label for v in large.vehicles}) == 20_000
    assert sum(v.label == "澜A·D12345" for v in large.vehicles) == 1
    assert len(fleet.make(province.places, seed=7, scale=0.01).vehicles) == 20
