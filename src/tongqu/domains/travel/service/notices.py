"""The alerts that sources tell, by the ids of the timetable that is live, kept until either changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tongqu.domains.travel.alerts import Alerts, FeedNames
from tongqu.domains.travel.service.network import Network
from tongqu.engines.journeys import Catalogue, Planner
from tongqu.protocols.gtfs_realtime import Alert

if TYPE_CHECKING:
    from tongqu.domains.travel.service.realtime import Source

SITUATIONS = "situations"
"""The kind of source that tells alerts as SIRI-SX (XML), beside those of GTFS Realtime."""


class Notices:
    """Matches what publishers name to what the live feeds have; its caller holds the lock of the sources."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._names: dict[str, FeedNames] = {}
        self._named: Catalogue | None = None
        self._found: tuple[Catalogue, Alerts] | None = None

    def forget(self) -> None:
        """Something else is told now."""
        self._found = None

    def of(self, planner: Planner, sources: Iterable[Source]) -> Alerts:
        """All alerts of the feeds of a planner, found by what they concern."""
        if self._found is None or self._found[0] is not planner.catalogue:
            told: dict[str, list[Alert]] = {}
            for source in sources:
                if source.feed in planner.timetable.network.feeds:
                    told.setdefault(source.feed, []).extend(self.of_source(source))
            self._found = planner.catalogue, Alerts(told)
        return self._found[1]

    def of_source(self, source: Source) -> list[Alert]:
        """Alerts of a source by the feed's own ids; situations that concern nothing of it are left out."""
        return [one for one in self._matched(source) if one.concerns or source.kind != SITUATIONS]

    def unmatched(self, source: Source) -> list[str]:
        """Ids of the alerts of a source that concern nothing that its feed has."""
        return [one.id for one in self._matched(source) if not one.concerns]

    def _matched(self, source: Source) -> list[Alert]:
        told = [one for one in source.entities.values() if isinstance(one, Alert)]
        if source.kind != SITUATIONS or not told:
            return told
        names = self._names_of(source.feed)
        return [names.matched(one) for one in told] if names is not None else []

    def _names_of(self, feed: str) -> FeedNames | None:
        active = self.network.live_now()
        if active is None or feed not in active.planner.timetable.network.feeds:
            return None
        if self._named is not active.planner.catalogue:
            self._named, self._names = active.planner.catalogue, {}
        if feed not in self._names:
            self._names[feed] = FeedNames(active.planner, feed)
        return self._names[feed]
