"""NeTEx stop places: stations with their quays and entrances, from XML to values, one after the other. See README.md.

Usable alone::

    from tongqu.protocols import netex
    found = netex.stop_places(Path("stops.xml"))
    for place in found: ...             # a large file is never held as a whole
    found.notices, found.skipped        # what of it could not be read
"""

from __future__ import annotations

from tongqu.kit.text import register

register("netex", "tongqu.protocols.netex")

from tongqu.protocols.netex.reading import MOST_BYTES, Reading, stop_places  # noqa: E402 (texts first)
from tongqu.protocols.netex.values import Entrance, Name, Notice, Point, Quay, StopPlace  # noqa: E402

__all__ = ["MOST_BYTES", "Entrance", "Name", "Notice", "Point", "Quay", "Reading", "StopPlace", "stop_places"]
