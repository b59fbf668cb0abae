"""All AIS messages, by type."""

from __future__ import annotations

from typing import Final

from tongqu.protocols.nmea.message import MessageTable, by_type
from tongqu.protocols.nmea.tables import messages, particulars, reports

MESSAGES: Final[dict[int, MessageTable]] = by_type(reports.MESSAGES, particulars.MESSAGES, messages.MESSAGES)
"""Types 1 to 27."""
