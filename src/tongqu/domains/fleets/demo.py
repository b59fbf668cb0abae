"""The fleets of the demo province: its carriers, their vehicles and drivers, none of them real."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tongqu.domains.fleets import categories
from tongqu.domains.fleets.categories import CODES, CategoryCode
from tongqu.domains.fleets.plates import plate_rules
from tongqu.domains.fleets.service import areas, drivers, enterprises, vehicles
from tongqu.domains.fleets.values import NewArea, NewDriver, NewEnterprise, NewVehicle
from tongqu.kernel import things
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import system_actor

if TYPE_CHECKING:
    from tongqu.kit.world.values import Fleet, World

ACTOR = system_actor("demo")
AT_ONCE = 1_000
CATEGORY_OF = {"port_drayage": CategoryCode.CONTAINER_TRUCK.value, "network_freight": CategoryCode.LIGHT_TRUCK.value}
"""What the world calls by its trade, and which category of vehicle that is; all other codes are the same."""

FOG, ROUTE = "{}团雾限速", "{}计划路线"
AXLES = {"heavy_truck": 6, "container_truck": 6, "dangerous_goods": 5}
"""Axles of the long vehicles of the demo; the others have two."""


def fill(platform: Platform, world: World) -> None:
    """Register what the world says of fleets, and draw what its scenes are judged by."""
    register(platform, world.fleet)
    draw(platform, world)


def draw(platform: Platform, world: World) -> None:
    """Fog on the great bridge lowers the limit there; a truck has a route it should keep to."""
    import shapely

    from tongqu.kit.world import scenes

    cast = scenes.cast(world)
    bridge = world.structures[cast.bridge]
    around = shapely.from_geojson(shapely.to_geojson(bridge.geometry)).buffer(0.0008)
    truck = world.fleet.vehicles[cast.strayed]
    way = shapely.LineString(scenes.planned_route(world, cast.strayed)).simplify(0.0002)
    with platform.store.write(ACTOR) as work:
        known = things.find(work, categories.VEHICLE, "plate", f"{truck.plate} {truck.plate_colour}")
        fog = NewArea(FOG.format(bridge.name.zh), "speed", _json(around), bridge.region)
        areas.make(work, replace(fog, limit_kmh=scenes.FOG_KMH, cause="fog"))
        if known is not None:
            planned = NewArea(ROUTE.format(truck.label), "corridor", _json(way), truck.region)
            areas.make(work, replace(planned, width_m=600.0, vehicles=(str(known.urn),)))


def _json(shape: Any) -> dict[str, Any]:
    import shapely

    return dict(json.loads(shapely.to_geojson(shape)))


def register(platform: Platform, fleet: Fleet) -> None:
    """Register enterprises, vehicles and drivers, in units of work of a thousand rows."""
    owners = _enterprises(platform, fleet)
    rules = plate_rules(platform)
    for start in range(0, len(fleet.vehicles), AT_ONCE):
        with platform.store.write(ACTOR) as work:
            vehicles.register_many(
                work,
                [
                    NewVehicle(
                        plate=rules.read(one.plate, one.plate_colour),
                        category=_category(one.category),
                        enterprise=owners[one.enterprise],
                        region=one.region,
                        vin=one.vin,
                        model=one.model,
                        energy=one.energy,
                        seats=one.seats,
                        axles=AXLES.get(_category(one.category), 2),
                        load_kg=one.load_kg,
                        length_m=one.length_m,
                    )
                    for one in fleet.vehicles[start : start + AT_ONCE]
                ],
            )
    for start in range(0, len(fleet.drivers), AT_ONCE):
        with platform.store.write(ACTOR) as work:
            drivers.register_many(
                work,
                [
                    NewDriver(
                        name=one.name.zh,
                        driving_licence=one.licence,
                        enterprise=owners[one.enterprise],
                        licence_class=one.licence_class,
                        phone=one.phone,
                    )
                    for one in fleet.drivers[start : start + AT_ONCE]
                ],
            )


def _enterprises(platform: Platform, fleet: Fleet) -> list[str]:
    """Register the carriers; gives their ids in the order of the fleet."""
    kinds: dict[int, set[str]] = {}
    for vehicle in fleet.vehicles:
        kinds.setdefault(vehicle.enterprise, set()).add(_category(vehicle.category))
    ids = []
    with platform.store.write(ACTOR) as work:
        for number, one in enumerate(fleet.enterprises):
            main = _category(one.kind)
            row = enterprises.register(
                work,
                NewEnterprise(
                    name=one.name.zh,
                    region=one.region,
                    category=main,
                    short_name=one.short_name,
                    licence=one.licence,
                    business=tuple(sorted({main} | kinds.get(number, set()), key=CODES.index)),
                ),
            )
            ids.append(row["id"])
    return ids


def _category(code: str) -> str:
    known = CATEGORY_OF.get(code, code)
    return known if known in CODES else CategoryCode.OTHER.value
