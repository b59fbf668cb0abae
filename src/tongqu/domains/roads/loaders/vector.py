"""Shapefile and GeoPackage to routes: a feature is a stretch of a route with the stakes of its ends.

Columns are known by their headings in either language or by the names that road registers give them (公路数据库:
LXBM, QDZH, ZDZH ...). A route code such as `X101990303` carries its region. Stakes are texts (`K12+345`) or
kilometres (`12.345`). Stretches that touch are joined; where their stakes do not agree a broken chain is taken and
named.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from tongqu.domains.roads.kinds import CLASS_CODES
from tongqu.domains.roads.loaders.common import (
    Floats,
    Options,
    Report,
    digest_of,
    refuse_unlabelled,
    region_of,
    regions_of,
    take,
)
from tongqu.domains.roads.loaders.reading import Table, read_geopackage, read_shapefile
from tongqu.domains.roads.service.network import rising
from tongqu.domains.roads.values import Network, NewLink, NewRoute
from tongqu.kernel.geo import Direction, Mark, NewLine, check, normal_number, parse_stake, plain
from tongqu.kernel.jobs import JobContext
from tongqu.kit.errors import Invalid, Problem
from tongqu.kit.geometry import geolines
from tongqu.kit.regions import parse_region
from tongqu.kit.text import text

TOUCH_M = 5.0
"""Stretches whose ends are nearer than this touch."""

AGREE_M = 1.0
_ROUTE_CODE = re.compile(r"([A-Z]\d{3,4})(\d{6})")
COLUMNS: dict[str, tuple[str, ...]] = {
    "number": ("lxbm", "lxbh", "ref", "route", "roadcode"),
    "name": ("lxmc", "roadname", "mc"),
    "region": ("xzqh", "xzqhdm", "adcode"),
    "direction": ("sxx", "fx", "sxxfx"),
    "stake": ("qdzh", "start_stake", "from_stake", "from", "qszh"),
    "end_stake": ("zdzh", "to_stake", "to", "end"),
    "road_class": ("jsdj", "class", "lxdj"),
    "limit_kmh": ("maxspeed", "xs", "limit"),
    "lanes": ("cdsl", "lane_count"),
}
"""Names of columns besides their headings; the key is both our name and the key of the heading in the catalogues."""


@dataclass(frozen=True)
class Stretch:
    """A feature that was read: points with rising stakes, stakes of both ends in metres where they are known."""

    row: int
    number: str
    region: str
    name: str
    road_class: str
    direction: Direction
    points: Floats
    low_m: float | None
    high_m: float | None
    limit_kmh: float | None
    lanes: int | None


def load_shapefile(context: JobContext, path: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Take a Shapefile in, alone with its companions beside it or in an archive.

    Raises:
        Invalid: of the file as a whole: `roads.no_dbf`, `roads.no_shx`, `roads.no_shapefile`, `roads.unreadable`,
            `roads.no_prj`, `roads.no_number_column`, `roads.no_roads`, `roads.looks_gcj02`, `roads.bad_option`.
    """
    return _load(context, path, options, "shapefile", read_shapefile)


