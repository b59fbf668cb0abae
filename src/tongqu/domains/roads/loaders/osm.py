"""An extract of OpenStreetMap to links and routes.

Ways that motor traffic may use become links; their class is read from `highway` by the table below, which is a
convention
of ours: the map has no administrative classes. Ways with `ref`, and the members of road routes with one, become
routes of that number. Stakes come from milestones with a distance, if there are any; else the routes await calibration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from tongqu.domains.roads.joining import Joined, Piece, join
from tongqu.domains.roads.kinds import RoadClass
from tongqu.domains.roads.loaders.common import (
    Floats,
    Options,
    Report,
    digest_of,
    refuse_unlabelled,
    region_of,
    regions_of,
    shifted,
    take,
)
from tongqu.domains.roads.service.network import rising
from tongqu.domains.roads.values import Network, NewLink, NewRoute
from tongqu.kernel.geo import Mark, NewLine, check, normal_number, plain
from tongqu.kernel.jobs import JobContext
from tongqu.kit.errors import Invalid, Problem
from tongqu.kit.geometry import geolines
from tongqu.protocols import osm
from tongqu.protocols.osm import Extract, Tags

CLASSES: dict[str, RoadClass] = {
    "motorway": RoadClass.EXPRESSWAY,
    "trunk": RoadClass.TRUNK,
    "primary": RoadClass.PROVINCIAL,
    "secondary": RoadClass.COUNTY,
    "tertiary": RoadClass.TOWNSHIP,
    "unclassified": RoadClass.STREET,
    "residential": RoadClass.STREET,
    "living_street": RoadClass.STREET,
    "road": RoadClass.STREET,
    "service": RoadClass.ACCESS,
    **{f"{name}_link": RoadClass.RAMP for name in ("motorway", "trunk", "primary", "secondary", "tertiary")},
}
_RANK = list(RoadClass)
_SPEED = re.compile(r"(\d+(?:\.\d+)?) *(km/h|kmh|kph|mph)?")
_NO_NUMBER = frozenset({"none", "signals", "variable", "walk", "unposted"})
KM_PER_MILE = 1.609344
MILESTONE_M = 40.0


def load(context: JobContext, path: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Take an extract in.

    Raises:
        Invalid: of the file as a whole: `osm.cut_short`, `osm.unreadable`, `osm.empty`, `roads.no_roads`,
            `roads.looks_gcj02`, `roads.bad_option`.
    """
    wanted, report = Options.read(options), Report()
    context.progress(0.02, "roads.loading.reading")
    extract = osm.read(path, ways=("highway",), nodes=("highway",), relations=("route",))
    context.check()
    ways = [way for way, tags in enumerate(extract.way_tags) if tags.get("highway") in CLASSES]
    if not ways:
        raise Invalid("roads.no_roads", file=path.name)
    if extract.incomplete:
        params = {"count": len(extract.incomplete)}
        report.flag("links", Problem("roads.cut_ways", params=params), len(extract.incomplete))
    lines = {way: shifted(extract.line(way), wanted.datum) for way in ways}
    refuse_unlabelled(context, list(lines.values()), wanted.datum)
    links = [link for way in ways if (link := _link(extract, way, lines[way], report))]
    context.progress(0.2, "roads.loading.joining")
    routes = list(_routes(context, extract, lines, wanted, report))
    made = Network(
        path.name, "osm", digest_of(path), tuple(links), tuple(routes), region=wanted.region, made_ms=extract.made_ms
    )
    return take(context, report, made)


def _link(extract: Extract, way: int, line: Floats, report: Report) -> NewLink | None:
    tags, origin = extract.way_tags[way], f"way/{extract.way_id[way]}"
    try:
        geometry = check(shapely.LineString(line), field=origin)
    except Invalid as error:
        report.refuse("links", Problem(error.problems[0].code, origin, params=error.problems[0].params))
        return None
    ahead, back = _limits(tags, origin, report)
    oneway = _oneway(tags)
    if oneway < 0:
        geometry, ahead, back = check(geometry.shape.reverse()), back or ahead, ahead
    return NewLink(
        origin=origin,
        road_class=CLASSES[tags["highway"]].value,
        geometry=geometry,
        number=(tags.get("ref") or "")[:60] or None,
        name=(tags.get("name") or "")[:200] or None,
        oneway=oneway != 0,
        limit_kmh=ahead,
        limit_back_kmh=None if oneway else back,
        lanes=_lanes(tags),
        bridge=tags.get("bridge", "no") != "no",
        tunnel=tags.get("tunnel", "no") != "no",
        toll=tags.get("toll", "no") != "no",
    )


def _oneway(tags: Tags) -> int:
    """1 in the order of the points, -1 against it, 0 both ways (wiki: Key:oneway; motorways and roundabouts imply
    it)."""
    given = tags.get("oneway", "")
    if given in ("yes", "true", "1"):
        return 1
    if given in ("-1", "reverse"):
        return -1
    implied = tags.get("junction") in ("roundabout", "circular") or tags.get("highway") == "motorway"
    return 1 if implied and given not in ("no", "false", "0") else 0


