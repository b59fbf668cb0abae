"""The terminals of the demo province: one in each vehicle, driving on its roads and speaking real bytes."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from tongqu.domains.equipment.gateway.server import LISTENER, PORT
from tongqu.domains.equipment.service import terminals
from tongqu.domains.equipment.simulator.fleet import Fleet, play, system_ms
from tongqu.domains.equipment.simulator.values import Fix, Identity
from tongqu.domains.equipment.tables import Admission
from tongqu.domains.equipment.values import NewTerminal
from tongqu.kernel import things
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import system_actor
from tongqu.kit.time import DAY_MS, HOUR_MS
from tongqu.kit.world.values import World

log = logging.getLogger("tongqu.demo")
ACTOR = system_actor("demo")
AT_ONCE = 2000
STATUS = 0x000C0002  # fixed, by GPS and BeiDou
ACC, LOADED, MOVING = 1 << 0, 0b11 << 8, 1 << 22
OVERSPEED = 1 << 1
OVERSPEED_SHARE = 1.1
SECONDLY = 50
"""One vehicle in so many reports each second."""
PARKED_MS = 30_000
OUTAGE_EVERY_S = 7200.0
DIALS_PER_S = 500.0
PAST_S, TIRED_S, TIRED_STEP_S = 6 * 3600, 4 * 3600 - 240, 30
"""The tired driver has driven for so long (of that past) when the demo begins; his terminal holds a fix a step."""
NIGHT_ENDS = 5
SILENT_AFTER_MS, SILENT_KMH, SILENT_MS = 180_000, 20.0, 12 * 3_600_000
"""A terminal dies after so long, on the road; and says nothing for half a day."""


def fill(platform: Platform, world: World) -> None:
    """Enter the terminals, each fitted to its vehicle since yesterday and with the code it authenticates with.

    Since yesterday, because the tired driver's terminal brings what happened before the demo begins.
    """
    with platform.store.read(ACTOR) as work:
        changes = things.changed_since(work, 0, ("vehicle",))
    by_plate = {thing.alias("plate"): thing for thing in changes.things}
    wanted = [(vehicle, by_plate.get(f"{vehicle.plate} {vehicle.plate_colour}")) for vehicle in world.fleet.vehicles]
    for at in range(0, len(wanted), AT_ONCE):
        some = wanted[at : at + AT_ONCE]
        with platform.store.write(ACTOR) as work:
            terminals.enter_many(
                work,
                [_new(world, vehicle, thing, work.now_ms - DAY_MS) for vehicle, thing in some],
                Admission.IMPORTED,
                {thing.urn: thing for _, thing in some if thing is not None},
            )


def _new(world: World, vehicle: Any, thing: things.Thing | None, from_ms: int) -> NewTerminal:
    terminal = world.fleet.terminals[vehicle.terminal]
    return NewTerminal(
        phone=terminal.phone.rjust(20 if terminal.version >= 2019 else 12, "0"),
        terminal_id=terminal.terminal_id,
        maker=terminal.maker,
        model=terminal.model,
        auth_code=terminal.auth_code,
        region=vehicle.region,
        vehicle=thing.urn if thing is not None else None,
        from_ms=from_ms,
        registered=True,
        protocol=terminal.version,
        imei=terminal.imei if terminal.version >= 2019 else "",
        software=terminal.software if terminal.version >= 2019 else "",
    )


def run(platform: Platform, world: World, cancelled: threading.Event) -> None:
    """Drive all vehicles until cancelled; a gateway that is not there yet or goes away is dialled again."""
    settings = platform.settings
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    source = Roads(world, system_ms())
    identities = [_identity(world, vehicle) for vehicle in world.fleet.vehicles]
    fleet = play(
        lambda: Fleet(
            identities,
            source,
            host,
            settings.ports.get(LISTENER, PORT),
            dials_per_s=DIALS_PER_S,
            outage_every_s=OUTAGE_EVERY_S,
            seed=world.seed,
            past=source.past,
        ),
        cancelled.is_set,
        _Say(),
    )
    log.info("terminals hang up: %s", fleet.counts.as_dict())


def _identity(world: World, vehicle: Any) -> Identity:
    terminal = world.fleet.terminals[vehicle.terminal]
    return Identity(
        phone=terminal.phone,
        version=terminal.version,
        maker=terminal.maker,
        model=terminal.model,
        terminal_id=terminal.terminal_id,
        imei=terminal.imei,
        software=terminal.software,
        auth_code=terminal.auth_code,
        region=vehicle.region.ljust(6, "0"),
        plate=vehicle.plate,
        plate_colour=vehicle.plate_colour_code,
    )


def _last_driven(past: list[tuple[int, Fix]]) -> list[tuple[int, Fix]]:
    """The end of a past in which a vehicle was in motion for `TIRED_S`."""
    driven, begin = 0, len(past)
    while begin and driven < TIRED_S:
        begin -= 1
        driven += TIRED_STEP_S if past[begin][1].speed_kmh >= 5 else 0
    return past[begin:]


class _Say:
    """A line of the log a minute."""

    def __init__(self) -> None:
        self._said = 0.0

    def __call__(self, fleet: Fleet) -> None:
        if time.monotonic() - self._said >= 60:
            self._said = time.monotonic()
            log.info("terminals: %s %s", fleet.counts.as_dict(), fleet.first_refusal)


class Roads:
    """Source of positions: the world's traffic, moved on once a second."""

    def __init__(self, world: World, begin_ms: int) -> None:
        from tongqu.kit.world import (
            drive,  # compiled code: only where vehicles drive
            scenes,
        )

        self._drive, self._scenes = drive, scenes
        self._state = drive.start(world, world.seed, begin_ms // 1000 * 1000)
        self._fixes = drive.fixes(self._state)
        vehicles = world.fleet.vehicles
        self._version = [world.fleet.terminals[vehicle.terminal].version for vehicle in vehicles]
        self._loaded = [vehicle.load_kg > 0 and vehicle.id % 3 != 0 for vehicle in vehicles]
        self._begin_ms = self._state.now_ms
        self._cast = scenes.cast(world)
        self._silent = self._astray = False
        self._world = world
        self._state.cars.night[self._cast.coach] = 2
        self._state.streets.limit[scenes.bridge_edges(world, self._cast.bridge)] = scenes.FOG_KMH / 3.6
        self._past = _last_driven([
            (at_ms, self._fix(fixes, 0, self._cast.tired))
            for at_ms, fixes in scenes.past(self._state, self._cast.tired, PAST_S, TIRED_STEP_S)
        ])  # fmt: skip
        self._fixes = drive.fixes(self._state)
        self._interval_ms = [
            1000 if vehicle.id % SECONDLY == 7 else 5000 + vehicle.id * 613 % 5 * 1000 for vehicle in vehicles
        ]

    def advance(self, at_ms: int) -> None:
        second_ms = at_ms // 1000 * 1000
        if second_ms > self._state.now_ms:
            self._scenes.restless(self._state, self._cast.tired)
            if not self._astray:
                self._scenes.restless(self._state, self._cast.strayed)
                self._astray = self._scenes.lead_astray(self._world, self._state, self._cast.strayed)
            if (second_ms // HOUR_MS + 8) % 24 < NIGHT_ENDS:
                self._scenes.restless(self._state, self._cast.coach)
            self._fixes = self._drive.advance(self._state, second_ms)
            due = self._state.now_ms - self._begin_ms >= SILENT_AFTER_MS
            self._silent = self._silent or (due and float(self._fixes.speed_kmh[self._cast.silent]) > SILENT_KMH)

    def past(self, index: int) -> list[tuple[int, Fix]]:
        """What a terminal has not said yet when it first comes online: the tired driver's hours on the road."""
        return self._past if index == self._cast.tired else []

    def fix(self, index: int) -> Fix:
        return self._fix(self._fixes, index, index)

    def _fix(self, now: Any, at: int, index: int) -> Fix:
        """The fix of a vehicle from the entry `at` of some fixes."""
        speed_kmh = float(now.speed_kmh[at])
        status = STATUS | bool(now.acc[at]) | (LOADED if self._loaded[index] else 0)
        if speed_kmh > 0 and self._version[index] >= 2019:
            status |= MOVING
        too_fast = speed_kmh > float(now.limit_kmh[at]) * OVERSPEED_SHARE
        return Fix(
            lon=float(now.lon[at]),
            lat=float(now.lat[at]),
            altitude_m=float(now.altitude_m[at]),
            speed_kmh=speed_kmh,
            heading_deg=float(now.heading_deg[at]) % 360,
            mileage_km=float(now.mileage_km[at]),
            status=status,
            alarm=OVERSPEED if too_fast else 0,
        )

    def interval_ms(self, index: int) -> int:
        if self._silent and index == self._cast.silent:
            return SILENT_MS
        return self._interval_ms[index] if self._fixes.acc[index] else PARKED_MS
