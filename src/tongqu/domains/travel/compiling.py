"""Everything that a question to the planner compiles, run once over a town of three streets and a bus line."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

import numpy as np

from tongqu.domains.travel.courses import Agency, Course, Halt, Period, feed_of
from tongqu.domains.travel.service.network import FOOT_S, warm
from tongqu.engines.arrivals import Operation, plan_of_feed
from tongqu.engines.journeys import Bikes, BikeStation, Catalogue, Place, Planner, Walker, Wishes
from tongqu.engines.streets import WALK, Streets
from tongqu.engines.transit import Timetable, warm_up

_NODES = ((1, 120.600, 27.900), (2, 120.606, 27.900), (3, 120.612, 27.900), (4, 120.606, 27.906), (5, 120.612, 27.906))
_WAYS = ((11, (1, 2, 3), "residential"), (12, (2, 4, 5), "residential"), (13, (3, 5), "tertiary"))
_HALTS = ((120.601, 27.9001, 0), (120.606, 27.9031, 300), (120.6121, 27.9055, 600))


def compile_search() -> None:
    """Compile streets, transit and journeys; numba keeps what was compiled on disk."""
    warm_up()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "town.osm").write_text(_osm(), encoding="utf-8")
        halts = tuple(Halt(f"s{n}", f"S{n}", lon, lat, at) for n, (lon, lat, at) in enumerate(_HALTS))
        back = tuple(Halt(h.id, h.name, h.lon, h.lat, 600 - h.seconds) for h in reversed(halts))
        period = (Period(0, 24 * 3600, 1800),)
        courses = [Course("1", "1", "1", 3, 0, halts, period), Course("1", "1", "1", 3, 1, back, period)]
        feed = folder / "town.zip"
        feed.write_bytes(feed_of(Agency("A", "http://127.0.0.1/"), courses, (date(2026, 1, 5), date(2026, 1, 7))))
        catalogue = Catalogue.read([feed])
        streets = Streets.from_osm(folder / "town.osm").with_doors(catalogue.doors)
        walker = Walker(streets, WALK, FOOT_S, catalogue.metro_stops)
        planner = Planner(Timetable.from_gtfs([feed], streets=walker), walker, catalogue)
        warm(planner)
        _hire(planner)
        _drive(catalogue)


def _hire(planner: Planner) -> None:
    """Rent a bike to the bus and from it."""
    rows = [BikeStation(f"b{n}", f"B{n}", lon, lat) for n, (lon, lat, _) in enumerate(_HALTS)]
    some = np.full(len(rows), 3, np.int32)
    renting = planner.with_bikes([Bikes(planner.stands("bikes", rows), "B", some, some, 0)])
    ends = [Place(_HALTS[k][0], _HALTS[k][1]) for k in (0, -1)]
    noon = planner.timetable.day(planner.timetable.network.first_day).base_ms + 12 * 3_600_000
    renting.plan(ends[0], ends[1], Wishes(shared_bikes=True), depart_ms=noon)


def _drive(catalogue: Catalogue) -> None:
    """Follow a bus along its line and forecast it."""
    found = plan_of_feed(catalogue, 0, [date(2026, 1, 6)])
    assert found is not None
    operation = Operation(found[0])
    seconds = np.arange(0, 420, 15)
    lon, lat = (np.interp(seconds, [at for *_, at in _HALTS], [halt[i] for halt in _HALTS]) for i in range(2))
    start_ms = found[0].base_ms + int(found[0].departure_ms[0])
    operation.take(np.ones(len(seconds)), start_ms + seconds * 1000, lon, lat)
    operation.settle()
    operation.forecasts()


def _osm() -> str:
    nodes = "".join(f'<node id="{n}" version="1" lon="{lon}" lat="{lat}"/>' for n, lon, lat in _NODES)
    ways = "".join(
        f'<way id="{w}" version="1">'
        + "".join(f'<nd ref="{n}"/>' for n in refs)
        + f'<tag k="highway" v="{kind}"/><tag k="name" v="S{w}"/></way>'
        for w, refs, kind in _WAYS
    )
    return f'<?xml version="1.0"?><osm version="0.6">{nodes}{ways}</osm>'
