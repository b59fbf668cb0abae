"""The layers of the base map: ground, water, roads, regions, places; the demo or an installation's own data fills them.

Styles are muted, so that movers and alarms stand out. Colours are tokens; README.md lists them.
"""

from tongqu.kernel.layers.base.ground import LANDCOVER, RELIEF, WATER
from tongqu.kernel.layers.base.names import PLACES, REGIONS
from tongqu.kernel.layers.base.roads import ROADS
from tongqu.kernel.layers.declare import Layer, LayerType

MOVERS = Layer(
    id="layers.movers",
    group="live",
    type=LayerType.MOVERS,
    order=900,
    url="/api/v1/movers/live",
    max_zoom=24,
)
"""Drawn by the page from telemetry's live socket; what is seen there is telemetry's rule."""

BASE_LAYERS = (RELIEF, LANDCOVER, WATER, ROADS, REGIONS, PLACES, MOVERS)

__all__ = ["BASE_LAYERS", "LANDCOVER", "MOVERS", "PLACES", "REGIONS", "RELIEF", "ROADS", "WATER"]
