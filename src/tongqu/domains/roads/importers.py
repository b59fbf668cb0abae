"""Facilities from spreadsheets, placed by stake. An empty cell of a known row leaves what is there."""

from __future__ import annotations

from typing import Any

from tongqu.domains.roads import store
from tongqu.domains.roads.kinds import FACILITY_CODES
from tongqu.domains.roads.service import facilities
from tongqu.domains.roads.values import NewFacility
from tongqu.kernel import geo
from tongqu.kernel.geo import parse_place, parse_stake
from tongqu.kernel.imports import Apply, Column, Importer, Outcome, Row, code, region
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Work
from tongqu.kit.errors import Invalid

EDIT = "roads.edit"
SIDES = ("both", "left", "right", "median")
DIRECTIONS = ("both", "up", "down")


def route_of(work: Work, number: str, within: str | None) -> geo.Route:
    """The route of a number; the region decides between several.

    Raises:
        Invalid: `geo.no_route`, `geo.which_region`.
    """
    found = geo.find_routes(work, number)
    if within is not None:
        exact = [route for route in found if route.region == within]
        found = exact or [
            route for route in found if within.startswith(route.region) or route.region.startswith(within)
        ]
    if not found:
        raise Invalid("geo.no_route", field="number", number=number)
    if len(found) > 1:
        regions = "、".join(route.region for route in found)
        raise Invalid("geo.which_region", field="route_region", number=number, regions=regions)
    return found[0]


def prepare(platform: Platform) -> Apply:
    """A row: known by its kind and code; without a code by kind, route, direction, stake and name."""
    places = facilities.Places.of(platform)

    def take(work: Work, row: Row) -> Outcome:
        read = row["stake"]
        route = route_of(work, row["number"], row["route_region"])
        given: dict[str, Any] = {
            "kind": row["kind"],
            "name": row["name"],
            "route": route.id,
            "stake_m": read.stake.stake_m,
            "prefix": read.stake.prefix,
            "branch": read.stake.branch,
        }
        direction = row["direction"] or read.direction
        optional = {
            "direction": direction, "end_stake_m": row["end_stake"], "side": row["side"], "lane": row["lane"],
            "code": row["code"], "region": row["region"],
        }  # fmt: skip
        given |= {name: value for name, value in optional.items() if value is not None}
        known = _known(work, given)
        key = f"{row['name']} {route.number}"
        if known is None:
            made = facilities.register(work, places, NewFacility(**given))
            return Outcome("created", key, made["urn"])
        after = facilities.amend(work, places, known["id"], **given)
        done = "unchanged" if after["revision"] == known["revision"] else "updated"
        return Outcome(done, key, after["urn"])  # type: ignore[arg-type]

    return take


def _known(work: Work, given: dict[str, Any]) -> dict[str, Any] | None:
    if given.get("code"):
        return store.facility_by_code(work, f"{given['kind']} {given['code']}")
    near = store.facilities_along(work, given["route"], given["stake_m"] - 0.5, given["stake_m"] + 0.5)
    same = [row for row in near if row["kind"] == given["kind"] and row["name"] == given["name"]]
    wanted = given.get("direction")
    return next((row for row in same if wanted in (None, row["direction"])), None)


def _end_stake(text: str) -> float:
    return parse_stake(text).stake_m


FACILITIES = Importer(
    id="facilities",
    columns=(
        Column("kind", "enum", required=True, example="摄像机", options=FACILITY_CODES, enum="facility"),
        Column("name", required=True, example="澜江口大桥北摄像机", most=120),
        Column("code", example="C-0137", most=40, parse=code),
        Column("number", required=True, example="G9901", most=20, parse=geo.normal_number),
        Column("route_region", example="99", parse=region),
        Column("stake", required=True, example="K45+200", parse=parse_place),
        Column("end_stake", example="K47+350", parse=_end_stake),
        Column("direction", "enum", example="上行", options=DIRECTIONS),
        Column("side", "enum", example="右侧", options=SIDES),
        Column("lane", "integer", example="0", least=0, most=12),
        Column("region", example="990101", parse=region),
    ),
    permission=EDIT,
    prepare=prepare,
)
