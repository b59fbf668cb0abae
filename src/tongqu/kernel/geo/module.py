"""Manifest of geo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.kernel.geo import demo
from tongqu.kernel.geo.index import RegionIndex
from tongqu.kernel.geo.locator import Locator
from tongqu.kernel.geo.stakes import StakeLocator
from tongqu.kernel.geo.tables import ROOM
from tongqu.kernel.module import Demo, Module

if TYPE_CHECKING:
    from fastapi import APIRouter

    from tongqu.kernel.platform import Platform


def _router() -> APIRouter:
    from tongqu.kernel.geo.api import router

    return router()


def start(platform: Platform) -> None:
    """Put the region index and the stake locator into the API process: others ask them where a point lies."""
    platform.provide(RegionIndex(platform.store))
    locator = Locator(platform.store)
    platform.provide(locator)
    platform.provide(locator, StakeLocator)


def _compile(_: Platform) -> None:
    from tongqu.kernel.geo.compiling import compile_geo

    compile_geo()


MODULE = Module(
    id="geo",
    package="tongqu.kernel.geo",
    field="platform",
    needs=("audit", "identity"),
    room=ROOM,
    routers=(_router,),
    start=start,
    compiles=(_compile,),
    demo=Demo(order=10, fill=demo.fill),
)