def _limits(tags: Tags, origin: str, report: Report) -> tuple[float | None, float | None]:
    """Posted limits in both directions in km/h; what is not a number is no limit, and is named where it is no known
    word."""

    def one(key: str) -> float | None:
        given = tags.get(key)
        if given is None:
            return None
        found = _SPEED.fullmatch(given.strip())
        if found:
            kmh = float(found[1]) * (KM_PER_MILE if found[2] == "mph" else 1.0)
            if 0 < kmh <= 150:
                return round(kmh, 1)
        if given not in _NO_NUMBER and ":" not in given:
            report.flag("limits", Problem("roads.bad_limit", origin, params={"value": given[:40]}))
        return None

    both = one("maxspeed")
    ahead, back = one("maxspeed:forward"), one("maxspeed:backward")
    return ahead if ahead is not None else both, back if back is not None else both


def _lanes(tags: Tags) -> int | None:
    given = tags.get("lanes", "")
    return int(given) if given.isdigit() and 0 < int(given) <= 16 else None


def _routes(
    context: JobContext, extract: Extract, lines: dict[int, Floats], options: Options, report: Report
) -> Iterator[NewRoute]:
    regions = regions_of(context)
    stones = _milestones(extract, options)
    for number, ways in sorted(_numbered(extract, lines).items()):
        context.check()
        pieces = [_piece(lines[way], _oneway(extract.way_tags[way])) for way in ways]
        joined = join(pieces)
        longest = max(joined, key=lambda line: line.length_m)
        region = region_of(number, longest.points[len(longest.points) // 2], options, regions)
        if region is None:
            report.refuse("routes", Problem("roads.region_needed", "region", params={"number": number}))
            continue
        tags = [extract.way_tags[way] for way in ways]
        name = next((one["name"] for one in tags if one.get("name")), number)
        best = min((CLASSES[one["highway"]] for one in tags), key=_RANK.index)
        made = tuple(_line(line, number, stones, report) for line in joined)
        yield NewRoute(number, region, name[:120], best.value, made)


def _piece(line: Floats, oneway: int) -> Piece:
    return Piece(line[::-1] if oneway < 0 else line, oneway != 0)


def _numbered(extract: Extract, lines: dict[int, Floats]) -> dict[str, list[int]]:
    """Ways of each number: by their own `ref`, and by that of the road routes they are members of."""
    found: dict[str, dict[int, None]] = {}
    place = {int(way_id): way for way, way_id in enumerate(extract.way_id)}
    for way in lines:
        for number in _numbers(extract.way_tags[way]):
            found.setdefault(number, {})[way] = None
    for relation in extract.relations:
        if relation.tags.get("route") != "road":
            continue
        for number in _numbers(relation.tags):
            for member in relation.members:
                way = place.get(member.id, -1) if member.kind == "way" else -1
                if way in lines:
                    found.setdefault(number, {})[way] = None
    return {number: list(ways) for number, ways in found.items()}


def _numbers(tags: Tags) -> list[str]:
    """Numbers of a `ref`; several are separated by semicolons (wiki: Key:ref). Text without a digit is no number."""
    parts = (part.strip() for part in (tags.get("ref") or "").split(";"))
    return [normal_number(part) for part in parts if any(char.isdigit() for char in part) and len(part) <= 20]


def _milestones(extract: Extract, options: Options) -> list[tuple[str, float, Floats]]:
    """Number (empty if not said), stake in metres and place of the kilometre stones (wiki: highway=milestone)."""
    made = []
    for node, tags in extract.node_tags.items():
        if tags.get("highway") != "milestone":
            continue
        found = re.fullmatch(r"(\d{1,4}(?:[.,]\d{1,3})?)(?: *km)?", tags.get("distance") or tags.get("pk") or "")
        if found:
            at = np.array([[extract.node_lon[node], extract.node_lat[node]]])
            number = normal_number(tags["ref"]) if tags.get("ref") else ""
            made.append((number, float(found[1].replace(",", ".")) * 1000, shifted(at, options.datum)[0]))
    return made


def _line(line: Joined, number: str, stones: list[tuple[str, float, Floats]], report: Report) -> NewLine:
    """A line with the milestones that stand on it; it is turned where they fall."""
    mine = [(stake, at) for of, stake, at in stones if of in ("", number)]
    points, marks = line.points, _marks(line.points, mine)
    if len(marks) > 1 and sum(b.back_m < a.back_m for a, b in pairwise(marks)) * 2 > len(marks) - 1:
        points = points[::-1]
        marks = _marks(points, mine)
    kept = rising(marks)
    if len(kept) < len(marks):
        report.flag("stakes", Problem("roads.stones_fall", params={"number": number, "count": len(marks) - len(kept)}))
    turned = line.direction if points is line.points or line.direction == "both" else _OTHER[line.direction]
    return NewLine(check(shapely.LineString(points)), turned, "", kept)


_OTHER: dict[str, Any] = {"up": "down", "down": "up"}


def _marks(points: Floats, stones: list[tuple[float, Floats]]) -> list[Mark]:
    if not stones:
        return []
    at = np.array([place for _, place in stones])
    feet = geolines.nearest(geolines.pack([points]), at[:, 0], at[:, 1], reach_m=MILESTONE_M)
    made = [
        plain(float(way), stake, "milestone")
        for (stake, _), way, found in zip(stones, feet.along_m, feet.line, strict=True)
        if found >= 0
    ]
    return sorted(made, key=lambda mark: mark.along_m)
