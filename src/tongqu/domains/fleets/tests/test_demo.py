"""The demo province's fleets come in through the verbs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tongqu.domains.fleets import categories, demo
from tongqu.domains.fleets.tests.conftest import ALL, CITY
from tongqu.kernel import things
from tongqu.kernel.jobs.tests.support import application, as_person
from tongqu.kernel.store import system_actor
from tongqu.kit.world import carriers
from tongqu.kit.world import values as world


def enterprise(n: int) -> world.Enterprise:
    name = world.Name(f"望汀第{n}运输公司", f"Carrier {n}")
    return world.Enterprise(n, name, f"望运{n}", "heavy_truck", "9902", 0, f"L{n}")


def vehicle(n: int, owner: int) -> world.Vehicle:
    return world.Vehicle(
        id=n,
        label=f"澜B·{n:05}",
        plate=f"澜B{n:05}",
        plate_colour="yellow",
        plate_colour_code=2,
        category="heavy_truck" if n % 3 else "unheard_of",
        enterprise=owner,
        driver=n,
        terminal=n,
        region="9902",
        home=0,
        vin=f"LTQDEMA1{n:09}",
        model="TQ4250",
        energy="diesel",
        length_m=16.5,
        seats=2,
        load_kg=30_000,
        top_speed_kmh=90.0,
        speeds=False,
    )


def small_fleet(count: int, owners: int = 3) -> Any:
    """A world that has only fleets."""
    drivers = tuple(
        world.Driver(n, world.Name(f"驾驶员{n:05}", f"Driver {n}"), n % owners, f"9902{n:014}", "A2", f"100{n:08}")
        for n in range(count)
    )
    firms = tuple(enterprise(n) for n in range(owners))
    return SimpleNamespace(fleet=world.Fleet(firms, drivers, (), tuple(vehicle(n, n % owners) for n in range(count))))


def test_all_of_the_world_is_registered(platform: Any) -> None:
    demo.register(platform, small_fleet(2_050).fleet)
    client = as_person(application(platform, *ALL), CITY)
    totals = {kind: client.get(f"fleets/{kind}").json()["total"] for kind in ("enterprises", "vehicles", "drivers")}
    assert totals == {"enterprises": 3, "vehicles": 2_050, "drivers": 2_050}
    unknown = client.get("fleets/vehicles", params={"q": "澜B·00003"}).json()["items"][0]
    assert (unknown["category"], unknown["axles"]) == ("other", 2)
    firm = client.get("fleets/enterprises", params={"q": "第0"}).json()["items"][0]
    assert firm["business"] == ["heavy_truck", "other"]
    with platform.store.read(system_actor("test")) as work:
        thing = things.find(work, "vehicle", "plate", "澜B02049 yellow")
    assert thing is not None
    assert thing.organisation is not None


def test_no_vehicle_of_the_world_is_of_an_unknown_category() -> None:
    assert {demo._category(code) for code in carriers.CATEGORIES} == set(categories.CODES) - {"ride_hailing", "other"}
