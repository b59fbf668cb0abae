"""Shared bikes of now: files of GBFS, fetched at the pace of their ttl or pushed, for the planner and the map.

They are held in the API process only: after a restart the next files bring all back. Stations are stood on streets once
for all that is told of them later.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import shapely

from tongqu.domains.travel import layers
from tongqu.domains.travel.bikes import FILES, System, reason
from tongqu.domains.travel.service import fetching
from tongqu.domains.travel.service.fetching import Address, Attempts, Follower
from tongqu.domains.travel.service.network import NETWORK, Network
from tongqu.domains.travel.store import feeds as store
from tongqu.domains.travel.urns import station_urn
from tongqu.engines.journeys import Bikes, Planner
from tongqu.kernel import layers as drawing
from tongqu.kernel.geo import check
from tongqu.kernel.layers import Feature
from tongqu.kernel.platform import Platform
from tongqu.protocols import gbfs

KIND = "gbfs"
"""Under this name the address of a system's gbfs.json stands among those of its feed."""
LEAST_WAIT_S, MOST_WAIT_S = 10.0, 3600.0
DRAW_S = 60.0
AHEAD_S = 3600
"""What is free now says nothing of a journey further ahead than this."""


@dataclass(kw_only=True)
class _Source(Attempts):
    """The addresses of one system: of its gbfs.json, and of the files that names."""

    discovery: Address
    files: dict[str, Address] = field(default_factory=dict)


