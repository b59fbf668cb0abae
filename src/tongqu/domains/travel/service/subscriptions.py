"""Journeys that somebody follows: whoever saved one is told when it does not hold, with another to take instead."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from tongqu.domains.travel.service import itineraries
from tongqu.domains.travel.service.itineraries import Opened
from tongqu.domains.travel.service.network import Network
from tongqu.domains.travel.service.realtime import Realtime
from tongqu.domains.travel.store import subscriptions as store
from tongqu.engines.journeys import Journey, Place, Planner
from tongqu.engines.transit import TripChange
from tongqu.kernel import notify
from tongqu.kernel.notify import Template, ToEndpoint, ToPerson
from tongqu.kernel.notify import service as hooks
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Work, system_actor
from tongqu.kit.errors import NotFound, Refused, TongquError
from tongqu.kit.ids import new_id
from tongqu.kit.text import text
from tongqu.kit.time import DAY_MS, HOUR_MS, iso

log = logging.getLogger("tongqu.travel.subscriptions")

WATCHER = system_actor("travel.subscriptions")
MOST = 50
THRESHOLD_S = 300
LATE_MS = 6 * HOUR_MS  # a journey is followed for so long after it was to arrive
KEPT_MS = 30 * DAY_MS
HEAD_START_MS = 15 * 60_000

CHANNELS = ("page",)  # a journey is personal: no webhook hears of it but the one that was named
MESSAGES = {
    reason: Template(f"travel.journey_{reason}", urgent=True, channels=CHANNELS)
    for reason in ("cancelled", "skipped", "missed", "late")
}


@dataclass(frozen=True)
class Trouble:
    """Why a journey does not hold: `cancelled`, `skipped`, `missed` or `late`; with which line; how late it is."""

    reason: str
    line: str = ""
    stop: str = ""
    late_s: int = 0

    @property
    def mark(self) -> str:
        """What makes it the same news: being later by less than five minutes is no other."""
        return f"{self.reason}:{self.line}:{self.stop}:{self.late_s // 300}"[:200]


def subscribe(
    work: Work, planner: Planner, itinerary_id: str, *, threshold_s: int = THRESHOLD_S, endpoint: str | None = None
) -> dict[str, Any]:
    """Have the actor told, or a webhook that the actor may see, when a journey does not hold.

    Args:
        threshold_s: how much later than now told the arrival may be without a word.

    Raises:
        Invalid: `travel.bad_itinerary`.
        NotFound: `notify.unknown_endpoint`.
        Refused: `travel.journey_over`; `travel.too_many_journeys`.
    """
    if endpoint is not None:
        hooks.endpoint(work, endpoint)
    held = itineraries.wishes_of(itinerary_id)
    rides = held[3]
    if not rides or rides[-1][6] < work.now_ms:
        raise Refused("travel.journey_over")
    if store.count(work, work.actor.id) >= MOST:
        raise Refused("travel.too_many_journeys", most=MOST)
    opened = itineraries.open_again(planner, held)
    known = opened.journey if opened.journey is not None and opened.missed < 0 else None
    row: dict[str, Any] = {
        "id": new_id(),
        "person": work.actor.id,
        "endpoint": endpoint,
        "itinerary": itinerary_id,
        "threshold_s": threshold_s,
        "departure_ms": known.departure_ms if known else rides[0][5],
        "arrival_ms": known.arrival_ms if known else rides[-1][6],
        "state": "watching",
        "told": "",
        "notices": [],
        "created_ms": work.now_ms,
    }
    store.add(work, row)
    store.forget(work.as_system("travel"), work.now_ms - KEPT_MS)
    return row


def end(work: Work, subscription_id: str) -> None:
    """Follow a journey no longer.

    Raises:
        NotFound: `travel.unknown_subscription`.
    """
    if store.one(work, work.actor.id, subscription_id) is None:
        raise NotFound("travel.unknown_subscription", id=subscription_id)
    store.remove(work, subscription_id)


class Watcher:
    """Looks at the journeys that a snapshot concerns as soon as it is in the planner."""

    def __init__(self, platform: Platform, realtime: Realtime) -> None:
        self.platform = platform
        realtime.after_swap.append(self.look)

    def look(self, planner: Planner, changes: Iterable[TripChange]) -> int:
        """Tell whoever follows a journey that does not hold; gives how many were told."""
        now_ms = self.platform.clock.now_ms()
        with self.platform.store.read(WATCHER) as work:
            rows = store.running(work, now_ms - LATE_MS)
        if not rows:
            return 0
        concerned = {(change.feed, change.trip_id, f"{change.service_day:%Y%m%d}") for change in changes}
        found = []
        for row in rows:
            try:
                held = itineraries.wishes_of(row["itinerary"])
                if row["state"] == "watching" and not any(tuple(ride[:3]) in concerned for ride in held[3]):
                    continue
                opened = itineraries.open_again(self._planner(planner, held), held)
                trouble = trouble_of(planner, held, opened, row)
                if (trouble.mark if trouble else "") != row["told"]:
                    found.append((row, trouble, self._instead(planner, held, opened, now_ms) if trouble else None))
            except (TongquError, IndexError, KeyError, ValueError):
                log.exception("travel: a journey that is followed cannot be opened")
        if not found:
            return 0
        with self.platform.store.write(WATCHER) as work:
            for row, trouble, instead in found:
                _write_down(work, row, trouble, instead)
        return sum(trouble is not None for _, trouble, _ in found)

    def _planner(self, planner: Planner, held: tuple[Any, ...]) -> Planner:
        """The step-free one for those who need it, where it is ready."""
        active = self.platform.service(Network).live_now()
        return active.step_free if held[2].step_free and active is not None and active.step_free else planner

    def _instead(self, planner: Planner, held: tuple[Any, ...], opened: Opened, now_ms: int) -> Found | None:
        """The journey to take instead: from the beginning, or from where one is left standing if one is on the way."""
        rides, wishes, origin, from_ms = (
            held[3],
            held[2],
            opened.origin,
            max(now_ms, opened.departure_ms - HEAD_START_MS),
        )
        if opened.missed > 0 and now_ms > rides[0][5]:
            before = rides[opened.missed - 1]
            origin, arrives_ms = _end_of(planner, before)
            from_ms = max(now_ms, arrives_ms)
        wishes = replace(wishes, direct=())
        plan = self._planner(planner, held).plan(origin, opened.destination, wishes, depart_ms=from_ms)
        if not plan.journeys:
            return None
        best = min(plan.journeys, key=lambda one: (one.arrival_ms, one.transfers, one.walk_s))
        return Found(itineraries.id_of(best, origin, opened.destination, wishes), best)


@dataclass(frozen=True)
class Found:
    """A journey to take instead."""

    id: str
    journey: Journey


def _end_of(planner: Planner, ride: tuple[Any, ...]) -> tuple[Place, int]:
    """Where and when one leaves the vehicle of a ride."""
    network = planner.timetable.network
    stops, arrivals, _ = itineraries.calls_now(planner, ride)
    stop = int(stops[ride[4]])
    base = planner.catalogue.base_ms(network.feeds.index(ride[0]), itineraries.day_of(ride[2]))
    at_ms = ride[6] if ride[8] else base + int(arrivals[ride[4]]) * 1000
    place = Place(float(network.stop_lon[stop]), float(network.stop_lat[stop]), network.stop_names[stop], (stop,))
    return place, at_ms


def trouble_of(planner: Planner, held: tuple[Any, ...], opened: Opened, row: dict[str, Any]) -> Trouble | None:
    """Why a journey does not hold, or None."""
    rides = held[3]
    if opened.missed >= 0:
        ride = rides[opened.missed]
        line, stop = _line(planner, ride), _stop(planner, ride)
        if opened.state == "broken":
            return Trouble("missed", line, stop)
        return Trouble("skipped" if opened.skips else "cancelled", line, stop)
    if opened.journey is None:
        return None
    late_s = (opened.journey.arrival_ms - row["arrival_ms"]) // 1000
    return Trouble("late", _line(planner, rides[-1]), "", late_s) if late_s > row["threshold_s"] else None


def _line(planner: Planner, ride: tuple[Any, ...]) -> str:
    feeds = planner.timetable.network.feeds
    if ride[0] not in feeds or not planner.catalogue.has(feeds.index(ride[0]), ride[1]):
        return str(ride[1])
    line = planner.catalogue.line_of(feeds.index(ride[0]), ride[1])
    return line.short_name or line.long_name or str(ride[1])


def _stop(planner: Planner, ride: tuple[Any, ...]) -> str:
    feeds = planner.timetable.network.feeds
    if ride[0] not in feeds or not planner.catalogue.has(feeds.index(ride[0]), ride[1]):
        return ""
    stops = planner.catalogue.calls(feeds.index(ride[0]), ride[1])[0]
    return planner.timetable.network.stop_names[int(stops[ride[3]])] if ride[3] < len(stops) else ""


def _write_down(work: Work, row: dict[str, Any], trouble: Trouble | None, instead: Found | None) -> None:
    if trouble is None:
        store.change(work, row["id"], {"state": "watching", "told": ""})
        return
    notice = {
        "at_ms": work.now_ms,
        "reason": trouble.reason,
        "line": trouble.line,
        "stop": trouble.stop,
        "late_s": trouble.late_s,
        "instead": instead.id if instead else None,
        "instead_departure_ms": instead.journey.departure_ms if instead else None,
        "instead_arrival_ms": instead.journey.arrival_ms if instead else None,
    }
    notices = [*row["notices"], notice]
    store.change(work, row["id"], {"state": trouble.reason, "told": trouble.mark, "notices": notices[-20:]})
    clock = iso(instead.journey.arrival_ms)[11:16] if instead else ""
    words = text("travel.instead.found" if instead else "travel.instead.none", arrival=clock)
    notify.send(
        work, MESSAGES[trouble.reason], ToEndpoint(row["endpoint"]) if row["endpoint"] else ToPerson(row["person"]),
        key=f"{row['id']}:{len(row['notices'])}:{work.now_ms}",
        params={"line": trouble.line, "stop": trouble.stop, "minutes": max(round(trouble.late_s / 60), 1),
                "instead": instead.id if instead else "", "arrival": clock,
                "advice_zh": words["zh"], "advice_en": words["en"]},
        subject=f"urn:tongqu:subscription:{row['id']}",
        link="/travel/journeys",
    )  # fmt: skip
