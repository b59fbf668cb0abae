"""Shared bikes of the demo's capital: stations by the metro and by busy stops, and what is free at each at a moment.

Nothing is counted up: how many bikes stand somewhere follows from the station, the seed and the moment alone, so that
whoever asks again, or after a restart, is told the same.
"""

from __future__ import annotations

import json
import math
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from tongqu.domains.travel.demo.lines import metro_line, shifted
from tongqu.kit.geometry.sphere import haversine_m
from tongqu.kit.time import HOUR_MS, MINUTE_MS
from tongqu.kit.world.values import Name, RoadClass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tongqu.kit.world.values import Region, World

CODE = "lanzhou-bikes"
VERSION = "3.0"
STATIONS = 60
APART_M, NEAR_M = 350.0, 250.0
"""Stations stand at least so far apart, and those of the metro so near to it: where no street is, there is none."""
_BESIDE = (14.0, -12.0)
_BY_METRO, _BY_BUS = (36, 40, 48), (16, 20, 24, 30)
"""Capacities to choose from."""
_HOURS = (0.0, 5.0, 7.0, 9.0, 12.0, 16.5, 19.0, 22.0, 24.0)
_TIDE = (-0.6, -0.7, -0.2, 0.9, 0.6, 0.7, -0.4, -0.6, -0.6)
"""By hour how full stations of the metro are: people cycle to it in the morning, and home from it in the evening."""
_TIDE_SHARE, _WAVE_SHARE, _WAVE_MS = 0.35, 0.33, 20 * MINUTE_MS
Spot = tuple[tuple[float, float], Name]
"""A place for a station, and its name."""
STATUS_TTL_S, INFORMATION_TTL_S = 30, 600


@dataclass(frozen=True)
class Station:
    """A station.

    Attributes:
        pull: 1 where bikes gather by day, below 0 where they gather by night.
    """

    id: str
    name: Name
    lon: float
    lat: float
    capacity: int
    pull: float

    def vehicles(self, seed: int, at_ms: int) -> int:
        """How many bikes stand here, from none to `capacity`."""
        hour = (at_ms / HOUR_MS + 8) % 24  # of China
        tide = self.pull * float(np.interp(hour, _HOURS, _TIDE))
        share = 0.5 + _TIDE_SHARE * tide + _WAVE_SHARE * self._wave(seed, at_ms)
        return min(max(round(share * self.capacity), 0), self.capacity)

    def _wave(self, seed: int, at_ms: int) -> float:
        """Chance of -1..1 that changes by and by."""
        slot, gone = divmod(at_ms, _WAVE_MS)
        before, after = (random.Random(f"{seed}:{self.id}:{slot + step}").uniform(-1, 1) for step in (0, 1))
        eased = (1 - math.cos(math.pi * gone / _WAVE_MS)) / 2
        return before + (after - before) * eased


@dataclass(frozen=True)
class BikeSystem:
    """The system: its name, region and stations."""

    name: Name
    region: str
    seed: int
    stations: tuple[Station, ...] = field(repr=False)

    def file(self, name: str, root: str, at_ms: int) -> bytes | None:
        """A file of GBFS 3.0 at a moment, by its name in gbfs.json; None where there is none of it.

        Args:
            root: the address that all files lie below.
        """
        if name not in self._files:
            return None
        data, ttl_s = self._files[name]
        if name == "gbfs":
            data = {"feeds": [{"name": one, "url": f"{root}/{one}.json"} for one in self._files if one != "gbfs"]}
        elif name == "station_status":
            data = {"stations": [self._status(one, at_ms) for one in self.stations]}
        whole = {"last_updated": _stamp(at_ms), "ttl": ttl_s, "version": VERSION, "data": data}
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()

    @cached_property
    def _files(self) -> dict[str, tuple[dict[str, Any], int]]:
        """What does not change of each file, and its ttl."""
        about = {
            "system_id": CODE,
            "languages": ["zh", "en"],
            "name": _texts(self.name),
            "opening_hours": "24/7",
            "feed_contact_email": "bikes@example.invalid",
            "timezone": "Asia/Shanghai",
        }
        bike = {
            "vehicle_type_id": "bike",
            "form_factor": "bicycle",
            "propulsion_type": "human",
            "name": _texts(Name("自行车", "Bicycle")),
        }
        stations = [
            {"station_id": one.id, "name": _texts(one.name), "lat": one.lat, "lon": one.lon, "capacity": one.capacity}
            for one in self.stations
        ]
        return {
            "gbfs": ({}, INFORMATION_TTL_S),
            "system_information": (about, INFORMATION_TTL_S),
            "vehicle_types": ({"vehicle_types": [bike]}, INFORMATION_TTL_S),
            "station_information": ({"stations": stations}, INFORMATION_TTL_S),
            "station_status": ({}, STATUS_TTL_S),
        }

    def _status(self, one: Station, at_ms: int) -> dict[str, Any]:
        vehicles = one.vehicles(self.seed, at_ms)
        return {
            "station_id": one.id,
            "num_vehicles_available": vehicles,
            "vehicle_types_available": [{"vehicle_type_id": "bike", "count": vehicles}],
            "num_docks_available": one.capacity - vehicles,
            "is_installed": True,
            "is_renting": True,
            "is_returning": True,
            "last_reported": _stamp(at_ms),
        }


