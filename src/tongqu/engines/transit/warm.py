"""Compiling the search at build or first start, so that no traveller's first query waits for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from tongqu.engines.transit.changes import CallChange, TripChange
from tongqu.engines.transit.compile import compiled, span_of
from tongqu.engines.transit.live import Snapshot
from tongqu.engines.transit.router import Router
from tongqu.engines.transit.timetable import Timetable
from tongqu.protocols import gtfs

_DAY = "2026-11-25"


def warm_up(progress: Callable[[str], None] | None = None) -> None:
    """Run every compiled function once, over a timetable of two stops; what was compiled is kept on disk by numba.

    Args:
        progress: told what is being compiled, as a key of the catalogue (``transit.warm_up.search``).
    """

    def say(what: str) -> None:
        if progress is not None:
            progress(f"transit.warm_up.{what}")

    say("layout")
    timetable = Timetable(compiled([gtfs.schedule(gtfs.read(_feed()))], span_of(_DAY), None))
    timetable.prepare([date.fromisoformat(_DAY)])
    say("search")
    Router(timetable).warm_up([date.fromisoformat(_DAY)])
    say("live")
    late = CallChange(sequence=0, departure_delay_s=60), CallChange(sequence=1, arrival_delay_s=0)
    snapshot = Snapshot.of(timetable, [TripChange("T", date.fromisoformat(_DAY), calls=late)])
    Router(timetable, snapshot).pareto("A", "B", f"{_DAY} 07:00")
    say("done")


def _feed() -> bytes:
    calls = [("A", "08:00:00"), ("B", "08:10:00")]
    return gtfs.write(
        {
            "agency": [{"agency_id": "A", "agency_timezone": "Asia/Shanghai"}],
            "stops": [{"stop_id": stop, "stop_lat": 30.0, "stop_lon": 120.0} for stop, _ in calls],
            "routes": [{"route_id": "R", "route_type": 3}],
            "trips": [{"route_id": "R", "service_id": "S", "trip_id": "T"}],
            "calendar_dates": [{"service_id": "S", "date": _DAY.replace("-", ""), "exception_type": 1}],
            "stop_times": [
                {"trip_id": "T", "arrival_time": at, "departure_time": at, "stop_id": stop, "stop_sequence": index}
                for index, (stop, at) in enumerate(calls)
            ],
        }
    )
