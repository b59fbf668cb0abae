"""The moving part of `drive`: one pass over all vehicles for each second, compiled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tongqu.kit.world.rhythm import active, draw, flow, inner, red
from tongqu.kit.world.values import Bytes, Flags, Floats, Ints

PARKED, DRIVING, STOPPED = 0, 1, 2
NO_EDGE = -1
_BRAKE = 1.3  # m/s2, what a driver plans with
_HARD = 3.5  # m/s2, harder than this nobody brakes for a light
_AHEAD = 14  # edges looked ahead
_EXPRESSWAY, _ACCESS = 1, 8
_M_PER_DEGREE = 111_000.0
_REST_S = 7_200.0
_NIGHT_SHARE = 0.78  # of the limit by day, a little below what coaches may


class Streets(NamedTuple):
    """The network as `drive` needs it: `World.network` and a few things more for each edge.

    Attributes:
        heading_in, heading_out: degrees at its start and its end.
        rest_edge: for each node the edge into a service area, or -1.
        beside: metres to the right of the line at which one drives where both directions share it.
    """

    edge_to: Ints
    length: Floats
    limit: Floats
    road_class: Bytes
    phase: NDArray[np.int8]
    heading_in: Floats
    heading_out: Floats
    rest_edge: Ints
    beside: Floats
    point_start: Ints
    lon: Floats
    lat: Floats
    along: Floats
    altitude: Floats
    out_start: Ints
    out_edge: Ints
    goals: Ints
    next_out: Bytes
    line_start: Ints
    line_edge: Ints
    line_stop: Flags
    activity: Floats


class Cars(NamedTuple):
    """All vehicles, one row each; below `edge` what changes as they move.

    Attributes:
        excess: factor above the limit that a driver takes now and then.
        line: bus line or -1; position: index in the line's edges.
        mode: `PARKED` at a goal, `DRIVING`, `STOPPED` for a short while; until_ms: end of a stay or stop.
        since_ms: when the mode began.
        stop_at: where on the present edge to stop next, infinite if nowhere.
        turn: counter of decisions, which makes each a new draw.
        last_home: the journey before ended at home.
        night: 1 for those that keep the hours of long coaches (slower at night, none on the road from two to five), 2
            for one that is slower and drives on, 0 for all others.
    """

    category: NDArray[np.int8]
    top: Floats
    hazardous: Flags
    long_haul: Flags
    excess: Floats
    accelerate: Floats
    dwell_s: Floats
    line: Ints
    home: Ints
    pool: Ints
    pool_start: Ints
    pool_goal: Ints
    edge: Ints
    along: Floats
    speed: Floats
    goal: Ints
    position: Ints
    mode: NDArray[np.int8]
    until_ms: NDArray[np.int64]
    since_ms: NDArray[np.int64]
    stop_at: Floats
    since_rest_s: Floats
    odometer_m: Floats
    turn: NDArray[np.uint32]
    last_home: Flags
    night: NDArray[np.int8]


@inner
def _next(streets, cars, k, edge, position):  # type: ignore[no-untyped-def]
    """The edge after `edge`, or `NO_EDGE` if the goal stands at its end."""
    line = cars.line[k]
    if line >= 0:
        n = streets.line_start[line + 1] - streets.line_start[line]
        return streets.line_edge[streets.line_start[line] + (position + 1) % n]
    node = streets.edge_to[edge]
    if cars.long_haul[k] and cars.since_rest_s[k] > _REST_S and streets.rest_edge[node] >= 0:
        return streets.rest_edge[node]
    rank = streets.next_out[cars.goal[k], node]
    if rank == 255:
        return NO_EDGE
    return streets.out_edge[streets.out_start[node] + rank]


@inner
def _cap(streets, cars, k, edge, flow_of, wish):  # type: ignore[no-untyped-def]
    """Highest speed of a vehicle on an edge in m/s."""
    limit = streets.limit[edge]
    cap = min(limit * flow_of[streets.road_class[edge]] * wish, cars.top[k])
    if cars.hazardous[k]:  # 80 km/h on expressways, 60 elsewhere
        cap = min(cap, 22.2 if streets.road_class[edge] == _EXPRESSWAY else 16.6)
    return cap


@inner
def _bend(streets, a, b):  # type: ignore[no-untyped-def]
    """Speed at which one goes from edge a to edge b, by the angle between them."""
    turn = abs((streets.heading_in[b] - streets.heading_out[a] + 180.0) % 360.0 - 180.0)
    if turn < 15.0:
        return 99.0
    if turn < 35.0:
        return 13.0
    if turn < 70.0:
        return 8.5
    return 5.5 if turn < 150.0 else 3.0


@inner
def _enter(streets, cars, seed, k, edge):  # type: ignore[no-untyped-def]
    """Put a vehicle on an edge: where must it stop there?"""
    cars.edge[k] = edge
    cars.stop_at[k] = np.inf
    length = streets.length[edge]
    line = cars.line[k]
    if line >= 0:
        if streets.line_stop[streets.line_start[line] + cars.position[k]]:
            cars.stop_at[k] = max(length - 6.0 - 14.0 * draw(seed, k, 7), 0.6 * length)
        return
    if (
        streets.rest_edge.size
        and cars.long_haul[k]
        and cars.since_rest_s[k] > _REST_S
        and streets.road_class[edge] == _ACCESS
    ):
        cars.stop_at[k] = (0.38 + 0.25 * draw(seed, k, cars.turn[k])) * length
    elif (
        streets.next_out[cars.goal[k], streets.edge_to[edge]] == 255
        and streets.edge_to[edge] == streets.goals[cars.goal[k]]
    ):
        # spread over the last stretch before the gate, so that a yard full of vehicles can be seen
        cars.stop_at[k] = length - min(4.0 + 130.0 * draw(seed, k, 11), 0.85 * length)


@inner
def _set_out(streets, cars, seed, k):  # type: ignore[no-untyped-def]
    """Choose the next goal; returns False if there is none to go to."""
    if cars.line[k] >= 0:
        return True
    node = streets.edge_to[cars.edge[k]]
    for _ in range(6):
        cars.turn[k] += 1
        pool = cars.pool[k]
        first, last = cars.pool_start[pool], cars.pool_start[pool + 1]
        goal = cars.pool_goal[first + min(int(draw(seed, k, cars.turn[k]) * (last - first)), last - first - 1)]
        if not cars.last_home[k] and draw(seed, k, cars.turn[k] + 1_000_003) < 0.4:
            goal = cars.home[k]
        if streets.goals[goal] != node and streets.next_out[goal, node] != 255:
            cars.last_home[k] = goal == cars.home[k]
            cars.goal[k] = goal
            return True
    return False


@inner
def _halt(streets, cars, seed, k, now_ms):  # type: ignore[no-untyped-def]
    """The vehicle stands where it wanted to stop."""
    cars.turn[k] += 1
    luck = draw(seed, k, cars.turn[k])
    cars.speed[k] = 0.0
    cars.since_ms[k] = now_ms
    if cars.line[k] >= 0:
        cars.mode[k] = STOPPED
        last = cars.position[k] + 1 == streets.line_start[cars.line[k] + 1] - streets.line_start[cars.line[k]]
        seconds = 12.0 + 22.0 * luck
        if last:  # end of the line: layover, and no more service in the night
            seconds = cars.dwell_s[k, 0] + luck * (cars.dwell_s[k, 1] - cars.dwell_s[k, 0])
            cars.mode[k] = PARKED
    elif streets.edge_to[cars.edge[k]] != streets.goals[cars.goal[k]]:
        cars.mode[k] = STOPPED
        cars.since_rest_s[k] = 0.0
        seconds = 1_230.0 + 600.0 * luck
    else:
        cars.mode[k] = PARKED
        cars.since_rest_s[k] = 0.0
        seconds = cars.dwell_s[k, 0] + luck * (cars.dwell_s[k, 1] - cars.dwell_s[k, 0])
    cars.until_ms[k] = now_ms + int(seconds * 1000)
    cars.stop_at[k] = np.inf


@inner
def _wake(streets, cars, seed, k, now_ms):  # type: ignore[no-untyped-def]
    """End of a stay: go on, or stay on if this is not the hour."""
    if cars.mode[k] == STOPPED:
        cars.mode[k] = DRIVING
        cars.since_ms[k] = now_ms
        return
    cars.turn[k] += 1
    wanted = active(streets, cars.category[k], now_ms)
    # a vehicle under way for the mean of a journey and a stay needs about this chance at each end of a stay
    if draw(seed, k, cars.turn[k]) < min(1.0, 1.35 * wanted) and _set_out(streets, cars, seed, k):
        cars.mode[k] = DRIVING
        cars.since_ms[k] = now_ms
    else:
        cars.until_ms[k] = now_ms + 240_000 + int(900_000 * draw(seed, k, cars.turn[k] + 77))


@inner
def _allowed(streets, cars, k, now_ms, flow_of, wish, dt):  # type: ignore[no-untyped-def]
    """Highest speed now such that everything ahead can still be met by planned braking."""
    edge, position = cars.edge[k], cars.position[k]
    v = cars.speed[k]
    best = _cap(streets, cars, k, edge, flow_of, wish)
    ahead = cars.stop_at[k] - cars.along[k]
    if ahead < np.inf:
        return min(best, np.sqrt(2 * _BRAKE * max(ahead - v * dt * 0.5, 0.0)) + 0.3)
    ahead = streets.length[edge] - cars.along[k]
    sight = v * v / (2 * _BRAKE) + v * dt * 2 + 12.0
    for _ in range(_AHEAD):
        if ahead > sight:
            break
        if red(streets, edge, now_ms) and ahead > v * v / (2 * _HARD):
            gap = ahead - 3.0 - (k * 37 % 5) * 7.0
            return min(best, np.sqrt(2 * _BRAKE * max(gap - v * dt * 0.5, 0.0)))
        following = _next(streets, cars, k, edge, position)
        if following < 0:
            break
        slow = min(_bend(streets, edge, following), _cap(streets, cars, k, following, flow_of, wish))
        best = min(best, np.sqrt(slow * slow + 2 * _BRAKE * max(ahead - v * dt, 0.0)))
        edge, position = following, position + 1
        node = streets.edge_to[edge]
        if cars.line[k] < 0 and streets.goals[cars.goal[k]] == node:
            stop = ahead + max(streets.length[edge] - 134.0, 0.15 * streets.length[edge])
            best = min(best, np.sqrt(2 * _BRAKE * stop) + 0.3)
        ahead += streets.length[edge]
    return best


@njit(cache=True, nogil=True)
def step(streets: Streets, cars: Cars, seed: int, now_ms: int, dt: float) -> None:
    """Move all vehicles on by `dt` seconds to `now_ms`."""
    flow_of = np.empty(9)
    for c in range(9):
        flow_of[c] = flow(c, now_ms)
    hour = ((now_ms + 28_800_000) / 3_600_000.0) % 24.0
    late, stand = hour >= 22.0 or hour < 6.0, 2.0 <= hour < 5.0
    for k in range(cars.edge.size):
        if cars.mode[k] != DRIVING:
            if now_ms >= cars.until_ms[k]:
                _wake(streets, cars, seed, k, now_ms)
            continue
        # a driver's pace drifts within some per cent, and a few exceed the limit for minutes at a time
        wish = 0.90 + 0.10 * draw(seed, k, 500_000 + now_ms // 30_000)
        if cars.excess[k] > 1.0 and draw(seed, k, 900_000 + now_ms // 240_000) < 0.2:
            wish = cars.excess[k]
        if late and cars.night[k] != 0:
            wish *= _NIGHT_SHARE
        v = min(cars.speed[k] + cars.accelerate[k] * dt, _allowed(streets, cars, k, now_ms, flow_of, wish, dt))
        if stand and cars.night[k] == 1:  # on the shoulder, where there is no better place in time
            v = max(min(v, cars.speed[k] - _BRAKE * dt), 0.0)
        if v < 0.05:
            v = 0.0
        moved = v * dt
        along = cars.along[k] + moved
        if along >= cars.stop_at[k] - 0.7:
            moved = max(cars.stop_at[k] - cars.along[k], 0.0)
            cars.along[k] = min(cars.stop_at[k], streets.length[cars.edge[k]])
            cars.odometer_m[k] += moved
            _halt(streets, cars, seed, k, now_ms)
            continue
        for _ in range(_AHEAD):
            edge = cars.edge[k]
            if along < streets.length[edge]:
                break
            following = _next(streets, cars, k, edge, cars.position[k])
            if following < 0:
                along = streets.length[edge]
                break
            along -= streets.length[edge]
            if cars.line[k] >= 0:
                line = cars.line[k]
                n = streets.line_start[line + 1] - streets.line_start[line]
                cars.position[k] = (cars.position[k] + 1) % n
            _enter(streets, cars, seed, k, following)
            if along > cars.stop_at[k]:
                along = cars.stop_at[k]
        cars.along[k] = along
        cars.speed[k] = min(v, _cap(streets, cars, k, cars.edge[k], flow_of, wish))
        cars.odometer_m[k] += moved
        cars.since_rest_s[k] += dt


@njit(cache=True, nogil=True)
def place(streets: Streets, cars: Cars, seed: int, at_ms: int) -> None:
    """First places of all vehicles: at home, or somewhere on a journey."""
    into = np.full(streets.out_start.size - 1, -1, np.int32)
    for edge in range(streets.edge_to.size):
        into[streets.edge_to[edge]] = edge
    for k in range(cars.edge.size):
        line = cars.line[k]
        under_way = draw(seed, k, 1) < active(streets, cars.category[k], at_ms)
        if line >= 0:
            n = streets.line_start[line + 1] - streets.line_start[line]
            cars.position[k] = int(draw(seed, k, 2) * n) if under_way else n - 1
            _enter(streets, cars, seed, k, streets.line_edge[streets.line_start[line] + cars.position[k]])
        else:
            _enter(streets, cars, seed, k, into[streets.goals[cars.home[k]]])
            if under_way and _set_out(streets, cars, seed, k):
                _on_the_way(streets, cars, seed, k)
        length = streets.length[cars.edge[k]]
        if under_way:
            cars.mode[k] = DRIVING
            cars.along[k] = min(draw(seed, k, 3) * length, cars.stop_at[k])
        else:
            cars.along[k] = min(cars.stop_at[k], length)
            cars.mode[k] = PARKED
            cars.stop_at[k] = np.inf
            cars.since_ms[k] = at_ms - 600_000
            cars.until_ms[k] = at_ms + int(1_200_000 * draw(seed, k, 4))


@inner
def _on_the_way(streets, cars, seed, k):  # type: ignore[no-untyped-def]
    """Move a vehicle from its home to a random edge of the way to its goal."""
    rest = cars.since_rest_s[k]
    cars.since_rest_s[k] = 0.0
    count, edge = 0, cars.edge[k]
    total = 0.0
    while count < 5000:
        edge = _next(streets, cars, k, edge, 0)
        if edge < 0:
            break
        total += streets.length[edge]
        count += 1
    wanted, gone, edge = total * draw(seed, k, 5), 0.0, cars.edge[k]
    while gone < wanted:
        following = _next(streets, cars, k, edge, 0)
        if following < 0:
            break
        edge = following
        gone += streets.length[edge]
    _enter(streets, cars, seed, k, edge)
    cars.since_rest_s[k] = rest


@njit(cache=True, nogil=True)
def locate(streets: Streets, cars: Cars):  # type: ignore[no-untyped-def]
    """Longitude, latitude, altitude and heading (0..360, clockwise from north) of all vehicles."""
    n = cars.edge.size
    lon, lat, altitude, heading = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    for k in range(n):
        a, b = streets.point_start[cars.edge[k]], streets.point_start[cars.edge[k] + 1] - 1
        at = cars.along[k]
        low, high = a, b
        while high - low > 1:
            middle = (low + high) // 2
            if streets.along[middle] <= at:
                low = middle
            else:
                high = middle
        span = streets.along[low + 1] - streets.along[low]
        t = min(max((at - streets.along[low]) / span, 0.0), 1.0) if span > 0 else 0.0
        dx, dy = streets.lon[low + 1] - streets.lon[low], streets.lat[low + 1] - streets.lat[low]
        here = streets.lat[low] + t * dy
        east, north = dx * np.cos(np.radians(here)), dy
        size = max(np.hypot(east, north), 1e-12)
        aside = streets.beside[cars.edge[k]]
        if streets.road_class[cars.edge[k]] == _EXPRESSWAY:  # two lanes
            aside = 1.9 if cars.long_haul[k] or k % 2 else -1.9
        lon[k] = streets.lon[low] + t * dx + aside * north / size / (_M_PER_DEGREE * np.cos(np.radians(here)))
        lat[k] = here - aside * east / size / _M_PER_DEGREE
        altitude[k] = streets.altitude[low] + t * (streets.altitude[low + 1] - streets.altitude[low])
        heading[k] = np.degrees(np.arctan2(east, north)) % 360.0
    return lon, lat, altitude, heading
