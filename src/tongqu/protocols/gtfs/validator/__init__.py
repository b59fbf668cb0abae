"""Checks of a whole feed, by the code names of the canonical GTFS validator: `validate(feed, today)`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tongqu.protocols.gtfs.feed import Feed
from tongqu.protocols.gtfs.notices import Notice, Notices
from tongqu.protocols.gtfs.schedule import Calendar, services
from tongqu.protocols.gtfs.severities import SEVERITIES


@dataclass
class Check:
    """A feed under examination.

    Attributes:
        feed: the feed.
        today: the day against which calendars are held; None: they are not.
        notices: where findings go.
    """

    feed: Feed
    today: date | None
    notices: Notices = field(default_factory=lambda: Notices(SEVERITIES))

    def flag(self, code: str, file: str, column: str, wrong: NDArray[np.bool_], *shown: str) -> None:
        """Note a finding for the rows of a file where ``wrong`` holds; samples show the columns named."""
        at = np.flatnonzero(wrong)
        if not len(at):
            return
        names = [name for name in (column, *shown) if name and self.feed.has(file, name)]
        texts = self.feed.texts[file].table
        samples = {name: texts.column(name).take(_indices(at[:60])).to_pylist() for name in names}
        self.notices.add(code, f"{file}.txt", column, self.feed.rows(file)[at], samples or None)

    def empty(self, file: str, column: str) -> NDArray[np.bool_]:
        """Rows in which nothing is written in a column (all, where the column is absent)."""
        texts = self.feed.texts[file].table
        if column not in texts.column_names:
            return np.ones(self.feed.count(file), dtype=np.bool_)
        return np.asarray(texts.column(column)) == ""

    @cached_property
    def calendar(self) -> Calendar:
        """The days of each service."""
        return services(self.feed)

    @cached_property
    def calls(self) -> dict[str, NDArray[Any]]:
        """Rows of stop_times of known trips, by trip and sequence; ``at`` is the index of the record in the file."""
        feed = self.feed
        trip = feed.index("stop_times", "trip_id", feed.strings("trips", "trip_id"))
        sequence = feed.numbers("stop_times", "stop_sequence", -1, np.int64)
        at = np.flatnonzero(trip >= 0)
        at = at[np.lexsort((sequence[at], trip[at]))]
        trip = trip[at]
        return {
            "at": at,
            "trip": trip,
            "first": np.r_[True, trip[1:] != trip[:-1]] if len(trip) else np.zeros(0, np.bool_),
            "last": np.r_[trip[1:] != trip[:-1], True] if len(trip) else np.zeros(0, np.bool_),
            "stop": feed.index("stop_times", "stop_id", feed.strings("stops", "stop_id"))[at],
            "arrival": feed.numbers("stop_times", "arrival_time", -1)[at],
            "departure": feed.numbers("stop_times", "departure_time", -1)[at],
            "distance": feed.numbers("stop_times", "shape_dist_traveled", np.nan, np.float64)[at],
            "window": feed.numbers("stop_times", "start_pickup_drop_off_window", -1)[at],
        }

    def flag_calls(self, code: str, column: str, wrong: NDArray[np.bool_], *shown: str) -> None:
        """Note a finding for calls (as `calls` orders them)."""
        mask = np.zeros(self.feed.count("stop_times"), dtype=np.bool_)
        mask[self.calls["at"][wrong]] = True
        self.flag(code, "stop_times", column, mask, "trip_id", *shown)


def _indices(at: NDArray[Any]) -> Any:
    import pyarrow as pa

    return pa.array(at)


def validate(feed: Feed, today: date | None = None) -> tuple[Notice, ...]:
    """All findings about a feed: those of reading it and those of each check, errors first.

    Args:
        feed: as `read` gave it.
        today: the day against which calendars are held to have expired; none: that is not looked at.
    """
    from tongqu.protocols.gtfs.validator import days, flexible, places, structure, times, ways

    check = Check(feed, today)
    check.notices.extend(feed.notices)
    parts: list[Callable[[Check], None]] = [part.check for part in (structure, places, times, days, ways, flexible)]
    for part in parts:
        part(check)
    return check.notices.done()