def system(world: World) -> BikeSystem | None:
    """The system of the capital; None in a world without one."""
    capital = next((place for place in world.places if place.kind == "city" and place.rank == 1), None)
    if capital is None:
        return None
    region = next(one for one in world.regions if one.code == capital.region[:4])
    name = Name(
        f"{region.name.zh.removesuffix('市')}公共自行车", f"{region.name.en.removesuffix(' City')} Public Bikes"
    )
    return BikeSystem(name, region.code, world.seed, tuple(_stations(world, region)))


def _stations(world: World, region: Region) -> list[Station]:
    """Stations by the metro's, then by stops that most lines call at, until there are enough."""
    chance = random.Random(f"{world.seed}:bikes")
    by_metro = _apart(_by_metro(world), [])
    by_bus = _apart(_by_bus(world, region), by_metro)[: STATIONS - len(by_metro)]
    rows = [(*one, chance.choice(_BY_METRO), 1.0) for one in by_metro]
    rows += [(*one, chance.choice(_BY_BUS), 0.0) for one in by_bus]
    # what goes to the metro comes from the others
    gathered, held = (sum(row[2] for row in some) for some in (rows[: len(by_metro)], rows[len(by_metro) :]))
    return [
        Station(f"b{number:02}", name, *shifted(at, *_BESIDE), capacity, pull or -gathered / held)
        for number, (at, name, capacity, pull) in enumerate(rows, 1)
    ]


def _apart(wanted: Sequence[Spot], others: Sequence[Spot]) -> list[Spot]:
    """Those that are not too near to one before them, and not called the same."""
    kept: list[Spot] = []
    for at, name in wanted:
        taken = (*others, *kept)
        if all(haversine_m(*one, *at) >= APART_M and called != name for one, called in taken):
            kept.append((at, name))
    return kept


def _by_metro(world: World) -> list[Spot]:
    """The nearest crossing of each station that a street is near to."""
    network = world.network
    english = {place.name.zh: place.name.en for place in world.places}
    english |= {name.zh: name.en for line in world.lines for name in line.stop_names} | {"市中心": "City Centre"}
    crossings = np.unique(network.edge_from[network.edge_class > RoadClass.RAMP])
    lon, lat = network.node_lon[crossings], network.node_lat[crossings]
    found = []
    for station in metro_line(world)[0]:
        gap = haversine_m(lon, lat, station.lon, station.lat)
        at = int(np.argmin(gap))
        if gap[at] <= NEAR_M:
            name = Name(f"地铁{station.name}", f"Metro {english.get(station.name, station.name)}")
            found.append(((float(lon[at]), float(lat[at])), name))
    return found


def _by_bus(world: World, region: Region) -> list[Spot]:
    """Stops of a city, those of most lines first."""
    network = world.network
    called: dict[int, tuple[Name, set[int]]] = {}
    for line in world.lines:
        for name, edge in zip(line.stop_names, line.edges[line.stops].tolist(), strict=True):
            if world.regions[network.edge_region[edge]].code.startswith(region.code):
                called.setdefault(int(network.edge_to[edge]), (name, set()))[1].add(line.id)
    busiest = sorted(called, key=lambda node: (-len(called[node][1]), node))
    return [((float(network.node_lon[node]), float(network.node_lat[node])), called[node][0]) for node in busiest]


def _texts(name: Name) -> list[dict[str, str]]:
    return [{"text": name.zh, "language": "zh"}, {"text": name.en, "language": "en"}]


def _stamp(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms // 1000, UTC).isoformat()
