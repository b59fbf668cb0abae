"""All messages, by id."""

from __future__ import annotations

from typing import Final

from tongqu.protocols.jt808.message import MessageTable, by_id
from tongqu.protocols.jt808.tables import areas, control, driver, general, media, position, safety, video

MESSAGES: Final[dict[int, MessageTable]] = by_id(
    general.MESSAGES,
    position.MESSAGES,
    control.MESSAGES,
    areas.MESSAGES,
    driver.MESSAGES,
    media.MESSAGES,
    safety.MESSAGES,
    video.MESSAGES,
)
