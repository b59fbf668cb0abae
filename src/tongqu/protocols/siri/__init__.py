"""SIRI Situation Exchange (SX): what a publisher tells of disruptions, from XML to values. See README.md.

Usable alone::

    from tongqu.protocols import siri
    delivery = siri.read(data)          # situations that cannot be read are left out and noted
    for situation in delivery.situations: ...
"""

from __future__ import annotations

from tongqu.kit.text import register

register("siri", "tongqu.protocols.siri")

from tongqu.protocols.siri.reading import MOST_BYTES, read  # noqa: E402 (texts first)
from tongqu.protocols.siri.values import (  # noqa: E402
    Affected,
    AffectedJourney,
    AffectedLine,
    Consequence,
    Delivery,
    InfoLink,
    Notice,
    Situation,
)

__all__ = [
    "MOST_BYTES",
    "Affected",
    "AffectedJourney",
    "AffectedLine",
    "Consequence",
    "Delivery",
    "InfoLink",
    "Notice",
    "Situation",
    "read",
]
