"""The transit peer's half of benches/transit.py, run by the peer's own Python: answers a file of queries, timed.

Usage: python transit_peer.py FEED.zip FIRST_DAY DAY_AFTER_LAST QUERIES.json ANSWERS.json
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pynigiri


def main() -> None:
    feed, first, last, queries, answers = sys.argv[1:]
    config = pynigiri.LoaderConfig()
    config.link_stop_distance = 0
    begin = time.perf_counter()
    source = pynigiri.TimetableSource("feed", feed, config)
    timetable = pynigiri.load_timetable([source], first, last, pynigiri.FinalizeOptions())
    load_s = time.perf_counter() - begin
    taken, found = [], []
    for origin, destination, minute in json.loads(Path(queries).read_text()):
        query = pynigiri.Query()
        query.start_time = minute
        query.start = [pynigiri.Offset(timetable.find_location(origin), 0)]
        query.destination = [pynigiri.Offset(timetable.find_location(destination), 0)]
        query.start_match_mode = query.dest_match_mode = pynigiri.LocationMatchMode.EXACT
        query.max_transfers = 4
        begin = time.perf_counter()
        journeys = pynigiri.route(timetable, query)
        taken.append(time.perf_counter() - begin)
        found.append([[_minute(j.departure_time), _minute(j.arrival_time), j.transfers] for j in journeys])
    Path(answers).write_text(json.dumps({"load_s": load_s, "taken_s": taken, "found": found}))


def _minute(time_: object) -> int:
    value = time_() if callable(time_) else time_
    count = getattr(value, "count", value)
    return int(count() if callable(count) else count)  # type: ignore[call-overload]


if __name__ == "__main__":
    main()
