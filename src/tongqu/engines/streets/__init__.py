"""Walking, cycling and driving on streets. See README.md."""

from tongqu.engines.streets.around import Around, Reached
from tongqu.engines.streets.build import from_extract, read
from tongqu.engines.streets.graph import Graph
from tongqu.engines.streets.paths import Path, Step
from tongqu.engines.streets.profiles import CYCLE, DRIVE, STEP_FREE, WALK, Profile
from tongqu.engines.streets.stops import Stops
from tongqu.engines.streets.streets import Streets
from tongqu.engines.streets.transfers import FootTransfers
from tongqu.kit.text import register

register("streets", __name__)

__all__ = [
    "CYCLE",
    "DRIVE",
    "STEP_FREE",
    "WALK",
    "Around",
    "FootTransfers",
    "Graph",
    "Path",
    "Profile",
    "Reached",
    "Step",
    "Stops",
    "Streets",
    "from_extract",
    "read",
]
