"""Travel of the demo province: timetables, a ride on request, shared bikes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from tongqu.domains.travel import jobs
from tongqu.domains.travel.courses import Agency, feed_of
from tongqu.domains.travel.demo import bikes, lines, on_demand
from tongqu.domains.travel.demo.player import run
from tongqu.domains.travel.service import feeds
from tongqu.domains.travel.service.network import PROVINCE
from tongqu.domains.travel.tables import Condition
from tongqu.engines.streets import cache, province
from tongqu.kernel import documents
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import system_actor
from tongqu.kit.time import CHINA

if TYPE_CHECKING:
    from tongqu.kit.world.values import World

__all__ = ["city_feed", "coach_feed", "fill", "run"]

ACTOR = system_actor("demo")
VALID_DAYS = 365


def fill(platform: Platform, world: World) -> None:
    """Register the feeds; a job checks the timetables and makes them live while the platform runs. Keep the streets
    beside."""
    streets = platform.settings.data / "travel" / "streets" / PROVINCE
    cache.keep(streets, province.from_network(world.network, world.roads))
    today = datetime.fromtimestamp(platform.clock.now_ms() / 1000, CHINA).date()
    valid = (today - timedelta(days=7), today + timedelta(days=VALID_DAYS))
    address = f"http://{platform.settings.host}:{platform.settings.port}/"
    whole = next(region.code for region in world.regions if region.level == "province")
    made = (
        ("lanjiang-transit", "澜江公交与地铁", city_feed(world, valid, address), Condition.UNCONDITIONAL, True),
        ("lanjiang-coach", "澜江城际客运", coach_feed(world, valid, address), Condition.CONDITIONAL, False),
    )
    for code, name, data, condition, operated in made:
        content = documents.vault(platform).keep(data)
        with platform.store.write(ACTOR) as work:
            feed = feeds.register(
                work, code, name, region=whole, publisher=name, condition=condition, licence="公共数据开放许可（演示）",
                operated=operated,
            )  # fmt: skip
            document = documents.put(
                work, content, name=f"{code}.zip", media_type="application/zip", purpose="import", region=whole
            )
            version = feeds.receive(work, feed["id"], document.id)
            jobs.submit_check(work, feed, version, activate=True)
    system = bikes.system(world)
    if system is not None:
        with platform.store.write(ACTOR) as work:
            feeds.register(work, bikes.CODE, system.name.zh, region=system.region, publisher=system.name.zh)


def city_feed(world: World, valid: tuple[date, date], address: str) -> bytes:
    """Buses, the metro line and the ride on request as GTFS."""
    stations, metro = lines.metro_line(world)
    return feed_of(
        Agency("澜江公共交通", address),
        [*lines.bus_lines(world), *metro],
        valid,
        stations,
        on_demand.services(world),
    )


def coach_feed(world: World, valid: tuple[date, date], address: str) -> bytes:
    """Coaches as GTFS."""
    return feed_of(Agency("澜江城际客运", address), list(lines.coach_lines(world)), valid)
