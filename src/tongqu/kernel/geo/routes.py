"""Routes and their calibration: values and verbs. Who may change them is decided by the domain that calls, as with
things."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from tongqu.kernel import audit
from tongqu.kernel.geo.calibration import MARK_SOURCES, Mark, check_marks
from tongqu.kernel.geo.geometry import Geometry, check
from tongqu.kernel.geo.stakes import DIRECTIONS, Direction
from tongqu.kernel.geo.store import routes as store
from tongqu.kernel.store import Page, Query, Work
from tongqu.kit.errors import Invalid, NotFound, Problem, Refused
from tongqu.kit.geometry import geolines
from tongqu.kit.ids import urn
from tongqu.kit.regions import RegionCode, parse_region


@dataclass(frozen=True)
class Route:
    """A route as an authority numbers it.

    Attributes:
        id: registry key.
        number: `G9901`, `X101`; unique within `region`: the province for G and S, the county for X.
        road_class: code of the domain that keeps it.
        source: what it was taken from.
    """

    id: int
    number: str
    region: str
    name: str
    name_en: str | None
    road_class: str
    source: str


@dataclass(frozen=True)
class NewLine:
    """A line of a route to be stored.

    Attributes:
        geometry: a LineString in the direction of rising stakes.
        direction: the carriageway it is; `both` where a road is not told apart.
        prefix: letter of the alignment, empty for the main line.
        marks: its calibration; none where stakes are not known.
    """

    geometry: Geometry
    direction: Direction = "both"
    prefix: str = ""
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class RouteLine:
    """A stored line of a route; `part` is its place among the lines of its track."""

    id: int
    route: int
    direction: Direction
    prefix: str
    part: int
    geometry: Geometry
    length_m: float
    valid_from_ms: int
    valid_to_ms: int | None
    marks: tuple[Mark, ...]


def normal_number(given: str) -> str:
    """A route's number as it is kept: compatibility forms folded, upper case, no spaces: `ｘ１０１` is `X101`.

    Raises:
        Invalid: `geo.bad_number`.
    """
    number = "".join(unicodedata.normalize("NFKC", given).upper().split())
    if not 1 <= len(number) <= 20:
        raise Invalid("geo.bad_number", field="number", value=given[:40])
    return number


def network_revision(work: Work) -> int:
    """A number that rises with every change of a route, line or mark; 0 where there are none."""
    return store.revision(work)


def add_route(
    work: Work, number: str, region: str, name: str, *, road_class: str, source: str, name_en: str | None = None
) -> Route:
    """Register a route without lines.

    Raises:
        Refused: `geo.route_taken`: the number stands for another route of that region.
        Invalid: `geo.bad_number`, `geo.bad_region`.
    """
    plain, code = normal_number(number), _code(region)
    if store.routes(work, number=plain, region=code):
        raise Refused("geo.route_taken", field="number", number=plain, region=code)
    row = {
        "number": plain,
        "region": code,
        "name": name,
        "name_en": name_en,
        "road_class": road_class,
        "source": source,
        "created_ms": work.now_ms,
        "updated_ms": work.now_ms,
        "revision": store.next_revision(work),
    }
    made = Route(store.add_route(work, row), plain, code, name, name_en, road_class, source)
    _write_down(work, "geo.add_route", made)
    return made


def amend_route(work: Work, route_id: int, **given: str | None) -> Route:
    """Change name, English name, class or source of a route.

    Raises:
        NotFound: `geo.unknown_route`.
    """
    old = route(work, route_id)
    changes = {name: value for name, value in given.items() if getattr(old, name) != value}
    if not changes:
        return old
    store.change_route(work, route_id, {**changes, "updated_ms": work.now_ms, "revision": store.next_revision(work)})
    _write_down(work, "geo.amend_route", old, fields=sorted(changes))
    return replace(old, **changes)  # type: ignore[arg-type]  # names were looked up above


def put_lines(work: Work, route_id: int, lines: Sequence[NewLine], *, valid_from_ms: int = 0) -> list[Problem]:
    """Give a route its lines from a moment on; those that were valid then end there.

    Lines of one track (direction and prefix) are in the order given. Gives what is odd but no contradiction: stakes
    that leave a gap or overlap without a broken chain that says so (`geo.stake_gap`, `geo.stake_overlap`).

    Raises:
        NotFound: `geo.unknown_route`.
        Invalid: `geo.not_a_line`; `geo.bad_calibration` with every contradiction; nothing is stored then.
    """
    of = route(work, route_id)
    checked = [_checked(line) for line in lines]
    odd = [problem for _, _, _, problems in checked for problem in problems]
    odd += _between_lines([(line, marks, length) for line, marks, length, _ in checked])
    number = store.next_revision(work)
    store.end_lines(work, route_id, valid_from_ms, number)
    parts: dict[tuple[str, str], int] = {}
    for line, marks, length, _ in checked:
        track = (line.direction, line.prefix)
        parts[track] = parts.get(track, -1) + 1
        row = {
            "route": route_id,
            "direction": line.direction,
            "prefix": line.prefix,
            "part": parts[track],
            **line.geometry.as_columns(),
            "length_m": length,
            **_from(valid_from_ms, number),
        }
        _store_marks(work, store.add_line(work, row), marks, valid_from_ms, number)
    _write_down(work, "geo.put_lines", of, lines=len(lines), valid_from_ms=valid_from_ms)
    return odd


def put_marks(work: Work, line_id: int, marks: Sequence[Mark], *, valid_from_ms: int = 0) -> list[Problem]:
    """Calibrate a line anew from a moment on; the marks that were valid then end there. Gives what is odd, as
    `put_lines`.

    Raises:
        NotFound: `geo.unknown_line`.
        Invalid: `geo.bad_calibration`.
    """
    row = store.line(work, line_id)
    if row is None:
        raise NotFound("geo.unknown_line", line=line_id)
    held, odd = _checked_marks(marks, row["length_m"])
    number = store.next_revision(work)
    store.end_marks(work, line_id, valid_from_ms, number)
    _store_marks(work, line_id, held, valid_from_ms, number)
    of = route(work, row["route"])
    _write_down(work, "geo.put_marks", of, line=line_id, marks=len(held), valid_from_ms=valid_from_ms)
    return odd


def route(work: Work, route_id: int) -> Route:
    """The route with a key.

    Raises:
        NotFound: `geo.unknown_route`.
    """
    row = store.route(work, route_id)
    if row is None:
        raise NotFound("geo.unknown_route", route=route_id)
    return route_of(row)


def find_routes(work: Work, number: str, region: str | None = None) -> list[Route]:
    """Routes of a number, in the order of their regions; just that of one region where it is given."""
    return [route_of(row) for row in store.routes(work, number=normal_number(number), region=region)]


def all_routes(work: Work) -> list[Route]:
    """All routes, in the order of number and region; some thousands at most."""
    return [route_of(row) for row in store.routes(work)]


def listed_routes(work: Work, query: Query) -> Page:
    """A page of routes; a region in the filter means all within it."""
    return store.listed_routes(work, query)


def lines_of(work: Work, route_id: int, *, at_ms: int | None = None) -> list[RouteLine]:
    """Lines of a route that are valid at a moment, now by default, with their marks."""
    moment = work.now_ms if at_ms is None else at_ms
    rows = store.lines_at(work, moment, route_id)
    marks: dict[int, list[Mark]] = {}
    for mark in store.marks_at(work, moment, [row["id"] for row in rows]):
        marks.setdefault(mark["line"], []).append(mark_of(mark))
    return [
        RouteLine(
            row["id"],
            row["route"],
            row["direction"],
            row["prefix"],
            row["part"],
            Geometry.of_columns(row),
            row["length_m"],
            row["valid_from_ms"],
            row["valid_to_ms"],
            tuple(marks.get(row["id"], ())),
        )
        for row in rows
    ]


def route_of(row: Mapping[str, Any]) -> Route:
    return Route(**{name: row[name] for name in Route.__dataclass_fields__})


def mark_of(row: Mapping[str, Any]) -> Mark:
    return Mark(row["along_m"], row["back_m"], row["ahead_m"], row["source"])


def line_points(geometry: Geometry) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Points of a line, (n, 2), without those that repeat the one before."""
    points = np.asarray(shapely.get_coordinates(geometry.shape), np.float64)
    keep = np.append(True, np.any(np.diff(points, axis=0) != 0, axis=1))
    return points[keep]


