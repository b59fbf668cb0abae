"""The manifest of navigation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.domains.navigation import schemas
from tongqu.domains.navigation.categories import SHIP
from tongqu.domains.navigation.layers import LAYERS
from tongqu.domains.navigation.listeners import LISTENERS
from tongqu.domains.navigation.streams import STREAMS
from tongqu.domains.navigation.tables import METADATA
from tongqu.kernel.module import Demo, Module, Role
from tongqu.kernel.store import Room
from tongqu.kernel.web import Resource

if TYPE_CHECKING:
    from threading import Event

    from fastapi import APIRouter

    from tongqu.kernel.platform import Platform
    from tongqu.kit.world.values import World

READ = "navigation.read"


def _router() -> APIRouter:
    from tongqu.domains.navigation import api

    return api.router()


def _fill(platform: Platform, world: World) -> None:
    from tongqu.domains.navigation import demo

    demo.fill(platform, world)


def _play(platform: Platform, world: World, cancelled: Event) -> None:
    from tongqu.domains.navigation import demo

    demo.run(platform, world, cancelled)


def _compile_decoder(_: Platform) -> None:
    from tongqu.protocols.nmea import bulk

    bulk.decode_buffer(b"!AIVDM,1,1,,A,13u?etPv2;0n:dDPwUM1U1Cb069D,0*24\r\n")


MODULE = Module(
    id="navigation",
    package="tongqu.domains.navigation",
    field="services",
    needs=("geo", "identity", "layers", "telemetry", "things"),
    permissions=(READ,),
    roles=tuple(Role(role, (READ,)) for role in ("administrator", "monitor", "duty_officer", "analyst", "integrator")),
    room=Room("navigation", "tongqu.domains.navigation", METADATA),
    kinds=(SHIP,),
    streams=STREAMS,
    layers=LAYERS,
    compiles=(_compile_decoder,),
    routers=(_router,),
    resources=(
        Resource("navigation.ships", "navigation/ships", schemas.ShipRow, READ),
        Resource("navigation.stations", "navigation/stations", schemas.StationRow, READ),
        Resource("navigation.receivers", "navigation/receivers", schemas.ReceiverRow, READ),
    ),
    listeners=LISTENERS,
    demo=Demo(order=40, fill=_fill, play=_play),
)
