"""What several messages share: head, position, size of a ship."""

from __future__ import annotations

from typing import Final

from tongqu.protocols.nmea.fields import Field, flag, s, u
from tongqu.protocols.nmea.message import Layout, MessageTable, When
from tongqu.protocols.nmea.tables import words

HEAD: Final = (u("type", 6), u("repeat", 2), u("mmsi", 30))
FINE: Final = (
    s("longitude_deg", 28, per=600_000, absent=181 * 600_000),
    s("latitude_deg", 27, per=600_000, absent=91 * 600_000),
)
"""Position in 1/10,000 minute."""
COARSE: Final = (
    s("longitude_deg", 18, per=600, absent=181 * 600),
    s("latitude_deg", 17, per=600, absent=91 * 600),
)
"""Position in 1/10 minute."""
COURSE: Final = u("course_deg", 12, per=10, absent=3600)
SPEED: Final = u("speed_kn", 10, per=10, absent=1023)
HEADING: Final = u("heading_deg", 9, absent=511)
SECOND: Final = u("second", 6, absent=60, codes=words.SECOND)
EPFD: Final = u("epfd", 4, codes=words.EPFD)
SIZE: Final = (u("to_bow_m", 9), u("to_stern_m", 9), u("to_port_m", 6), u("to_starboard_m", 6))
ACCURACY: Final = flag("accuracy")
RAIM: Final = flag("raim")


def area(prefix: str) -> tuple[Field, Field]:
    """A corner of an area in 1/10 minute."""
    return (
        s(f"{prefix}_longitude_deg", 18, per=600, absent=181 * 600),
        s(f"{prefix}_latitude_deg", 17, per=600, absent=91 * 600),
    )


def message(type: int, name: str, *fields: Field, least: int) -> MessageTable:
    """A message of one layout; the head is added."""
    return MessageTable(type, name, (Layout((*HEAD, *fields)),), least)


def layout(*fields: Field, when: tuple[When, ...]) -> Layout:
    """One of several layouts; the head is added."""
    return Layout((*HEAD, *fields), when)