class BikeShare:
    """Holds the systems, fetches those with an address, and says what there is to rent."""

    def __init__(self, platform: Platform, network: Network, *, least_s: float = LEAST_WAIT_S) -> None:
        self.platform = platform
        self.network = network
        self.least_s = least_s
        self.systems: dict[str, System] = {}
        self._names: dict[str, str] = {}
        self._sources: dict[str, _Source] = {}
        self._lock = threading.RLock()
        self._follower = Follower("travel-bikes", least_s / 2, self._look)
        self.start, self.stop = self._follower.start, self._follower.stop

    # taking in

    def take(self, feed: str, name: str, data: bytes, *, pushed: bool = True) -> tuple[System, bool]:
        """Take a file of a system in; False where it is older than what is known.

        Raises:
            Invalid, TooLarge: as `gbfs.read`; what was known stays.
        """
        file = gbfs.read(name, data)
        with self._lock:
            system = self.systems.setdefault(feed, System(feed))
            return system, system.take(name, file, self.platform.clock.now_ms(), pushed)

    # what is known

    def to_rent(self, planner: Planner, at_ms: int) -> tuple[list[Bikes], dict[str, Any]]:
        """What may be rented on a journey at a moment, and what to say of it in the answer.

        Nothing where the moment is more than `AHEAD_S` away; of a system whose status is stale, nothing either.
        """
        now_ms = self.platform.clock.now_ms()
        with self._lock:
            told = [(code, one) for code, one in sorted(self.systems.items()) if one.stations()]
            flags = [
                {"feed": code, "name": one.named() or self._names.get(code, code), "age_s": one.age_s(now_ms),
                 "stale": one.stale(now_ms)}
                for code, one in told
            ]  # fmt: skip
            fresh = [(code, one) for code, one in told if not one.stale(now_ms)]
            why = None
            if not told:
                why = "none"
            elif abs(at_ms - now_ms) > AHEAD_S * 1000:
                why = "ahead"
            elif not fresh:
                why = "stale"
            found = []
            if why is None:
                made = (one.bikes(planner, self._names.get(code, code)) for code, one in fresh)
                found = [one for one in made if one is not None]
        return found, {"used": why is None, "reason": reason(why) if why else None, "systems": flags}

    def state(self, feed: str) -> dict[str, Any] | None:
        """What is known of the system of a feed; None where it never told anything."""
        with self._lock:
            one = self.systems.get(feed)
            return None if one is None else one.state(self.platform.clock.now_ms())

    def listed(self, feed: str) -> list[dict[str, Any]]:
        """The stations of a feed's system."""
        with self._lock:
            one = self.systems.get(feed)
            return [] if one is None else one.listed()

    # following

    def _look(self) -> None:
        with self._lock:
            known = set(self.systems)
        with self.platform.store.read(NETWORK) as work:
            rows = store.living(work)
        wanted = {row["code"]: row["realtime"][KIND] for row in rows if row["realtime"].get(KIND)}
        with self._lock:
            self._names = {row["code"]: row["name"] for row in rows}
            for code in [code for code, held in self._sources.items() if wanted.get(code) != held.discovery.url]:
                del self._sources[code]
        now = time.monotonic()
        for code, url in wanted.items():
            held = self._sources.setdefault(code, _Source(discovery=Address(url)))
            if held.is_due(now):
                self._follower.fetch(
                    held, f"{KIND} of {code}", partial(self._fetch, code, held), partial(self._note, code)
                )
        self._forget(known, set(wanted))
        self._draw()
        self._stand()

    def _stand(self) -> None:
        """Stand stations on the streets beside, so that whoever asks seldom waits for it."""
        active = self.network.live_now()
        if active is None:
            return
        with self._lock:
            waiting = [(one, one.stations()) for one in self.systems.values() if not one.stood(active.planner)]
        for system, stations in waiting:
            stands = system.stand(active.planner, stations)
            with self._lock:
                if system.stations() == stations and not system.stood(active.planner):
                    system.keep(active.planner, stands)

    def _forget(self, known: set[str], wanted: set[str]) -> None:
        """What was fetched from an address that is no longer one, or told of a feed that has ended, holds no longer."""
        with self._lock:
            gone = [
                code
                for code in known & set(self.systems)
                if code not in self._names
                or (code not in wanted and not any(self.systems[code].pushed.values()))
            ]  # fmt: skip
            for code in gone:
                del self.systems[code]
        for code in gone:
            with self.platform.store.write(NETWORK) as work:
                drawing.replace(work, layers.BIKES, (), within=f"{code}:")

    def _draw(self) -> None:
        """Draw the stations of systems of which something else is known than the map shows."""
        now, now_ms = time.monotonic(), self.platform.clock.now_ms()
        with self._lock:
            drawn = []
            for code, one in self.systems.items():
                mark = (one.files.get("station_information"), one.status, one.stale(now_ms))
                if mark == one.drawn or now - one.drawn_at < DRAW_S:
                    continue
                # stations drawn before anything was told of them are drawn again as soon as it is
                one.drawn, one.drawn_at = mark, now if one.status is not None else float("-inf")
                drawn.append((code, [_feature(code, row, one.stale(now_ms)) for row in one.listed()]))
        for code, features in drawn:
            with self.platform.store.write(NETWORK) as work:
                drawing.replace(work, layers.BIKES, features, within=f"{code}:")

    # fetching

    def _fetch(self, code: str, held: _Source) -> None:
        """Fetch what is due of a system; it is due again with the first of its files, later after failures."""
        failures = held.failures + 1
        try:
            self._fetch_due(code, held)
            failures = 0
        finally:
            soonest = min([held.discovery.due, *(one.due for one in held.files.values())])
            wait = self.least_s * (1 << min(failures, 5)) if failures else 0.0
            held.due = max(soonest, time.monotonic() + wait)

    def _fetch_due(self, code: str, held: _Source) -> None:
        """Fetch what is due of a system, first where its files lie."""
        if held.discovery.due <= time.monotonic():
            data = self._got(held.discovery)
            if data is not None:
                found = gbfs.read_discovery(data)
                urls = {name: found.url(name, "zh") for name in FILES}
                for name in ("station_information", "station_status"):
                    if urls[name] is None:
                        raise ValueError(f"gbfs.json names no {name}")
                for name, url in urls.items():
                    if url is None:
                        held.files.pop(name, None)
                    elif not fetching.may_follow(held.discovery.url, url):
                        raise ValueError(f"{name}: the address may not be followed")
                    elif name not in held.files or held.files[name].url != url:
                        held.files[name] = Address(url)
                held.discovery.due = self._next(found.ttl_s, 300)
            else:
                held.discovery.due = self._next(300, 300)
        for name in FILES:
            one = held.files.get(name)
            if one is None or one.due > time.monotonic():
                continue
            data = self._got(one)
            if data is not None:
                self.take(code, name, data, pushed=False)
            with self._lock:
                known = self.systems[code].files.get(name) if code in self.systems else None
            one.due = self._next(known.ttl_s if known else 0, 0)

    def _next(self, ttl_s: int, least_s: float) -> float:
        return time.monotonic() + max(min(ttl_s, MOST_WAIT_S), min(least_s, MOST_WAIT_S), self.least_s)

    def _got(self, held: Address) -> bytes | None:
        return self._follower.got(held, gbfs.MOST_BYTES, "application/json")

    def _note(self, code: str, failure: str) -> None:
        with self._lock:
            self.systems.setdefault(code, System(code)).failure = failure


def _feature(code: str, row: dict[str, Any], stale: bool) -> Feature:
    told = row["told"] and not stale
    kind = "unknown" if not told else "bikes" if row["vehicles"] else "empty"
    properties: dict[str, Any] = {"name": row["name"]["zh"], "name_en": row["name"]["en"], "feed": code}
    urn = station_urn(code, row["id"])
    if urn is not None:
        properties["urn"] = urn
    if told:
        properties["vehicles"] = row["vehicles"]
        if row["places"] is not None:
            properties["places"] = row["places"]
    return Feature(f"{code}:{row['id']}", check(shapely.Point(row["lon"], row["lat"])), kind, properties, 12)
