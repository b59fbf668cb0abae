"""Facilities along routes: registered by stake, found by it, and moved with it when a route is calibrated anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tongqu.domains.roads import events, layers, store
from tongqu.domains.roads.kinds import STRETCHES, THING_KINDS
from tongqu.domains.roads.store import Row
from tongqu.domains.roads.values import NewFacility
from tongqu.kernel import audit, geo, identity, things
from tongqu.kernel import events as log
from tongqu.kernel.events import EventType
from tongqu.kernel.geo import Locator, RegionIndex, Stake, StakePlace, View, format_place, format_stake
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Work
from tongqu.kit.errors import Invalid, NotFound, Refused
from tongqu.kit.ids import new_id, urn

EDIT = "roads.edit"


class Places:
    """Where stakes are, for one run: asks the locator and the region index."""

    def __init__(self, locator: Locator, regions: RegionIndex) -> None:
        self.locator = locator
        self._regions = regions

    @classmethod
    def of(cls, platform: Platform) -> Places:
        """Those of a process; a job has its own."""
        locator = platform.service(Locator) if platform.has(Locator) else Locator(platform.store)
        regions = platform.service(RegionIndex) if platform.has(RegionIndex) else RegionIndex(platform.store)
        return cls(locator, regions)

    def require(self, route: geo.Route, stake: Stake, direction: geo.Direction) -> StakePlace:
        """The place of a stake.

        Raises:
            Invalid: why there is none, or `roads.which_branch` where a long chain has two.
        """
        found = self.locator.on_route(route, stake, None if direction == "both" else direction)
        if found.reason is not None:
            raise Invalid(found.reason.code, field="stake", **found.reason.params)
        branches = sorted({place.branch for place in found.places if place.branch})
        if branches and not stake.branch:
            name = format_stake(stake.stake_m, stake.prefix)
            raise Invalid("roads.which_branch", field="stake", stake=name, branches="、".join(branches))
        return found.places[0]

    def region(self, lon: float, lat: float) -> str | None:
        """The smallest region that holds a point."""
        held = self._regions.place(lon, lat)
        return held[-1] if held else None


def register(work: Work, places: Places, new: NewFacility) -> Row:
    """Register one facility; see `register_many`."""
    return register_many(work, places, [new])[0]


def register_many(work: Work, places: Places, news: Sequence[NewFacility]) -> list[Row]:
    """Register facilities: all or none.

    Raises:
        Invalid: what the locator says of a stake without a place, `roads.which_branch`, `roads.end_needed`,
            `roads.end_before`, `roads.no_region`.
        Refused: `roads.code_taken`.
        Forbidden: `identity.not_here`.
    """
    routes: dict[int, geo.Route] = {}
    rows = []
    for new in news:
        if new.route not in routes:
            routes[new.route] = geo.route(work, new.route)
        rows.append(_row(work, places, routes[new.route], new))
    for owner in {(row["organisation"], row["region"]) for row in rows}:
        identity.require(work, EDIT, *owner)
    _refuse_taken(work, [row["code_key"] for row in rows])
    for kind in dict.fromkeys(row["kind"] for row in rows):
        of_kind = [row for row in rows if row["kind"] == kind]
        things.mint_many(work, THING_KINDS[kind], [_new_thing(row) for row in of_kind])
    store.add_facilities(work.as_system("roads"), rows)
    layers.draw_facilities(work, rows)
    _write_down(work, events.FACILITY_REGISTERED, rows)
    return rows


def amend(work: Work, places: Places, facility_id: str, **given: Any) -> Row:
    """Change what is given of name, code, route, stake, direction, side, lane, owner or region.

    Raises:
        NotFound: `roads.unknown_facility`; otherwise as `register_many`.
    """
    old = get(work, facility_id)
    if not old["active"]:
        raise Refused("roads.retired", name=old["name"])
    names = NewFacility.__dataclass_fields__
    new = NewFacility(**({name: old[name] for name in names} | given))
    row = _row(work, places, geo.route(work, new.route), new)
    kept = {name: value for name, value in row.items() if name not in ("id", "urn", "created_ms", "revision")}
    changes = {name: value for name, value in kept.items() if value != old[name] and name != "updated_ms"}
    if not changes:
        return old
    for owner in {(old["organisation"], old["region"]), (row["organisation"], row["region"])}:
        identity.require(work, EDIT, *owner)
    if "code_key" in changes:
        _refuse_taken(work, [row["code_key"]])
    changes |= {"updated_ms": work.now_ms, "revision": old["revision"] + 1}
    after = old | changes
    thing = _new_thing(after)
    things.amend(
        work, THING_KINDS[old["kind"]], old["urn"], name=thing.name, organisation=thing.organisation,
        region=thing.region, aliases=thing.aliases,
    )  # fmt: skip
    store.change_facility(work.as_system("roads"), facility_id, changes)
    layers.draw_facilities(work, [after])
    _write_down(work, events.FACILITY_AMENDED, [after], fields=sorted(changes))
    return after


def retire(work: Work, facility_id: str) -> Row:
    """Take a facility out of the register; its history stays.

    Raises:
        NotFound: `roads.unknown_facility`.
        Forbidden: `identity.not_here`.
        Refused: `roads.retired`.
    """
    old = get(work, facility_id)
    if not old["active"]:
        raise Refused("roads.retired", name=old["name"])
    identity.require(work, EDIT, old["organisation"], old["region"])
    things.retire(work, old["urn"])
    changes = {"active": False, "code_key": None, "updated_ms": work.now_ms, "revision": old["revision"] + 1}
    store.change_facility(work.as_system("roads"), facility_id, changes)
    layers.erase_facilities(work, [facility_id])
    _write_down(work, events.FACILITY_RETIRED, [old | changes])
    return old | changes


def get(work: Work, facility_id: str) -> Row:
    row = store.facility(work, facility_id)
    if row is None:
        raise NotFound("roads.unknown_facility", id=facility_id)
    return row


def place_again(work: Work, view: View) -> int:
    """Move the facilities of a route to where a view of it now has their stakes; gives how many have no place."""
    system, moved, lost = work.as_system("roads"), [], 0
    for route in view.routes.values():
        for row in store.facilities_along(system, route.id):
            stake = Stake(row["stake_m"], row["prefix"], row["branch"])
            found = geo.places_on(view, route, stake, None if row["direction"] == "both" else row["direction"]).places
            lost += not found
            where = {"lon": found[0].lon, "lat": found[0].lat} if found else {"lon": None, "lat": None}
            if where != {"lon": row["lon"], "lat": row["lat"]}:
                store.change_facility(system, row["id"], where)
                moved.append(row | where)
    layers.draw_facilities(work, moved)
    return lost


def stake_text(row: Mapping[str, Any], language: str = "zh") -> str:
    """Where a facility stands, as people write it."""
    stake = format_stake(row["stake_m"], row["prefix"], row["branch"])
    end = "" if row["end_stake_m"] is None else f"–{format_stake(row['end_stake_m'], row['prefix'])}"
    return format_place(row["number"], stake + end, row["direction"], language)


def _row(work: Work, places: Places, route: geo.Route, new: NewFacility) -> Row:
    place = places.require(route, Stake(new.stake_m, new.prefix, new.branch), new.direction)
    if new.kind in [kind.value for kind in STRETCHES]:
        if new.end_stake_m is None:
            raise Invalid("roads.end_needed", field="end_stake")
        if new.end_stake_m <= new.stake_m:
            raise Invalid("roads.end_before", field="end_stake")
        places.require(route, Stake(new.end_stake_m, new.prefix, new.branch), new.direction)
    region = new.region or places.region(place.lon, place.lat) or route.region
    direction = new.direction if new.direction != "both" or place.direction == "both" else "both"
    row = asdict(new) | {
        "id": new_id(),
        "code_key": None if new.code is None else f"{new.kind} {new.code}",
        "number": route.number,
        "route_region": route.region,
        "direction": direction,
        "lon": place.lon,
        "lat": place.lat,
        "region": identity.region_code(region),
        "active": True,
        "created_ms": work.now_ms,
        "updated_ms": work.now_ms,
        "revision": 1,
    }
    row["urn"] = urn(new.kind, row["id"])
    return row | {
        "search": "\n".join(things.normalised(part) for part in (new.name, new.code, stake_text(row)) if part)
    }


def _refuse_taken(work: Work, keys: Sequence[str | None]) -> None:
    wanted = [key for key in keys if key is not None]
    twice = {key for key in wanted if wanted.count(key) > 1} if len(set(wanted)) < len(wanted) else set()
    taken = twice or store.taken_codes(work.as_system("roads.unique"), wanted)
    if taken:
        raise Refused("roads.code_taken", field="code", value=min(taken).partition(" ")[2])


def _new_thing(row: Row) -> things.New:
    aliases: tuple[things.Alias, ...] = (("stake", stake_text(row)),)
    if row["code"]:
        aliases += (("code", row["code"]),)
    return things.New(
        name=row["name"],
        category=row["kind"],
        organisation=row["organisation"],
        region=row["region"],
        aliases=aliases,
        id=row["id"],
    )


def _write_down(work: Work, type_: EventType, rows: Sequence[Row], **payload: Any) -> None:
    for row in rows:
        log.record(
            work,
            type_,
            subject=row["urn"],
            occurred_at_ms=work.now_ms,
            source="roads",
            key=f"{row['id']}:{row['revision']}",
            payload={"organisation": row["organisation"], "region": row["region"], "kind": row["kind"], **payload},
        )
    for owner in {(row["organisation"], row["region"]) for row in rows}:
        subjects = [row["urn"] for row in rows if (row["organisation"], row["region"]) == owner]
        audit.record_many(work, type_.id, subjects, organisation=owner[0], region=owner[1], **payload)
