"""Code lists of ITU-R M.1371-5; their texts stand in the catalogue below `codes`."""

from __future__ import annotations

from typing import Final

from tongqu.protocols.nmea.fields import Codes, codes

STATUS: Final = codes("status", range(16))
"""Navigational status, annex 8, table 48."""
EPFD: Final = codes("epfd", [*range(9), 15])
"""Kind of position fixing device."""
SHIP_TYPE: Final = Codes("ship_type", frozenset([0, *range(20, 100)]))
"""Type of ship and cargo, annex 8, table 53: the first digit says what, the second which cargo."""
AID: Final = codes("aid", range(32))
"""Type of aid to navigation, annex 8, table 74."""
SECOND: Final = codes("second", range(61, 64))
"""What stands in place of a second: 61 manual input, 62 dead reckoning, 63 inoperative."""
MANEUVER: Final = codes("maneuver", range(3))
STATION: Final = codes("station", range(10))
"""Type of station in message 23."""
