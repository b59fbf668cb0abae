"""Ids of itineraries: an id says what the journey was, so every channel can open it again, and see what became of it.

Nothing is stored: an id holds the ends, the wishes and the rides, packed. Opening it reads today's timetable.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import orjson

from tongqu.engines.journeys import End, Hired, Journey, Place, Planner, Reopened, Wishes
from tongqu.kit.errors import Invalid

PREFIX = "j1"  # raise it when what is packed changes
LONGEST = 4_000
UNPACKED = 64_000


@dataclass(frozen=True)
class Opened:
    """An itinerary as it is now.

    Attributes:
        state: `as_planned`; `changed`: times differ from those first told; `broken`: a change is missed; `gone`: a trip
            no longer runs (then `journey` is None).
        lost: trips that no longer run, or no longer stop where one boards or alights.
        missed: which ride (from 0) is not reached or not run; -1 for none.
    """

    origin: Place
    destination: Place
    wishes: Wishes
    state: str
    journey: Journey | None
    departure_ms: int
    lost: tuple[str, ...] = ()
    missed: int = -1
    skips: bool = False


def id_of(journey: Journey, origin: Place, destination: Place, wishes: Wishes) -> str:
    """The id of an itinerary: some hundred letters, digits, `-` and `_`."""
    hires = _hires(journey)
    rides = [
        [ride.feed, ride.trip_id, ride.service_day, ride.origin_call, ride.destination_call, leg.departure_ms // 1000,
         leg.arrival_ms // 1000, ride.headsign, ride.headway_s, int(ride.stay_seated)]
        for leg in journey.legs
        if (ride := leg.ride) is not None
    ]  # fmt: skip
    packed = [
        _place(origin), _place(destination), round(wishes.walk_speed_ms, 3), int(wishes.step_free), rides,
        None if rides else _direct(journey, bool(hires)),
        journey.transfers,
    ]  # fmt: skip
    if hires:
        packed.append(hires)
    # a kilobyte at most: zlib's usual tables of a quarter megabyte would cost more to clear than to use
    squeeze = zlib.compressobj(9, zlib.DEFLATED, wbits=11, memLevel=4)
    squeezed = squeeze.compress(orjson.dumps(packed)) + squeeze.flush()
    return PREFIX + base64.urlsafe_b64encode(squeezed).rstrip(b"=").decode()


def wishes_of(itinerary_id: str) -> tuple[Any, ...]:
    """What an id holds.

    Raises:
        Invalid: `travel.bad_itinerary`: it is no id of an itinerary.
    """
    try:
        if not itinerary_id.startswith(PREFIX) or len(itinerary_id) > LONGEST:
            raise ValueError
        text = itinerary_id[len(PREFIX) :]
        squeezed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        plain = zlib.decompressobj().decompress(squeezed, UNPACKED)
        a, b, speed, step_free, rides, direct, transfers, *hired = orjson.loads(plain)
        hires = {int(at): Hired.read(rest) for at, *rest in (hired[0] if hired else [])}
        wishes = Wishes(
            walk_speed_ms=min(max(float(speed), 0.3), 4.0), step_free=bool(step_free), shared_bikes=bool(hires),
            on_demand=direct is not None and direct[0] == "on_demand",
        )  # fmt: skip
        checked = [_ride(*ride) for ride in rides]
        if not checked and (direct is None or direct[0] not in ("walk", "cycle", "drive", "bike", "on_demand")):
            raise ValueError
        if wishes.on_demand:
            Reopened.read(direct[2:])
        if direct is not None and not checked and (direct[0] == "bike") != (0 in hires):
            raise ValueError
        return Place(*_read(a)), Place(*_read(b)), wishes, checked, direct, int(transfers), hires
    except (ValueError, TypeError, KeyError, IndexError, zlib.error, binascii.Error, UnicodeError) as error:
        raise Invalid("travel.bad_itinerary", field="itinerary_id") from error


def _ride(feed: str, trip: str, day: str, first: int, last: int, departure_s: int, arrival_s: int, headsign: str,
          headway_s: int, seated: int) -> tuple[Any, ...]:  # fmt: skip
    date(int(day[:4]), int(day[4:6]), int(day[6:8]))
    if not 0 <= int(first) < int(last):
        raise ValueError
    return (str(feed), str(trip), str(day), int(first), int(last), int(departure_s) * 1000, int(arrival_s) * 1000,
            str(headsign), int(headway_s), bool(seated))  # fmt: skip


def _direct(journey: Journey, hired: bool) -> list[Any]:
    """How one goes without a ride by timetable, and when one leaves; of a ride on request, which."""
    requested = Reopened.write(journey)
    kind = "bike" if hired else "on_demand" if requested else journey.legs[0].kind
    return [kind, journey.departure_ms // 1000, *requested]


def _hires(journey: Journey) -> list[list[Any]]:
    """Shared bikes of a journey: before the first ride or instead of one (0), or after the last one (1)."""
    found, ridden = [], False
    for order, leg in enumerate(journey.legs):
        ridden |= leg.ride is not None
        if leg.rental is not None:
            to, on = journey.legs[order - 1], journey.legs[order + 1]
            found.append([
                int(ridden), leg.start.feed, leg.rental.system, *_station(leg.start), *_station(leg.end),
                to.duration_s, leg.duration_s, on.duration_s,
            ])  # fmt: skip
    return found


def _station(end: End) -> list[Any]:
    return [end.station, end.name, round(end.lon, 6), round(end.lat, 6)]


def _place(place: Place) -> list[Any]:
    return [round(place.lon, 6), round(place.lat, 6), place.name, list(place.stops)]


def _read(values: list[Any]) -> tuple[float, float, str, tuple[int, ...]]:
    lon, lat, name, stops = values
    return float(lon), float(lat), str(name), tuple(int(stop) for stop in stops)


def open_again(planner: Planner, held: tuple[Any, ...]) -> Opened:
    """The itinerary on the timetable of now."""
    origin, destination, wishes, rides, direct, transfers, hires = held
    assembler = planner.assembler
    if not rides and direct[0] == "bike":
        ends = assembler.place_end(origin), assembler.place_end(destination)
        legs = assembler.hired_again(hires[0], *ends, leave_ms=direct[1] * 1000)
        return Opened(origin, destination, wishes, "as_planned", Journey(tuple(legs), 0), direct[1] * 1000)
    if not rides and direct[0] == "on_demand":
        state, again = ("gone", None)
        if planner.on_demand is not None:
            state, again = planner.on_demand.again(assembler, origin, destination, Reopened.read(direct[2:]), wishes)
        return Opened(origin, destination, wishes, state, again, direct[1] * 1000)
    if not rides:
        mode, leave_s = direct
        plan = planner.plan(
            origin, destination, replace(wishes, transit=False, direct=(mode,), max_direct_s=86_400),
            depart_ms=leave_s * 1000,
        )  # fmt: skip
        found = plan.journeys[0] if plan.journeys else None
        state = "as_planned" if found else "gone"
        return Opened(origin, destination, wishes, state, found, leave_s * 1000)
    lost = tuple(ride[1] for ride in rides if not _runs(planner, ride) or not _calls(planner, ride))
    if lost:
        missed = next(order for order, ride in enumerate(rides) if ride[1] in lost)
        skips = all(_runs(planner, ride) for ride in rides)
        return Opened(origin, destination, wishes, "gone", None, rides[0][5], lost, missed, skips)
    legs = []
    changed, missed = False, -1
    for order, ride in enumerate(rides):
        feed_name, trip, day, first, last, departure_ms, arrival_ms, headsign, headway_s, seated = ride
        feed = planner.timetable.network.feeds.index(feed_name)
        _, arrivals, departures = calls_now(planner, ride)
        base = planner.catalogue.base_ms(feed, day_of(day))
        if headway_s == 0:
            now = base + int(departures[first]) * 1000, base + int(arrivals[last]) * 1000
            changed |= now != (departure_ms, arrival_ms)
            departure_ms, arrival_ms = now
        made = assembler.ride(
            feed, trip, day, first, last, (departure_ms, arrival_ms), seated, headway_s, False, headsign
        )
        leg = assembler.ride_leg(feed, made)
        if order == 0 and 0 in hires:
            leave_ms = leg.departure_ms - hires[0].seconds * 1000
            legs += assembler.hired_again(hires[0], assembler.place_end(origin), leg.start, leave_ms=leave_ms)
        elif order == 0:
            legs += assembler.access(origin, leg, wishes)
        elif legs[-1].end.stop != leg.start.stop:
            legs.append(assembler.change(legs[-1], leg))
        if missed < 0 and legs and legs[-1].arrival_ms > leg.departure_ms:
            missed = order
        legs.append(leg)
    if 1 in hires:
        last = legs[-1]
        legs += assembler.hired_again(hires[1], last.end, assembler.place_end(destination), leave_ms=last.arrival_ms)
    else:
        legs += assembler.egress(legs[-1], destination, wishes)
    state = "broken" if missed >= 0 else "changed" if changed else "as_planned"
    return Opened(origin, destination, wishes, state, Journey(tuple(legs), transfers), rides[0][5], missed=missed)


def day_of(written: str) -> date:
    """A service day as an id holds it."""
    return date(int(written[:4]), int(written[4:6]), int(written[6:8]))


def _runs(planner: Planner, ride: tuple[Any, ...]) -> bool:
    feed_name, trip, day, _, last = ride[:5]
    feeds = planner.timetable.network.feeds
    if feed_name not in feeds:
        return False
    feed, on = feeds.index(feed_name), day_of(day)
    assembler = planner.assembler
    if assembler.cancelled(feed, trip, on):
        return False
    now = assembler.now(feed, trip, on)
    if now is not None:
        return bool(last < len(now.stop))
    if not planner.catalogue.has(feed, trip) or last >= len(planner.catalogue.calls(feed, trip)[0]):
        return False
    return planner.catalogue.runs(feed, trip, on)


def _calls(planner: Planner, ride: tuple[Any, ...]) -> bool:
    """Whether a trip that runs still lets one board and alight where it was to."""
    feed_name, trip, day, first, last = ride[:5]
    feed = planner.timetable.network.feeds.index(feed_name)
    now = planner.assembler.now(feed, trip, day_of(day))
    if now is None:
        return True
    kept = True
    if planner.catalogue.has(feed, trip):
        stops = planner.catalogue.calls(feed, trip)[0]
        kept = last < len(stops) and bool(now.stop[first] == stops[first] and now.stop[last] == stops[last])
    return kept and bool(now.may_board[first]) and bool(now.may_alight[last])


def calls_now(planner: Planner, ride: tuple[Any, ...]) -> tuple[Any, Any, Any]:
    """Stops, arrivals and departures of a ride's trip as it runs now, seconds of its service day."""
    feed = planner.timetable.network.feeds.index(ride[0])
    now = planner.assembler.now(feed, ride[1], day_of(ride[2]))
    return planner.catalogue.calls(feed, ride[1]) if now is None else (now.stop, now.arrival_s, now.departure_s)
