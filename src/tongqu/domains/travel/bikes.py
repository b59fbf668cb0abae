"""What the feed of a system of shared bikes tells, file by file; and what there is to rent by it. No store, no HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from tongqu.engines.journeys import UNLIMITED, Bikes, BikeStation, Planner, Stands
from tongqu.kit.text import text
from tongqu.protocols import gbfs

FILES = ("system_information", "vehicle_types", "station_information", "station_status")
"""Files of a system that are used, in the order in which they are needed."""
PATIENCE_S = 300
"""So long beyond its ttl a status is still gone by."""
LISTED = 20
MOST_COUNT = 100_000


@dataclass
class System:
    """What one feed tells, as last heard.

    Attributes:
        files: by name; received_ms, pushed, outdated: of each, outdated being older messages that were not taken.
        stands: its stations on the streets of a planner, and the places of stops they were stood beside.
        drawn: what of it the map shows, and when that was drawn (monotonic seconds).
    """

    feed: str
    files: dict[str, gbfs.File] = field(default_factory=dict)
    received_ms: dict[str, int] = field(default_factory=dict)
    pushed: dict[str, bool] = field(default_factory=dict)
    outdated: dict[str, int] = field(default_factory=dict)
    failure: str = ""
    stands: Stands | None = None
    beside: object = None
    made: tuple[object, object, Bikes] | None = None
    drawn: object = None
    drawn_at: float = float("-inf")

    def take(self, name: str, file: gbfs.File, now_ms: int, pushed: bool) -> bool:
        """Take a file in; False where it is older than what is known, unless that claims to be of a time to come."""
        known = self.files.get(name)
        told_ms = (known.last_updated_ms or 0) if known is not None else 0
        if told_ms <= now_ms + PATIENCE_S * 1000 and (file.last_updated_ms or now_ms) < told_ms:
            self.outdated[name] = self.outdated.get(name, 0) + 1
            return False
        if name == "station_information" and (known is None or _stations(known) != _stations(file)):
            self.stands = None
        self.files[name], self.received_ms[name], self.pushed[name] = file, now_ms, pushed
        return True

    @property
    def status(self) -> gbfs.StationStatus | None:
        return cast("gbfs.StationStatus | None", self.files.get("station_status"))

    @property
    def as_of_ms(self) -> int | None:
        """When what is free was told; None where it never was."""
        status = self.status
        return None if status is None else status.last_updated_ms or self.received_ms["station_status"]

    def age_s(self, now_ms: int) -> int | None:
        as_of = self.as_of_ms
        return None if as_of is None else max((now_ms - as_of) // 1000, 0)

    def stale(self, now_ms: int) -> bool:
        """Whether what is free was told too long ago to go by, or is said to be of a time to come."""
        status, as_of = self.status, self.as_of_ms
        if status is None or as_of is None:
            return True
        return not -PATIENCE_S * 1000 <= now_ms - as_of <= (status.ttl_s + PATIENCE_S) * 1000

    def named(self, language: str = "zh") -> str:
        """The name of the system, empty where it has not said one."""
        told = self.files.get("system_information")
        return gbfs.in_language(told.name, language) if isinstance(told, gbfs.SystemInformation) else ""

    def form_factors(self) -> dict[str, str]:
        told = self.files.get("vehicle_types")
        return told.form_factors if isinstance(told, gbfs.VehicleTypes) else {}

    def counts(self) -> dict[str, tuple[int, int | None]]:
        """Bikes to rent and places to return by station, as last told."""
        status, kinds = self.status, self.form_factors()
        return {one.id: (one.bicycles(kinds), one.places(kinds)) for one in (status.stations if status else ())}

    def stations(self) -> tuple[gbfs.Station, ...]:
        return _stations(self.files.get("station_information"))

    def stood(self, planner: Planner) -> bool:
        """Whether its stations stand on the streets of a planner already, or there are none."""
        return not self.stations() or (self.stands is not None and self.beside is planner.placed)

    def stand(self, planner: Planner, stations: tuple[gbfs.Station, ...]) -> Stands:
        """Stations on the streets of a planner."""
        rows = [BikeStation(one.id, gbfs.in_language(one.name, "zh") or one.id, one.lon, one.lat) for one in stations]
        return planner.stands(self.feed, rows)

    def keep(self, planner: Planner, stands: Stands) -> None:
        """Keep stations that were stood on the streets of a planner."""
        self.stands, self.beside, self.made = stands, planner.placed, None

    def bikes(self, planner: Planner, name: str) -> Bikes | None:
        """What there is to rent, on the streets of a planner; None before it is known."""
        status, stations, kinds = self.status, self.stations(), self.files.get("vehicle_types")
        if status is None or not stations:
            return None
        if self.stands is None or not self.stood(planner):
            self.keep(planner, self.stand(planner, stations))
        assert self.stands is not None
        if self.made is None or self.made[0] is not status or self.made[1] is not kinds:
            counts = self.counts()
            pairs = [counts.get(one.id, (0, 0)) for one in stations]
            vehicles = np.array([min(pair[0], MOST_COUNT) for pair in pairs], np.int32)
            places = np.array(
                [UNLIMITED if pair[1] is None else min(pair[1], MOST_COUNT) for pair in pairs], np.int32
            )  # fmt: skip
            self.made = (status, kinds, Bikes(self.stands, self.named() or name, vehicles, places, self.as_of_ms or 0))
        return self.made[2]

    def state(self, now_ms: int) -> dict[str, Any]:
        """How old it is, what was left out of it."""
        return {
            "feed": self.feed,
            "system": {"zh": self.named("zh"), "en": self.named("en")},
            "as_of_ms": self.as_of_ms,
            "age_s": self.age_s(now_ms),
            "stale": self.stale(now_ms),
            "failure": self.failure or None,
            "stations": len(self.stations()),
            "files": [
                {
                    "name": name,
                    "version": file.version,
                    "ttl_s": file.ttl_s,
                    "last_updated_ms": file.last_updated_ms,
                    "received_ms": self.received_ms[name],
                    "pushed": self.pushed[name],
                    "outdated": self.outdated.get(name, 0),
                    "skipped": file.skipped,
                    "notices": [
                        {"code": one.code, "entity": one.entity, "detail": one.detail} for one in file.notices[:LISTED]
                    ],
                }
                for name, file in sorted(self.files.items())
            ],
        }

    def listed(self) -> list[dict[str, Any]]:
        """Stations with what is free at each; None of both where nothing was told of it."""
        counts = self.counts()
        rows = []
        for one in self.stations():
            vehicles, places = counts.get(one.id, (None, None))
            rows.append({
                "id": one.id, "name": {"zh": gbfs.in_language(one.name, "zh"), "en": gbfs.in_language(one.name, "en")},
                "lon": round(one.lon, 6), "lat": round(one.lat, 6), "capacity": one.capacity,
                "vehicles": vehicles, "places": places, "told": one.id in counts,
            })  # fmt: skip
        return rows


def _stations(file: gbfs.File | None) -> tuple[gbfs.Station, ...]:
    return file.stations if isinstance(file, gbfs.StationInformation) else ()


def reason(code: str) -> dict[str, Any]:
    """Why no bike is offered, in words."""
    return {"code": code, "detail": text(f"travel.bike_reasons.{code}")}
