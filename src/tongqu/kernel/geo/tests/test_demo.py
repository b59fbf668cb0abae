"""The demo's regions: the tree in identity, the shapes here."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import shapely

from tongqu.kernel import identity
from tongqu.kernel.audit.tables import METADATA as AUDIT
from tongqu.kernel.geo import RegionIndex, demo
from tongqu.kernel.geo.tables import ROOM
from tongqu.kernel.identity.tables import METADATA as IDENTITY
from tongqu.kernel.store import Room, Store, migrate, system_actor
from tongqu.kit.world.values import Name, Region


@pytest.fixture
def house(tmp_path, clock):
    made = Store(f"sqlite:///{tmp_path}/house.db", clock)
    rooms = [Room("audit", "tongqu.kernel.audit", AUDIT), Room("identity", "tongqu.kernel.identity", IDENTITY), ROOM]
    migrate(made, rooms)
    yield made
    made.close()


def test_each_region_has_a_name_a_place_in_the_tree_and_a_shape(house):
    shape = shapely.box(120.0, 28.0, 120.2, 28.1)
    codes = (("99", "province", None), ("9901", "city", "99"), ("990101", "county", "9901"))
    regions = [
        Region(code, Name(f"区域{code}", f"Region {code}"), level, parent, shape, (120.1, 28.05), shape.bounds, 9.0)
        for code, level, parent in codes
    ]
    demo.fill(SimpleNamespace(store=house), SimpleNamespace(regions=tuple(regions)))
    with house.read(system_actor("test")) as work:
        known = {one.code: one for one in identity.regions(work)}
    tree = [(one.code, one.level, one.parent) for one in known.values()]
    assert sorted(tree) == sorted(codes)
    assert known["9901"].name_en == "Region 9901"
    assert RegionIndex(house).place(120.1, 28.05) == ("99", "9901", "990101")
