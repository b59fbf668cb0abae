"""What stands along a road: placed by stake, moved with the calibration, refused where its stake has no place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tongqu.domains.roads import store
from tongqu.domains.roads.importers import FACILITIES
from tongqu.domains.roads.service import facilities, routes
from tongqu.domains.roads.tests.conftest import CHIEF, CITY, ROOT, road
from tongqu.domains.roads.values import NewFacility
from tongqu.kernel import geo, things
from tongqu.kernel.geo import Locator, Mark, Route, plain
from tongqu.kernel.imports.rows import Bound
from tongqu.kernel.imports.tests.support import outcomes, take_in
from tongqu.kernel.platform import Platform
from tongqu.kit.errors import Forbidden, Invalid, Refused

CHAINED = (plain(0, 0), Mark(5_000, 5_000, 4_700), Mark(9_000, 8_700, 9_200))


@pytest.fixture
def register(platform: Platform) -> Callable[..., dict[str, Any]]:
    def make(route: Route, stake_m: float, *, actor: Any = ROOT, kind: str = "camera", **more: Any) -> dict[str, Any]:
        places = facilities.Places.of(platform)
        with platform.store.write(actor) as work:
            new = NewFacility(kind, more.pop("name", "摄像机"), route.id, stake_m, **more)
            return facilities.register(work, places, new)

    return make


def test_it_stands_where_its_stake_is(
    platform: Platform, add_route: Callable[..., Route], register: Callable[..., dict[str, Any]]
) -> None:
    route = add_route()
    row = register(route, 3_200.0, code="C-1")
    (place, *_) = platform.service(Locator).locate(row["lon"], row["lat"])
    assert place.stake_m == pytest.approx(3_200, abs=0.01)
    with platform.store.read(ROOT) as work:
        assert things.find(work, "camera", "code", "C-1").name == "摄像机"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("stake_m", "more", "code"),
    [
        (99_000.0, {}, "geo.beyond_end"),
        (8_900.0, {}, "geo.in_short_chain"),
        (4_800.0, {}, "roads.which_branch"),
        (4_800.0, {"branch": "C"}, "geo.no_branch"),
        (1_000.0, {"kind": "bridge"}, "roads.end_needed"),
        (1_000.0, {"kind": "tunnel", "end_stake_m": 900.0}, "roads.end_before"),
        (1_000.0, {"kind": "tunnel", "end_stake_m": 90_000.0}, "geo.beyond_end"),
    ],
)
def test_a_stake_without_one_place_is_refused(
    stake_m: float,
    more: dict[str, Any],
    code: str,
    add_route: Callable[..., Route],
    register: Callable[..., dict[str, Any]],
) -> None:
    route = add_route("X101", "990303", *CHAINED)
    with pytest.raises(Invalid) as refused:
        register(route, stake_m, **more)
    assert refused.value.code == code


def test_a_new_calibration_moves_it_and_keeps_its_stake(
    platform: Platform, add_route: Callable[..., Route], register: Callable[..., dict[str, Any]]
) -> None:
    """Its stake is what stands on the post; the place follows. Where the stake is gone the place is empty, not
    wrong."""
    route = add_route()
    near, far = register(route, 3_200.0), register(route, 500.0, name="另一处")
    with platform.store.write(CHIEF) as work:
        (line,) = geo.lines_of(work, route.id)
        routes.calibrate(work, route.id, line.id, [plain(0, 1_000)], valid_from_ms=work.now_ms)
        moved, lost = (store.facility(work, row["id"]) for row in (near, far))
    assert moved is not None and moved["stake_m"] == 3_200 and moved["lon"] > near["lon"]
    assert lost is not None and lost["lon"] is None and lost["active"]


def test_who_may_not_edit_there_may_neither_place_nor_calibrate(
    platform: Platform, add_route: Callable[..., Route], register: Callable[..., dict[str, Any]]
) -> None:
    route = add_route()
    with pytest.raises(Forbidden):
        register(route, 3_200.0, actor=CITY)
    with pytest.raises(Forbidden), platform.store.write(CITY) as work:
        (line,) = geo.lines_of(work, route.id)
        routes.calibrate(work, route.id, line.id, [plain(0, 0)], valid_from_ms=0)


def test_a_code_is_one_facility_until_it_is_retired(
    platform: Platform, add_route: Callable[..., Route], register: Callable[..., dict[str, Any]]
) -> None:
    route = add_route()
    first = register(route, 3_200.0, code="C-1")
    with pytest.raises(Refused) as refused:
        register(route, 4_200.0, code="C-1")
    assert refused.value.code == "roads.code_taken"
    with platform.store.write(CHIEF) as work:
        facilities.retire(work, first["id"])
    assert register(route, 4_200.0, code="C-1")["stake_m"] == 4_200


HEAD = "类型,名称,设施编码,路线编号,路线所属区划,桩号,止点桩号,方向\n"


def sheet(platform: Platform, *rows: str) -> dict[str, Any]:
    return take_in(platform, (HEAD + "\n".join(rows)).encode("gb18030"), CHIEF, Bound("roads", FACILITIES))


def test_spreadsheets_place_by_stake_and_twice_is_once(platform: Platform, add_route: Callable[..., Route]) -> None:
    add_route("X101", "990303", *CHAINED)
    add_route("X101", "990104", points=road(lon=121.0))
    rows = (
        "摄像机,甲,C-1,X101,990303,K3+200,,上行",
        "隧道,乙隧道,,X101,990303,K1+000,K2+100,",
        "camera,丙,,X101,990303,Ｋ４＋８００Ｂ,,",
    )
    assert sheet(platform, *rows)["counts"] == {"created": 3}
    assert sheet(platform, *rows)["counts"] == {"unchanged": 3}
    assert sheet(platform, "摄像机,甲,C-1,X101,990303,K3+300,,上行")["counts"] == {"updated": 1}


def test_bad_rows_of_a_spreadsheet_are_named(platform: Platform, add_route: Callable[..., Route]) -> None:
    add_route("X101", "990303", *CHAINED)
    add_route("X101", "990104", points=road(lon=121.0))
    result = sheet(
        platform,
        "摄像机,甲,,X101,,K3+200,,",
        "摄像机,甲,,G77,,K3+200,,",
        "摄像机,甲,,X101,990303,3公里,,",
        "摄像机,甲,,X101,990303,K4+800,,",
        "摄像机,甲,,X101,990303,K8+900,,",
        "飞船,甲,,X101,990303,K1,,",
        "摄像机,好,,X101,990303,K1,,",
    )
    assert outcomes(result) == [
        (2, "refused", ["geo.which_region"]),
        (3, "refused", ["geo.no_route"]),
        (4, "refused", ["geo.bad_stake"]),
        (5, "refused", ["roads.which_branch"]),
        (6, "refused", ["geo.in_short_chain"]),
        (7, "refused", ["not_option"]),
        (8, "created", []),
    ]
