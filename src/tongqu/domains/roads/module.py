"""The manifest of roads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.domains.roads import demo, events, importers, indicators, kinds, layers, loaders, resources, searches
from tongqu.domains.roads.tables import READ, ROOM
from tongqu.kernel.module import Demo, Module, Role

if TYPE_CHECKING:
    from fastapi import APIRouter

    from tongqu.kernel.platform import Platform

EDIT = "roads.edit"


def _router() -> APIRouter:
    from tongqu.domains.roads import api

    return api.router()


def start(platform: Platform) -> None:
    """Limits of the network for the rules of others."""
    from tongqu.domains.roads.limits import NetworkLimits
    from tongqu.kernel.geo.limits import SpeedLimits

    platform.provide(NetworkLimits(platform.store), SpeedLimits)


MODULE = Module(
    id="roads",
    package="tongqu.domains.roads",
    field="infrastructure",
    needs=("identity", "audit", "events", "things", "geo", "jobs", "layers", "imports", "indicators", "rulebooks"),
    permissions=(READ, EDIT),
    roles=(
        Role("administrator", (READ, EDIT)),
        Role("road_engineer", (READ, EDIT)),
        Role("integrator", (READ, EDIT)),
        Role("duty_officer", (READ,)),
        Role("monitor", (READ,)),
        Role("analyst", (READ,)),
    ),
    room=ROOM,
    routers=(_router,),
    resources=resources.RESOURCES,
    kinds=kinds.KINDS,
    searches=searches.SEARCHES,
    layers=layers.LAYERS,
    events=events.ALL,
    importers=(importers.FACILITIES,),
    loaders=loaders.LOADERS,
    projections=indicators.PROJECTIONS,
    indicators=indicators.INDICATORS,
    start=start,
    demo=Demo(order=30, fill=demo.fill),
)