def _checked(line: NewLine) -> tuple[NewLine, list[Mark], float, list[Problem]]:
    if line.geometry.shape.geom_type != "LineString" or len(line_points(line.geometry)) < 2:
        raise Invalid("geo.not_a_line", field="geometry", type=line.geometry.shape.geom_type)
    if line.direction not in DIRECTIONS:
        raise Invalid("geo.bad_direction", field="direction", value=str(line.direction)[:20])
    points = line_points(line.geometry)
    length = float(geolines.lengths_m(points[:, 0], points[:, 1])[-1])
    held, odd = _checked_marks(line.marks, length)
    return replace(line, geometry=check(line.geometry.shape, vertical=line.geometry.vertical)), held, length, odd


def _checked_marks(marks: Sequence[Mark], length_m: float) -> tuple[list[Mark], list[Problem]]:
    for mark in marks:
        if mark.source not in MARK_SOURCES:
            raise Invalid("geo.bad_mark_source", field="marks", value=str(mark.source)[:20])
    return check_marks(marks, length_m)


def _between_lines(lines: Sequence[tuple[NewLine, list[Mark], float]]) -> list[Problem]:
    """Gaps and overlaps of stakes between the parts of each track."""
    odd: list[Problem] = []
    ends: dict[tuple[str, str], float] = {}
    for line, marks, length in lines:
        if not marks:
            continue
        track = (line.direction, line.prefix)
        low, high = marks[0].back_m - marks[0].along_m, marks[-1].ahead_m + length - marks[-1].along_m
        before = ends.get(track)
        if before is not None and abs(low - before) > 1.0:
            code = "geo.stake_gap" if low > before else "geo.stake_overlap"
            params = {"before_m": round(before, 2), "stake_m": round(low, 2), "by_m": round(abs(low - before), 1)}
            odd.append(Problem(code, "lines", params={"along_m": 0.0, **params}))
        ends[track] = high
    return odd


def _store_marks(work: Work, line: int, marks: Sequence[Mark], valid_from_ms: int, number: int) -> None:
    store.add_marks(
        work,
        [
            {
                "line": line,
                "along_m": mark.along_m,
                "back_m": mark.back_m,
                "ahead_m": mark.ahead_m,
                "source": mark.source,
                **_from(valid_from_ms, number),
            }
            for mark in marks
        ],
    )


def _from(valid_from_ms: int, number: int) -> dict[str, Any]:
    return {"valid_from_ms": valid_from_ms, "valid_to_ms": None, "revision": number}


def _code(region: str) -> RegionCode:
    try:
        return parse_region(region)
    except ValueError as error:
        raise Invalid("geo.bad_region", field="region", region=region) from error


def _write_down(work: Work, act: str, of: Route, **what: Any) -> None:
    audit.record(work, act, urn("route", str(of.id)), region=of.region, number=of.number, **what)
