"""What travel tells the rest of the house."""

from __future__ import annotations

from tongqu.kernel.events import EventType

FEED_REGISTERED = EventType("travel.feed_registered")
FEED_AMENDED = EventType("travel.feed_amended")
FEED_RETIRED = EventType("travel.feed_retired")
VERSION_RECEIVED = EventType("travel.version_received")
VERSION_CHECKED = EventType("travel.version_checked")
VERSION_ACTIVATED = EventType("travel.version_activated")
VERSION_REFUSED = EventType("travel.version_refused")

ALL = (
    FEED_REGISTERED,
    FEED_AMENDED,
    FEED_RETIRED,
    VERSION_RECEIVED,
    VERSION_CHECKED,
    VERSION_ACTIVATED,
    VERSION_REFUSED,
)
"""The subject is the URN of the feed; the payload carries `version`, `number` and its document's `sha256` where it is
of a version. Whoever holds the timetable follows `travel.version_activated` and `travel.feed_retired`."""
