"""GTFS Schedule: reading, checking, mending, comparing and writing feeds of public transport. See README.md.

Usable alone::

    from tongqu.protocols import gtfs
    feed = gtfs.read("city.zip")            # typed Arrow tables, what could not be read noted by row
    plan = gtfs.schedule(feed)              # indices for ids, calls sorted, empty times filled, days of each service
"""

from __future__ import annotations

from tongqu.kit.text import register

register("gtfs", "tongqu.protocols.gtfs")

from tongqu.protocols.gtfs.cells import format_time, parse_date, parse_time  # noqa: E402 (texts first)
from tongqu.protocols.gtfs.difference import Difference, Line, difference, lines_on  # noqa: E402
from tongqu.protocols.gtfs.feed import Feed, read  # noqa: E402
from tongqu.protocols.gtfs.flex import BookingRule, Estimate, Flex, FlexCall, Group, flex  # noqa: E402
from tongqu.protocols.gtfs.locations import Fault, Zone, zones  # noqa: E402
from tongqu.protocols.gtfs.notices import Notice, Notices  # noqa: E402
from tongqu.protocols.gtfs.schedule import Calendar, Schedule, fill_times, schedule, services  # noqa: E402
from tongqu.protocols.gtfs.severities import SEVERITIES  # noqa: E402
from tongqu.protocols.gtfs.source import Limits, Source, open_source  # noqa: E402
from tongqu.protocols.gtfs.spec import FILES, Field, File  # noqa: E402
from tongqu.protocols.gtfs.validator import validate  # noqa: E402
from tongqu.protocols.gtfs.writer import Mending, mended, write  # noqa: E402

__all__ = [
    "FILES",
    "SEVERITIES",
    "BookingRule",
    "Calendar",
    "Difference",
    "Estimate",
    "Fault",
    "Feed",
    "Field",
    "File",
    "Flex",
    "FlexCall",
    "Group",
    "Limits",
    "Line",
    "Mending",
    "Notice",
    "Notices",
    "Schedule",
    "Source",
    "Zone",
    "difference",
    "fill_times",
    "flex",
    "format_time",
    "lines_on",
    "mended",
    "open_source",
    "parse_date",
    "parse_time",
    "read",
    "schedule",
    "services",
    "validate",
    "write",
    "zones",
]
