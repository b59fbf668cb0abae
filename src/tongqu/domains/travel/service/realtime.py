"""What is known of now: messages of the live feeds, fetched or pushed, as one snapshot inside the planner.

Messages are held in the API process only: after a restart the next one brings all back. A snapshot is made beside the
planner and put into it in one step; a search that runs goes on with the one before.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from tongqu.domains.travel import realtime
from tongqu.domains.travel.alerts import Alerts
from tongqu.domains.travel.service.fetching import Address, Attempts, Follower
from tongqu.domains.travel.service.network import NETWORK, Network
from tongqu.domains.travel.service.notices import SITUATIONS, Notices
from tongqu.domains.travel.situations import Held
from tongqu.domains.travel.store import feeds as store
from tongqu.engines.journeys import Planner
from tongqu.engines.transit import Snapshot, TripChange
from tongqu.kernel.platform import Platform
from tongqu.kit.text import text
from tongqu.protocols import gtfs_realtime, siri
from tongqu.protocols.gtfs_realtime import Alert, Message, Notice, TripUpdate, VehiclePosition

log = logging.getLogger("tongqu.travel.realtime")

KINDS = ("trip_updates", "vehicle_positions", "alerts")
OWN = "operation"
"""What the platform finds out itself of a feed that its vehicles run: one message of trip updates and positions."""
STALE_S = 300
FETCH_S = 15.0
MOST_WAIT_S = 120.0
LISTED = 20
ACCEPTED = {SITUATIONS: "application/xml, text/xml"}
ACCEPTED_ELSE = "application/x-protobuf, application/octet-stream"
Entity = TripUpdate | VehiclePosition | Alert
Key = tuple[str, str]  # code of the feed, kind


@dataclass
class Source:
    """What one feed tells of one kind, as last heard."""

    feed: str
    kind: str
    timestamp_ms: int | None = None
    received_ms: int = 0
    pushed: bool = False
    entities: dict[tuple[str, str], Entity] = field(default_factory=dict)
    held: Held = field(default_factory=Held)
    notices: tuple[Notice | siri.Notice, ...] = ()
    skipped: int = 0
    failure: str = ""
    outdated: int = 0

    def age_s(self, now_ms: int) -> int:
        """How old its content is: by its header, else since it came."""
        return max((now_ms - (self.timestamp_ms or self.received_ms)) // 1000, 0)

    def stale(self, now_ms: int) -> bool:
        return self.age_s(now_ms) > STALE_S

    def take(self, message: Message, now_ms: int, pushed: bool) -> bool:
        """Take a message in; False where it is older than what is known."""
        if (message.timestamp_ms or now_ms) < (self.timestamp_ms or 0):
            self.outdated += 1
            return False
        entities = {} if message.full else dict(self.entities)
        for name in message.deleted:
            for sort in KINDS:
                entities.pop((sort, name), None)
        told: tuple[tuple[Entity, ...], ...] = (message.trip_updates, message.vehicles, message.alerts)
        for sort, found in zip(KINDS, told, strict=True):
            entities |= {(sort, one.id): one for one in found}
        self.entities, self.notices, self.skipped = entities, message.notices, message.skipped
        self.timestamp_ms, self.received_ms, self.pushed, self.failure = message.timestamp_ms, now_ms, pushed, ""
        return True

    def take_situations(self, delivery: siri.Delivery, now_ms: int, pushed: bool) -> bool:
        """Take a delivery in; False where it is to replace all and is older than what is known.

        One that only adds is taken whenever it comes: the editions of its situations tell which is newer.
        """
        told_ms, known_ms = delivery.timestamp_ms, self.timestamp_ms
        if told_ms is not None and known_ms is not None and not delivery.full:
            told_ms = max(told_ms, known_ms)
        held = self.held.after(delivery, now_ms)
        if not self.take(held.message(told_ms), now_ms, pushed):
            return False
        self.held, self.notices, self.skipped = held, delivery.notices, delivery.skipped
        return True


@dataclass(kw_only=True)
class _Source(Attempts):
    """Where a source is fetched."""

    address: Address


class Realtime:
    """Holds the sources, fetches those with an address, and keeps the planner's snapshot."""

    def __init__(self, platform: Platform, network: Network, *, every_s: float = FETCH_S) -> None:
        self.platform = platform
        self.network = network
        self.every_s = every_s
        self.sources: dict[Key, Source] = {}
        self.refused: dict[str, list[realtime.Refused]] = {}
        self.changes: tuple[TripChange, ...] = ()
        self.after_swap: list[Callable[[Planner, tuple[TripChange, ...]], object]] = []
        self.notices = Notices(network)
        self._addresses: dict[Key, _Source] = {}
        self._lock = threading.RLock()
        self._follower = Follower("travel-realtime", every_s / 2, self._look)
        self.start, self.stop = self._follower.start, self._follower.stop
        network.enliven = self.enliven

    # taking in

    def take(self, feed: str, kind: str, data: bytes, *, pushed: bool = True) -> tuple[Source, bool]:
        """Take a message of a feed in and put it into the planner at once; False where it is older than what is known.

        Raises:
            Invalid, TooLarge: as `gtfs_realtime.read`, of situations as `siri.read`; what was known stays.
        """
        now_ms = self.platform.clock.now_ms()
        told = siri.read(data) if kind == SITUATIONS else gtfs_realtime.read(data, now_ms=now_ms)
        with self._lock:
            source = self.sources.setdefault((feed, kind), Source(feed, kind))
            before = _of_kind([source], "trip_updates")
            if isinstance(told, Message):
                taken = source.take(told, now_ms, pushed)
            else:
                taken = source.take_situations(told, now_ms, pushed)
            changed = taken and before != _of_kind([source], "trip_updates")
            self.notices.forget()
        if changed:
            self.swap()
        return source, taken

    def take_own(self, told: Iterable[tuple[str, Message]]) -> None:
        """Take in what the platform itself found out of feeds, by their code; one snapshot for all of them."""
        now_ms = self.platform.clock.now_ms()
        changed = False
        with self._lock:
            for feed, message in told:
                source = self.sources.setdefault((feed, OWN), Source(feed, OWN))
                before = _of_kind([source], "trip_updates")
                changed |= source.take(message, now_ms, True) and before != _of_kind([source], "trip_updates")
        if changed:
            self.swap()

    def leave(self, feed: str) -> None:
        """The platform's vehicles no longer run a feed: what was found out of it holds no longer."""
        with self._lock:
            gone = self.sources.pop((feed, OWN), None)
        if gone is not None:
            self.swap()

    def swap(self) -> None:
        """Make a snapshot of all that is known and put it into the planner; then tell whom it concerns."""
        with self.network.swapping:
            active = self.network.live_now()
            if active is None:
                return
            active.planner = self.enliven(active.planner)
            active.snapshot += 1
            if active.step_free is not None:
                active.step_free = self.enliven(active.step_free)
            planner, changes = active.planner, self.changes
        for tell in self.after_swap:
            try:
                tell(planner, changes)
            except Exception:
                log.exception("travel: subscribers could not be told")

    def enliven(self, planner: Planner) -> Planner:
        """The planner with all that is known of now; the days it changes are laid out before anybody asks."""
        with self._lock:
            known = {feed: self._updates(feed) for feed in {feed for feed, _ in self.sources}}
        changes: list[TripChange] = []
        refused: dict[str, list[realtime.Refused]] = {}
        for feed, (updates, at_ms) in sorted(known.items()):
            if feed not in planner.timetable.network.feeds:
                continue
            found, left = realtime.changes_of(planner, feed, updates, at_ms)
            changes += found
            refused[feed] = left
        snapshot = Snapshot.of(planner.timetable, changes)
        for change, reason in snapshot.refused:
            refused[change.feed].append(realtime.Refused(change.trip_id, reason))
        self.refused, self.changes = refused, tuple(changes)
        days = {change.service_day + timedelta(days=k) for change in changes for k in (-1, 0, 1)}
        for day in sorted(days):
            if planner.timetable.serves(day):
                snapshot.day(day)
        return planner.with_live(snapshot if changes else None)

    def _updates(self, feed: str) -> tuple[list[TripUpdate], int]:
        own = [source for (code, _), source in sorted(self.sources.items()) if code == feed]
        updates = _of_kind(own, "trip_updates")
        newest = max((source.timestamp_ms or source.received_ms for source in own), default=0)
        return [one for one in updates if isinstance(one, TripUpdate)], newest

    # what is known

    def of_feed(self, feed: str, kind: str) -> tuple[list[Entity], int | None]:
        """Entities of a kind that are known of a feed, and when they were told; None where nothing ever was."""
        with self._lock:
            own = [source for (code, _), source in sorted(self.sources.items()) if code == feed]
            kinds = (kind, SITUATIONS) if kind == "alerts" else (kind,)
            found: list[Entity] = _of_kind(own, kind)
            if kind == "alerts":  # by the feed's own ids: situations name things as their publisher does
                found = [one for source in own for one in self.notices.of_source(source)]
            times = [source.timestamp_ms or source.received_ms for source in own if source.received_ms
                     and (source.kind in kinds or any(sort == kind for sort, _ in source.entities))]  # fmt: skip
        return found, max(times, default=None)

    def alerts(self, planner: Planner) -> Alerts:
        """The alerts that are known, found by what they concern in the timetable of a planner."""
        with self._lock:
            return self.notices.of(planner, [source for _, source in sorted(self.sources.items())])

    def vehicles(self) -> dict[tuple[str, str], VehiclePosition]:
        """Positions by feed and trip."""
        with self._lock:
            return {
                (source.feed, one.trip.trip_id): one
                for source in self.sources.values()
                for one in source.entities.values()
                if isinstance(one, VehiclePosition) and one.trip.trip_id
            }

    def flags(self) -> list[dict[str, Any]]:
        """For answers: how old the times are that each feed tells."""
        now_ms = self.platform.clock.now_ms()
        with self._lock:
            told = [source for _, source in sorted(self.sources.items()) if source.received_ms]
        return [
            {"feed": one.feed, "kind": one.kind, "age_s": one.age_s(now_ms), "stale": one.stale(now_ms)} for one in told
        ]

    def told(self, feeds: Iterable[str]) -> list[dict[str, Any]]:
        """State of the sources of some feeds."""
        now_ms, wanted = self.platform.clock.now_ms(), set(feeds)
        with self._lock:
            return [self._state(one, now_ms) for key, one in sorted(self.sources.items()) if key[0] in wanted]

    def _state(self, one: Source, now_ms: int) -> dict[str, Any]:
        refused = self.refused.get(one.feed, []) if one.kind in ("trip_updates", OWN) else []
        reasons = Counter(each.reason for each in refused)
        return {
            "feed": one.feed,
            "kind": one.kind,
            "pushed": one.pushed,
            "timestamp_ms": one.timestamp_ms,
            "received_ms": one.received_ms or None,
            "age_s": one.age_s(now_ms) if one.received_ms else None,
            "stale": bool(one.received_ms) and one.stale(now_ms),
            "entities": len(one.entities),
            "skipped": one.skipped,
            "outdated": one.outdated,
            "failure": one.failure or None,
            "refused": [
                {"reason": reason, "count": count, "detail": text(f"travel.refusals.{reason}"),
                 "trips": [each.trip_id for each in refused if each.reason == reason][:LISTED]}
                for reason, count in sorted(reasons.items())
            ],
            "unmatched": self.notices.unmatched(one)[:LISTED] if one.kind == SITUATIONS else [],
            "notices": [
                {"code": notice.code, "entity": notice.entity, "detail": notice.detail}
                for notice in one.notices[:LISTED]
            ],
        }  # fmt: skip

    # fetching

    def _look(self) -> None:
        with self.platform.store.read(NETWORK) as work:
            rows = store.live(work)
        wanted = {
            (row["feed_code"], kind): url
            for row in rows
            for kind, url in row["realtime"].items()
            if kind in (*KINDS, SITUATIONS)
        }
        for key in [key for key, held in self._addresses.items() if wanted.get(key) != held.address.url]:
            del self._addresses[key]
        now = time.monotonic()
        for key, url in wanted.items():
            held = self._addresses.setdefault(key, _Source(address=Address(url)))
            if held.is_due(now):
                held.due = now + min(self.every_s * (1 << min(held.failures, 6)), max(MOST_WAIT_S, self.every_s))
                what = f"{key[1]} of {key[0]}"
                self._follower.fetch(held, what, partial(self._fetch, key, held.address), partial(self._note, key))
        self._forget(set(wanted))

    def _forget(self, wanted: set[Key]) -> None:
        """What was fetched from an address that is no longer one holds no longer."""
        with self._lock:
            gone = [key for key, source in self.sources.items() if key not in wanted and not source.pushed]
            if gone:
                self.notices.forget()
            told = _of_kind([self.sources.pop(key) for key in gone], "trip_updates")
        if told:
            self.swap()

    def _fetch(self, key: Key, address: Address) -> None:
        data = self._follower.got(address, gtfs_realtime.MOST_BYTES, ACCEPTED.get(key[1], ACCEPTED_ELSE))
        if data is not None:
            self.take(*key, data, pushed=False)

    def _note(self, key: Key, failure: str) -> None:
        with self._lock:
            self.sources.setdefault(key, Source(*key)).failure = failure


def _of_kind(sources: Iterable[Source], kind: str) -> list[Entity]:
    return [one for source in sources for (sort, _), one in source.entities.items() if sort == kind]
