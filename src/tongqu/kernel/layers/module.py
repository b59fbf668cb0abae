"""Manifest of layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.kernel.layers import demo
from tongqu.kernel.layers.base import BASE_LAYERS
from tongqu.kernel.layers.tables import ROOM
from tongqu.kernel.module import Demo, Module

if TYPE_CHECKING:
    from fastapi import APIRouter

    from tongqu.kernel.platform import Platform


def _router() -> APIRouter:
    from tongqu.kernel.layers.api import router

    return router()


def start(platform: Platform) -> None:
    """Put tiles into the API process and keep their projection up to date; what is missing is made beside."""
    from tongqu.kernel.layers.projector import Projector
    from tongqu.kernel.layers.tiles import Tiles

    projector = Projector(platform)
    tiles = Tiles(projector, platform.clock)
    projector.after_build(tiles.warm)
    projector.start()
    platform.provide(projector)
    platform.provide(tiles)


MODULE = Module(
    id="layers",
    package="tongqu.kernel.layers",
    field="platform",
    needs=("geo", "identity"),
    room=ROOM,
    routers=(_router,),
    layers=BASE_LAYERS,
    start=start,
    demo=Demo(order=11, fill=demo.fill),
)
