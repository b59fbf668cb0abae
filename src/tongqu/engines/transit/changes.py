"""What a snapshot is told and tells: changes of trips, and the calls of a trip as they are now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class CallChange:
    """What is known of one call of a planned trip; the call is named by its sequence, else by its stop.

    Attributes:
        sequence: stop_sequence of the call. stop_id: its stop.
        arrival_delay_s, departure_delay_s: seconds late; or
        arrival_ms, departure_ms: the times themselves, UTC ms. One of arrival and departure stands for both.
        skipped: the vehicle does not stop there.
        no_data: nothing is known from here on; the plan holds.
    """

    sequence: int | None = None
    stop_id: str | None = None
    arrival_delay_s: int | None = None
    departure_delay_s: int | None = None
    arrival_ms: int | None = None
    departure_ms: int | None = None
    skipped: bool = False
    no_data: bool = False


@dataclass(frozen=True, slots=True)
class AddedCall:
    """A call of a trip that is not planned so: stop and times in UTC ms."""

    stop_id: str
    arrival_ms: int
    departure_ms: int
    may_board: bool = True
    may_alight: bool = True


@dataclass(frozen=True, slots=True)
class TripChange:
    """What is known of one trip on one service day.

    Attributes:
        trip_id, service_day: which trip. feed: of which feed, where several have the id.
        cancelled: it does not run.
        calls: what is known of its calls; a delay holds for the calls after it until the next one that is named.
        replaced_by: all calls, of a trip that runs otherwise than planned or is not planned at all.
        line_id, headsign: of a trip that is not planned.
        start_s: of a trip by frequency, which departure (seconds of the service day).
    """

    trip_id: str
    service_day: date
    feed: str = ""
    cancelled: bool = False
    calls: tuple[CallChange, ...] = ()
    replaced_by: tuple[AddedCall, ...] = ()
    line_id: str = ""
    headsign: str = ""
    start_s: int | None = None


@dataclass(frozen=True)
class LiveCalls:
    """The calls of a trip as they are now: stops (indices), seconds of the service day, where one may board or alight.

    Attributes:
        line_id, headsign: of a trip that is not planned, else empty.
    """

    stop: Ints
    arrival_s: Ints
    departure_s: Ints
    may_board: NDArray[np.bool_]
    may_alight: NDArray[np.bool_]
    line_id: str = ""
    headsign: str = ""
