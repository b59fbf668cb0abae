"""Porto Alegre's feeds and a thousand questions about them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from tongqu.engines.transit import Beeline, Timetable

DAY = date(2019, 5, 13)
QUERIES = 1_000


@pytest.fixture(scope="module")
def feeds(data_dir):
    return [data_dir / "travel/poa/poa_eptc.zip", data_dir / "travel/poa/poa_trensurb.zip"]


@pytest.fixture(scope="module")
def timetable(feeds):
    return Timetable.from_gtfs(feeds, dates=["2019-05-13", "2019-05-14"], streets=Beeline(reach_m=200))


@pytest.fixture(scope="module")
def asked(timetable):
    """Origin, destination, departure in ms: busy stops of both feeds, 5:00 to 23:00."""
    network, random = timetable.network, np.random.default_rng(13)
    runs = network.runs
    calls = np.bincount(runs.pattern_stop, minlength=len(network.stops))
    busy = np.flatnonzero(calls >= 2)
    names = [f"{network.feeds[network.stop_feed[stop]]}:{network.stops[stop]}" for stop in busy]
    pairs = random.choice(len(names), (QUERIES, 2))
    base = timetable.day(DAY).base_ms
    minutes = random.integers(5 * 60, 23 * 60, QUERIES).tolist()
    return [
        (names[a], names[b], base + m * 60_000) for (a, b), m in zip(pairs.tolist(), minutes, strict=True) if a != b
    ]
