"""The manifest of equipment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.domains.equipment import events as facts
from tongqu.domains.equipment.alarm_bits import RULES
from tongqu.domains.equipment.importers import TERMINALS
from tongqu.domains.equipment.indicators import INDICATORS
from tongqu.domains.equipment.listeners import LISTENERS
from tongqu.domains.equipment.resources import RESOURCES
from tongqu.domains.equipment.searches import SEARCHES
from tongqu.domains.equipment.service.terminals import KIND
from tongqu.domains.equipment.streams import STREAMS
from tongqu.domains.equipment.subscriptions import SUBSCRIPTIONS
from tongqu.domains.equipment.tables import META
from tongqu.kernel.module import Demo, Finding, Module, Role
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Room

if TYPE_CHECKING:
    from threading import Event

    from fastapi import APIRouter
    from typer import Typer

    from tongqu.kit.world.values import World

READ, EDIT, COMMAND = "equipment.read", "equipment.edit", "equipment.command"


def _router() -> APIRouter:
    from tongqu.domains.equipment import api

    return api.router()


def _start(platform: Platform) -> None:
    """Tell the page of a mover whether its terminal is online."""
    from tongqu.domains.equipment.service import terminals
    from tongqu.kernel.telemetry.shown import TerminalState

    platform.provide(terminals.presence, TerminalState)


def _settings(platform: Platform) -> list[Finding]:
    from tongqu.domains.equipment import checks

    return checks.settings(platform)


def _unbound(platform: Platform) -> list[Finding]:
    from tongqu.domains.equipment import checks

    return checks.unbound(platform)


def _commands() -> Typer:
    from tongqu.domains.equipment import cli

    return cli.app()


def _fill(platform: Platform, world: World) -> None:
    from tongqu.domains.equipment import demo

    demo.fill(platform, world)


def _play(platform: Platform, world: World, cancelled: Event) -> None:
    from tongqu.domains.equipment import demo

    demo.run(platform, world, cancelled)


def _compile_decoder(_: Platform) -> None:
    from tongqu.kit.arrow import Frames
    from tongqu.protocols import jt808

    jt808.positions(Frames.of(jt808.encode(0x0002, {}, phone="1", serial=1, version=2013)))


def _compile_traffic(_: Platform) -> None:
    from tongqu.kit.world.drive import compile_ahead

    compile_ahead()


MODULE = Module(
    id="equipment",
    package="tongqu.domains.equipment",
    field="production",
    needs=("alarms", "audit", "events", "identity", "imports", "indicators", "rules", "telemetry", "things"),
    permissions=(READ, EDIT, COMMAND),
    roles=(
        Role("administrator", (READ, EDIT, COMMAND)),
        Role("monitor", (READ, COMMAND)),
        Role("duty_officer", (READ, COMMAND)),
        Role("analyst", (READ,)),
        Role("integrator", (READ, EDIT, COMMAND)),
    ),
    room=Room("equipment", "tongqu.domains.equipment", META),
    kinds=(KIND,),
    searches=SEARCHES,
    streams=STREAMS,
    rules=RULES,
    events=facts.ALL,
    subscriptions=SUBSCRIPTIONS,
    routers=(_router,),
    resources=RESOURCES,
    importers=(TERMINALS,),
    indicators=INDICATORS,
    listeners=LISTENERS,
    start=_start,
    checks=(_settings, _unbound),
    cli=_commands,
    compiles=(_compile_decoder,),
    demo=Demo(order=30, fill=_fill, play=_play, compiles=_compile_traffic),
)
