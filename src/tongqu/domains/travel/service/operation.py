"""The platform's own buses: their positions matched to trips of feeds they run, and told on as GTFS Realtime.

A thread of the API process follows the telemetry writer and never holds it up. What it finds out goes to `Realtime` as
one more source of the feed, so planner, boards, subscriptions and open data use it as any other. A feed is run by the
vehicles of category city bus whose home lies in the feed's region and, where the feed has an organisation, that belong
to it. Trips are told with no word of the vehicle: who may know it is decided in `told`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from tongqu.domains.travel.modes import mode_of
from tongqu.domains.travel.movement import Told, messages
from tongqu.domains.travel.service.network import NETWORK, Active, Network
from tongqu.domains.travel.service.realtime import Realtime
from tongqu.domains.travel.store import feeds as store
from tongqu.engines.arrivals import Error, Operation, plan_of_feed
from tongqu.engines.journeys import Planner
from tongqu.kernel.platform import Platform
from tongqu.kernel.telemetry.directory import View, region_range
from tongqu.kernel.telemetry.rows import SUSPICIOUS, Rows, join
from tongqu.kernel.telemetry.service import Telemetry
from tongqu.kernel.telemetry.sight import within

log = logging.getLogger("tongqu.travel.operation")

BUS = ("vehicle", "city_bus")
WAIT_S = 0.5
LOOK_S = 5.0
TELL_S = 8.0
"""A new snapshot of the planner costs a part of a second; so often at most it is made."""
NIGHT_H = 3
"""A service day goes over into the next at this hour of the feed's zone; then vehicles are matched anew."""
MOST_WAITING = 500_000
"""Rows that wait; older ones are let go, for only the present counts here."""

Row = dict[str, Any]


@dataclass
class Fleet:
    """The buses of one feed.

    Attributes:
        feed: id, code, region, organisation. version: content of the timetable and the day it was laid out for.
        trips: id and service day of each run. where: latest fix by key: time, longitude, latitude, km/h, heading.
        fresh: fixes came since it was told last. told: what was found out last.
    """

    feed: Row
    version: tuple[str, date]
    operation: Operation | None
    trips: list[tuple[str, date]]
    where: dict[int, tuple[int, float, float, float, int]] = field(default_factory=dict)
    fresh: bool = False
    told: tuple[Told, ...] = ()
    errors: tuple[Error, ...] = ()
    at_ms: int | None = None


