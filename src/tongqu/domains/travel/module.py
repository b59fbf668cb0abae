"""The manifest of travel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.domains.travel import demo, events, indicators, jobs, layers, loaders, schemas
from tongqu.domains.travel.search import PLACES
from tongqu.domains.travel.tables import METADATA
from tongqu.kernel.module import Demo, Module, Role
from tongqu.kernel.store import Room
from tongqu.kernel.web import Resource

if TYPE_CHECKING:
    from fastapi import APIRouter

    from tongqu.kernel.platform import Platform

READ, EDIT, FETCH = "travel.read", "travel.edit", "travel.fetch"
NETWORK = "travel.network"


def _router() -> APIRouter:
    from tongqu.domains.travel import api

    return api.router()


def _start(platform: Platform) -> None:
    """Hold the timetable that is live in the API process, follow what is made live and what is told of now."""
    from tongqu.domains.travel.service.bikes import BikeShare
    from tongqu.domains.travel.service.network import Network
    from tongqu.domains.travel.service.operation import Operator
    from tongqu.domains.travel.service.realtime import Realtime
    from tongqu.domains.travel.service.subscriptions import Watcher

    network = Network(platform)
    realtime = Realtime(platform, network)
    operator = Operator(platform, network, realtime)
    bikes = BikeShare(platform, network)
    for service in (network, realtime, Watcher(platform, realtime), operator, bikes):
        platform.provide(service)
    network.start()
    realtime.start()
    operator.start()
    bikes.start()


def _compile_search(_: Platform) -> None:
    from tongqu.domains.travel.compiling import compile_search

    compile_search()


MODULE = Module(
    id="travel",
    package="tongqu.domains.travel",
    field="services",
    needs=(
        "identity",
        "audit",
        "documents",
        "events",
        "geo",
        "imports",
        "indicators",
        "jobs",
        "layers",
        "notify",
        "rulebooks",
        "telemetry",
        "things",
    ),
    permissions=(READ, EDIT, FETCH, NETWORK),
    roles=(
        Role("administrator", (READ, EDIT, FETCH, NETWORK)),
        Role("duty_officer", (READ,)),
        Role("analyst", (READ, FETCH)),
        Role("integrator", (READ, EDIT)),
    ),
    room=Room("travel", "tongqu.domains.travel", METADATA),
    routers=(_router,),
    resources=(
        Resource(
            "travel.feeds",
            "travel/feeds",
            schemas.FeedRow,
            READ,
            create=schemas.FeedForm,
            edit=schemas.FeedEdit,
            edit_permission=EDIT,
        ),
    ),
    searches=(PLACES,),
    layers=layers.ALL,
    events=events.ALL,
    indicators=indicators.INDICATORS,
    projections=indicators.PROJECTIONS,
    loaders=(loaders.GTFS, loaders.METRO, loaders.NETEX),
    jobs=jobs.ALL,
    compiles=(_compile_search,),
    start=_start,
    demo=Demo(order=40, fill=demo.fill, play=demo.run),
)
