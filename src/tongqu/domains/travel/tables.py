"""Tables of travel: feeds and their versions, places, use of open data, journeys that somebody follows."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import JSON, BigInteger, Boolean, Date, Float, Index, Integer, String, Text, UniqueConstraint

from tongqu.kernel.store import Parent, Retention, Scope, column, metadata, table

METADATA = metadata()
READ = "travel.read"


class Condition(StrEnum):
    """Share condition of public data: 无条件开放, 有条件开放, 不予开放."""

    UNCONDITIONAL = "unconditional"
    CONDITIONAL = "conditional"
    NOT_OPEN = "not_open"


class VersionState(StrEnum):
    """Where a version of a feed is."""

    CHECKING = "checking"
    CHECKED = "checked"
    ACTIVE = "active"
    REFUSED = "refused"
    SUPERSEDED = "superseded"
    FAILED = "failed"


FEED = table(
    "travel_feed",
    METADATA,
    column("id", String(20), primary_key=True),
    column("urn", String(140)),
    column("code", String(40)),
    column("name", String(120)),
    column("publisher", String(120), nullable=True),
    column("organisation", String(20), nullable=True),
    column("region", String(12)),
    column("condition", String(20)),
    column("licence", String(120), nullable=True),
    column("note", Text, nullable=True),
    column("realtime", JSON),
    column("operated", Boolean),
    column("version", String(20), nullable=True),
    column("active", Boolean),
    column("created_ms", BigInteger),
    column("updated_ms", BigInteger),
    column("revision", Integer),
    UniqueConstraint("code"),
    Index(None, "region"),
    scope=Scope(read=READ, organisation="organisation", region="region"),
)
"""`code`: name of the feed in addresses and identifiers; `realtime`: addresses of GTFS Realtime feeds by what they tell
(`trip_updates`, `vehicle_positions`, `alerts`) and of a SIRI-SX service (`situations`); `operated`: buses of this
platform run it; `version`: the one that is live."""

VERSION = table(
    "travel_feed_version",
    METADATA,
    column("id", String(20), primary_key=True),
    column("feed", String(20)),
    column("number", Integer),
    column("state", String(12)),
    column("document", String(40)),
    column("mended", String(40), nullable=True),
    column("name", String(200)),
    column("sha256", String(64)),
    column("size", BigInteger),
    column("valid_from", Date, nullable=True),
    column("valid_to", Date, nullable=True),
    column("errors", Integer),
    column("warnings", Integer),
    column("figures", JSON),
    column("notices", JSON),
    column("difference", JSON),
    column("reason", Text, nullable=True),
    column("received_ms", BigInteger),
    column("received_by", String(80)),
    column("checked_ms", BigInteger, nullable=True),
    column("activated_ms", BigInteger, nullable=True),
    column("job", String(40), nullable=True),
    column("revision", Integer),
    UniqueConstraint("feed", "number"),
    Index(None, "feed"),
    scope=Scope(read=READ, parent=Parent("feed", FEED, "id")),
)
"""`figures`: stops, lines, trips, kilometres and what else is counted; `notices`: what the validator says, with
samples; `difference`: against the version that was live when this one was checked; `mended`: document with a repaired
feed."""

PLACE = table(
    "travel_place",
    METADATA,
    column("id", String(60), primary_key=True),
    column("source", String(40)),
    column("kind", String(20)),
    column("ref", String(120)),
    column("name", String(200)),
    column("name_en", String(200), nullable=True),
    column("detail", String(300), nullable=True),
    column("search", Text),
    column("initials", String(200)),
    column("weight", Integer),
    column("lon", Float),
    column("lat", Float),
    column("region", String(12), nullable=True),
    Index(None, "source"),
    Index(None, "kind"),
    scope=Scope(open=True),
)
"""What a traveller can type: stops, stations, entrances, lines of the live feeds, points of interest, addresses.
`source`: what it came with and goes with (`feed:<id>`, `streets:<id>`); `ref`: its id there; `search`: normalised name,
pinyin and English name, between bars; `initials`: of the pinyin; `weight`: departures a day, for ranking."""

USE = table(
    "travel_use",
    METADATA,
    column("feed", String(20), primary_key=True),
    column("day", Date, primary_key=True),
    column("what", String(20), primary_key=True),
    column("count", Integer),
    scope=Scope(read=READ, parent=Parent("feed", FEED, "id")),
    retention=Retention(days=1100),
)
"""How often open data was fetched, by day; nobody's name or address is kept."""

SUBSCRIPTION = table(
    "travel_subscription",
    METADATA,
    column("id", String(20), primary_key=True),
    column("person", String(80)),
    column("endpoint", String(16), nullable=True),
    column("itinerary", Text),
    column("threshold_s", Integer),
    column("departure_ms", BigInteger),
    column("arrival_ms", BigInteger),
    column("state", String(12)),
    column("told", String(200)),
    column("notices", JSON),
    column("created_ms", BigInteger),
    Index(None, "person"),
    Index(None, "arrival_ms"),
    scope=Scope(person="person"),
    retention=Retention(days=30),
)
"""A journey that a person follows, or has a webhook follow (`endpoint`, then it is told and not the person).
`state`: watching, or why it does not hold (`cancelled`, `missed`, `skipped`, `late`); `told`: what was said last, so
that it is not said again; `notices`: what was said, each with its moment and the itinerary to take instead."""