def load_geopackage(context: JobContext, path: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Take a GeoPackage in; raises as `load_shapefile`, and `roads.no_layer`."""
    return _load(context, path, options, "geopackage", read_geopackage)


def _load(
    context: JobContext,
    path: Path,
    options: dict[str, Any],
    kind: str,
    read: Callable[[Path, Options, Report], Table],
) -> dict[str, Any]:
    wanted, report = Options.read(options), Report()
    context.progress(0.02, "roads.loading.reading")
    try:
        table = read(path, wanted, report)
    except zipfile.BadZipFile as error:
        raise Invalid("roads.unreadable", file=path.name, reason=str(error)) from error
    columns = _columns(table)
    if "number" not in columns:
        raise Invalid("roads.no_number_column", file=path.name, columns="、".join(table.columns))
    stretches = list(_stretches(context, table, columns, wanted, report))
    if not stretches:
        raise Invalid("roads.no_roads", file=path.name, problems=report.problems)
    refuse_unlabelled(context, [one.points for one in stretches], wanted.datum)
    context.progress(0.2, "roads.loading.joining")
    links = tuple(_link(one) for one in stretches)
    routes = tuple(_routes(stretches, report))
    return take(context, report, Network(path.name, kind, digest_of(path), links, routes, region=wanted.region))


def _columns(table: Table) -> dict[str, str]:
    """Our names to the file's columns."""
    found: dict[str, str] = {}
    by_name = {_plain(name): name for name in reversed(table.columns)}
    for ours, others in COLUMNS.items():
        headings = [*text(f"roads.fields.{ours}").values(), *text(f"roads.columns.{ours}").values(), ours, *others]
        known = next((by_name[_plain(name)] for name in headings if _plain(name) in by_name), None)
        if known is not None:
            found[ours] = known
    return found


def _plain(name: str) -> str:
    return "".join(name.casefold().split())


def _stretches(
    context: JobContext, table: Table, columns: dict[str, str], options: Options, report: Report
) -> Iterator[Stretch]:
    regions = regions_of(context)
    for place in range(len(table)):
        row = place + 1
        cell = {ours: table.cell(place, name) for ours, name in columns.items()}
        try:
            line = _line_of(table.shapes[place], options, row)
            read = _read(cell, row, report)
        except Invalid as error:
            for problem in error.problems or (Problem(error.code, error.field, params=error.params),):
                report.refuse("rows", Problem(problem.code, problem.field, row, problem.params), 0)
            report.refused["rows"] += 1
            continue
        low, high = read.pop("low_m"), read.pop("high_m")
        if low is not None and high is not None and low > high:
            params = {"first": round(low), "last": round(high)}
            report.flag("rows", Problem("roads.stakes_fall", columns["stake"], row, params))
            line, low, high = line[::-1], high, low
        region = read.pop("region") or region_of(read["number"], line[len(line) // 2], options, regions)
        if region is None:
            params = {"number": read["number"]}
            report.refuse("rows", Problem("roads.region_needed", "region", row, params))
            continue
        yield Stretch(row=row, region=region, points=line, low_m=low, high_m=high, **read)


def _line_of(shape: Any, options: Options, row: int) -> Floats:
    """The points of a feature in WGS-84.

    Raises:
        Invalid: `geo.bad_geometry` with what is wrong, `roads.not_a_line`.
    """
    geometry = check(shape, datum=options.datum)
    found = shapely.line_merge(geometry.shape) if geometry.shape.geom_type == "MultiLineString" else geometry.shape
    if found.geom_type != "LineString":
        raise Invalid("roads.not_a_line", field="geometry", type=found.geom_type)
    points = np.asarray(shapely.get_coordinates(found), np.float64)
    points = points[np.append(True, np.any(np.diff(points, axis=0) != 0, axis=1))]
    if len(points) < 2:
        raise Invalid("roads.not_a_line", field="geometry", type="Point")
    return points


def _read(cell: dict[str, Any], row: int, report: Report) -> dict[str, Any]:
    """The cells of a row as values; what can be left out is left out and named."""
    number, region = _number(cell.get("number"))
    given = str(cell.get("region") or "").strip()
    if given:
        try:
            region = parse_region(given)
        except ValueError:
            report.flag("rows", Problem("identity.bad_region", "region", row, {"value": given[:20]}))
    name = str(cell.get("name") or "").strip()[:120]
    return {
        "number": number,
        "region": region,
        "name": name or number,
        "road_class": _class(cell.get("road_class"), number),
        "direction": _direction(cell.get("direction"), row, report),
        "low_m": _stake(cell.get("stake")),
        "high_m": _stake(cell.get("end_stake")),
        "limit_kmh": _positive(cell.get("limit_kmh")),
        "lanes": None if (lanes := _positive(cell.get("lanes"))) is None else int(lanes),
    }


def _number(given: Any) -> tuple[str, str | None]:
    """Number and, from a route code such as `X101990303`, region.

    Raises:
        Invalid: `roads.no_number`.
    """
    plain_text = str(given or "").strip()
    if not plain_text:
        raise Invalid("roads.no_number", field="number")
    number = normal_number(plain_text)
    found = _ROUTE_CODE.fullmatch(number)
    return (found[1], parse_region(found[2])) if found else (number, None)


def _class(given: Any, number: str) -> str:
    """The class as it is named in either language, else by the letter of the number."""
    wanted = str(given or "").strip()
    for code in CLASS_CODES:
        if wanted and wanted in (code, *text(f"roads.options.road_class.{code}").values()):
            return code
    return {"G": "trunk", "S": "provincial", "X": "county", "Y": "township", "C": "township"}.get(number[:1], "street")


def _direction(given: Any, row: int, report: Report) -> Direction:
    wanted = str(given or "").strip()
    for code in ("both", "up", "down"):
        if wanted in (code, *text(f"geo.directions.{code}").values(), *text(f"roads.words.{code}").values()):
            return code  # type: ignore[return-value]
    if wanted:
        report.flag("rows", Problem("geo.bad_direction", "direction", row, {"value": wanted[:20]}))
    return "both"


def _stake(given: Any) -> float | None:
    """Metres of a stake: a text such as `K12+345`, or kilometres as road registers hold them.

    Raises:
        Invalid: `geo.bad_stake`.
    """
    if given is None or (isinstance(given, float) and np.isnan(given)) or str(given).strip() == "":
        return None
    try:
        kilometres = float(given)
    except (TypeError, ValueError):
        return parse_stake(str(given)).stake_m
    if not 0 <= kilometres < 10_000:
        raise Invalid("geo.bad_stake", field="stake", value=str(given)[:20])
    return round(kilometres * 1000, 3)


def _positive(given: Any) -> float | None:
    try:
        value = float(given)
    except (TypeError, ValueError):
        return None
    return value if 0 < value < 1_000 else None


def _link(one: Stretch) -> NewLink:
    return NewLink(
        origin=f"row/{one.row}",
        road_class=one.road_class,
        geometry=check(shapely.LineString(one.points)),
        number=one.number,
        name=one.name,
        oneway=one.direction != "both",
        limit_kmh=one.limit_kmh,
        limit_back_kmh=None if one.direction != "both" else one.limit_kmh,
        lanes=one.lanes,
    )


def _routes(stretches: Sequence[Stretch], report: Report) -> Iterator[NewRoute]:
    by_route: dict[tuple[str, str], list[Stretch]] = {}
    for one in stretches:
        by_route.setdefault((one.number, one.region), []).append(one)
    for (number, region), mine in sorted(by_route.items()):
        lines = [
            line
            for direction in ("both", "up", "down")
            for line in _lines([one for one in mine if one.direction == direction], report)
        ]
        best = min((one.road_class for one in mine), key=CLASS_CODES.index)
        yield NewRoute(number, region, mine[0].name, best, tuple(lines))


def _lines(stretches: list[Stretch], report: Report) -> Iterator[NewLine]:
    """Stretches of one direction, by their stakes, joined where they touch."""
    ordered = sorted(stretches, key=lambda one: (one.low_m is None, one.low_m or 0.0, one.row))
    run: list[Stretch] = []
    for one in ordered:
        if run and _meets(run[-1], one):
            run.append(one)
            continue
        if run:
            yield _joined(run, report)
        run = [one]
    if run:
        yield _joined(run, report)


def _meets(before: Stretch, after: Stretch) -> bool:
    ends = np.vstack((before.points[-1], after.points[0]))
    return bool(geolines.lengths_m(ends[:, 0], ends[:, 1])[-1] <= TOUCH_M)


def _joined(run: list[Stretch], report: Report) -> NewLine:
    """One line of a run of stretches, with a mark at each of their ends."""
    parts = [run[0].points, *(one.points for one in run[1:])]
    points = np.vstack(parts)
    points = points[np.append(True, np.any(np.diff(points, axis=0) != 0, axis=1))]
    along = geolines.lengths_m(points[:, 0], points[:, 1])
    marks: list[Mark] = []
    for number, one in enumerate(run):
        start, end = (_at(points, along, place) for place in (one.points[0], one.points[-1]))
        before = run[number - 1].high_m if number else None
        if one.low_m is not None:
            if before is None:
                marks.append(plain(start, one.low_m))
            elif abs(before - one.low_m) > AGREE_M:
                code = "roads.took_short_chain" if before < one.low_m else "roads.took_long_chain"
                params = {"number": one.number, "back_m": round(before), "ahead_m": round(one.low_m)}
                report.flag("stakes", Problem(code, "stake", one.row, params))
                marks[-1] = Mark(marks[-1].along_m, before, one.low_m)
        if one.high_m is not None:
            marks.append(plain(end, one.high_m))
    kept = rising(marks)
    if len(kept) < len(marks):
        params = {"number": run[0].number, "count": len(marks) - len(kept)}
        report.flag("stakes", Problem("roads.stones_fall", "stake", run[0].row, params))
    return NewLine(check(shapely.LineString(points)), run[0].direction, "", kept)


def _at(points: Floats, along: Floats, place: Floats) -> float:
    """Way along a line of one of its own points."""
    return float(along[int(np.argmin(np.abs(points - place).sum(axis=1)))])