class Operator:
    """The service. `start` begins to follow, `stop` ends after the batch at hand."""

    def __init__(self, platform: Platform, network: Network, realtime: Realtime) -> None:
        self.platform, self.network, self.realtime = platform, network, realtime
        self.telemetry = platform.service(Telemetry)
        self.fleets: dict[str, Fleet] = {}
        self._rows: deque[Rows] = deque()
        self._waiting = 0
        self._guard = threading.Lock()
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._looked = self._said = -np.inf
        self._chosen: dict[tuple[str, int], NDArray[np.bool_]] = {}
        self._thread = threading.Thread(target=self._run, name="travel-operation", daemon=True)

    def start(self) -> None:
        self.telemetry.writer.followers.append(self.follow)
        self._thread.start()

    def stop(self) -> None:
        self._ending.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def follow(self, rows: Rows, begin: int, end: int) -> None:
        """Take note of committed rows; called by the writer."""
        with self._guard:
            self._rows.append(rows)
            self._waiting += len(rows["source"])
            while self._waiting > MOST_WAITING and len(self._rows) > 1:
                self._waiting -= len(self._rows.popleft()["source"])
        self._wake.set()

    def _run(self) -> None:
        failed = ""
        while not self._ending.is_set():
            try:
                self.turn()
                failed = ""
            except Exception as error:
                if failed != str(error):
                    log.exception("travel: positions of buses could not be matched")
                failed = str(error)
            self._wake.wait(WAIT_S)
            self._wake.clear()
            self._ending.wait(WAIT_S)  # rows are taken in together

    def turn(self) -> None:
        """Work off what waits, and tell what is due."""
        now = time.monotonic()
        if now - self._looked >= LOOK_S:
            self._looked = now
            self.look()
        with self._guard:
            waiting, self._waiting = list(self._rows), 0
            self._rows.clear()
        if not self.fleets:
            return
        if waiting:
            self.take(join(waiting))
        if now - self._said >= TELL_S and any(fleet.fresh for fleet in self.fleets.values()):
            self._said = now
            self.tell()

    # whose buses

    def look(self) -> None:
        """See which feeds our vehicles run, and lay out the service days at hand."""
        active = self.network.live_now()
        with self.platform.store.read(NETWORK) as work:
            rows = [row for row in store.live(work) if row["operated"]]
        for code in self.fleets.keys() - {row["feed_code"] for row in rows}:
            del self.fleets[code]
            self.realtime.leave(code)
        if active is None:
            return
        for row in rows:
            code = str(row["feed_code"])
            if code in active.planner.timetable.network.feeds:
                self._lay_out(active, code, row)

    def _lay_out(self, active: Active, code: str, row: Row) -> None:
        planner = active.planner
        sha = next(sha for name, sha, _ in active.wanted.feeds if name == code)
        zone = ZoneInfo(planner.catalogue.feeds[planner.timetable.network.feeds.index(code)].zone)
        at = datetime.fromtimestamp(self.platform.clock.now_ms() / 1000, zone) - timedelta(hours=NIGHT_H)
        version = sha, at.date()
        feed = {"id": row["feed"], "code": code, "region": row["region"], "organisation": row["organisation"]}
        old = self.fleets.get(code)
        if old is not None and old.version == version:
            old.feed = feed
            return
        found = plan_of_feed(
            planner.catalogue, planner.timetable.network.feeds.index(code),
            [version[1] + timedelta(days=k) for k in (-1, 0, 1)], lambda trip: _is_bus(planner, code, trip),
        )  # fmt: skip
        carry = old.operation if old is not None and old.version[0] == sha else None
        operation = None if found is None else Operation(found[0], carry=carry)
        self.fleets[code] = Fleet(feed, version, operation, [] if found is None else found[1])
        log.info("travel: %s is run by vehicles of this platform: %d trips", code, len(self.fleets[code].trips))

    def _buses(self, view: View, feed: Row) -> NDArray[np.bool_]:
        """By slot: whether a vehicle runs a feed."""
        key = str(feed["code"]), view.version
        if key not in self._chosen:
            if len(self._chosen) > 50:
                self._chosen.clear()
            category = view.categories.index(BUS) if BUS in view.categories else -1
            chosen = (view.category == category) & within(view.home, (region_range(feed["region"]),))
            if feed["organisation"]:
                chosen &= view.organisation == view.organisations.get(feed["organisation"], -1)
            self._chosen[key] = chosen
        return self._chosen[key]

    # following

    def take(self, rows: Rows) -> None:
        """Take positions in."""
        view = self.telemetry.directory.view
        slots = view.slots(rows["subject"])
        good = (slots >= 0) & ((rows["flags"] & SUSPICIOUS) == 0)
        for fleet in self.fleets.values():
            own = np.flatnonzero(good & self._buses(view, fleet.feed)[np.maximum(slots, 0)])
            if fleet.operation is None or not len(own):
                continue
            own = own[np.argsort(rows["time_ms"][own], kind="stable")]
            told = [rows[name][own] for name in ("subject", "time_ms", "lon", "lat")]
            fleet.operation.take(*told)
            rest = (rows[name][own].tolist() for name in ("speed_kmh", "heading_deg"))
            for key, *fix in zip(*(column.tolist() for column in told), *rest, strict=True):
                if fix[0] >= fleet.where.get(key, (0,))[0]:
                    fleet.where[key] = tuple(fix)
            fleet.fresh = True

    def tell(self) -> None:
        """Give on what is known by now: one message of each feed, and a new snapshot of the planner."""
        active, now_ms = self.network.live_now(), self.platform.clock.now_ms()
        if active is None:
            return
        changed = []
        for code, fleet in self.fleets.items():
            live = any((name, sha) == (code, fleet.version[0]) for name, sha, _ in active.wanted.feeds)
            if fleet.operation is None or not fleet.fresh or not live:
                continue
            fleet.fresh = False
            told, message = messages(active.planner, code, fleet.operation, fleet.trips, fleet.where, now_ms)
            fleet.told, fleet.errors, fleet.at_ms = told, tuple(fleet.operation.accuracy.errors()), now_ms
            changed.append((code, message))
        self.realtime.take_own(changed)

    def told(self, code: str) -> tuple[tuple[Told, ...], tuple[Error, ...], int | None]:
        """Who runs what on a feed, the errors of forecasts, and when that was found out (None: never)."""
        fleet = self.fleets.get(code)
        return ((), (), None) if fleet is None else (fleet.told, fleet.errors, fleet.at_ms)


def _is_bus(planner: Planner, code: str, trip_id: str) -> bool:
    """Whether a trip is one that buses run, and has one departure of its own (not by frequency)."""
    feed = planner.timetable.network.feeds.index(code)
    if mode_of(planner.catalogue.line_of(feed, trip_id).route_type) != "bus":
        return False
    trip = planner.timetable.trip(trip_id, code)
    return trip is not None and len(planner.timetable.runs_of(trip)) == 1
