"""Routes of roads, below `/roads`: routes with calibration, what lies along them, facilities, sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Header, Query
from starlette.responses import Response

from tongqu.domains.roads import schemas, store
from tongqu.domains.roads.importers import route_of
from tongqu.domains.roads.service import facilities, routes
from tongqu.domains.roads.store import Row
from tongqu.domains.roads.values import NewFacility
from tongqu.kernel import geo
from tongqu.kernel.geo import Locator, Mark, Route, RouteLine, View, format_stake, parse_place, parse_stake, view_of
from tongqu.kernel.web import Caller, ListQuery, as_list, json_response, needs, require_match, tagged
from tongqu.kit.errors import Invalid, Problem
from tongqu.kit.geometry import geolines
from tongqu.kit.ids import urn

IfMatch = Annotated[str | None, Header(alias="If-Match")]
READ, EDIT = "roads.read", "roads.edit"
NEAR_LINE_M = 500.0
MOST_ALONG = 2_000


def router() -> APIRouter:
    """All routes of the domain."""
    api = APIRouter(prefix="/roads", tags=["roads"])
    _routes(api)
    _facilities(api)
    _sources(api)
    return api


def _routes(api: APIRouter) -> None:
    @api.get("/routes")
    def list_routes(query: ListQuery, caller: Caller = needs(READ)) -> Response:
        """Routes; `q` finds part of a number or name."""
        view = caller.platform.service(Locator).view()
        with caller.read() as work:
            page = geo.listed_routes(work, query)
            items = [_route(geo.route(work, row["id"]), view, geo.lines_of(work, row["id"])) for row in page.items]
        return json_response(as_list(page) | {"items": items})

    @api.get("/routes/{route_id}")
    def get_route(route_id: int, at_ms: int | None = None, caller: Caller = needs(READ)) -> schemas.RouteOut:
        """A route with its lines, marks and broken chains, as they are or were at a moment."""
        with caller.read() as work:
            route = geo.route(work, route_id)
            lines = geo.lines_of(work, route_id, at_ms=at_ms)
            view = view_of(work, route_id) if at_ms is None else caller.platform.service(Locator).view(at_ms)
        row = _route(route, view, lines)
        return schemas.RouteOut(**row, lines=[_line(view, line) for line in lines])

    @api.get("/routes/{route_id}/shape")
    def shape_of_route(
        route_id: int,
        zoom: Annotated[float, Query(ge=0, le=22, description="web map zoom the lines are drawn at")] = 11,
        caller: Caller = needs(READ),
    ) -> Response:
        """The lines of a route as GeoJSON, generalised to half a pixel of the zoom."""
        with caller.read() as work:
            geo.route(work, route_id)
            lines = geo.lines_of(work, route_id)
        features = [
            {
                "type": "Feature",
                "geometry": line.geometry.as_geojson(geo.tolerance_deg(zoom)),
                "properties": {"line": line.id, "direction": line.direction, "prefix": line.prefix},
            }
            for line in lines
        ]
        return json_response({"type": "FeatureCollection", "features": features})

    @api.get("/routes/{route_id}/along")
    def along_route(
        route_id: int,
        from_m: Annotated[float | None, Query(ge=0)] = None,
        to_m: Annotated[float | None, Query(ge=0)] = None,
        caller: Caller = needs(READ),
    ) -> schemas.AlongOut:
        """What lies along a route by stake, or along a stretch of it."""
        with caller.read() as work:
            geo.route(work, route_id)
            rows = store.facilities_along(work, route_id, from_m, to_m, MOST_ALONG)
        items = [schemas.FacilityRow(**_facility(row)) for row in rows]
        return schemas.AlongOut(items=items, total=len(items))

    @api.put("/routes/{route_id}/lines/{line_id}/marks")
    def calibrate(route_id: int, line_id: int, form: schemas.Calibration, caller: Caller = needs(EDIT)) -> schemas.Odd:
        """Give a line its marks from a moment on; answers with what is odd about them."""
        with caller.write() as work:
            line = next((one for one in geo.lines_of(work, route_id) if one.id == line_id), None)
            marks = [] if line is None else _marks(line, form.marks)
            start = work.now_ms if form.valid_from_ms is None else form.valid_from_ms
            odd = routes.calibrate(work, route_id, line_id, marks, valid_from_ms=start)
        caller.platform.service(Locator).refresh()
        return schemas.Odd(problems=[problem.as_dict() for problem in odd])


def _facilities(api: APIRouter) -> None:
    @api.get("/facilities")
    def list_facilities(query: ListQuery, caller: Caller = needs(READ)) -> Response:
        """Facilities; `q` finds part of a name, a code or a stake with its route."""
        with caller.read() as work:
            page = store.listed_facilities(work, query)
        return json_response(as_list(page) | {"items": [_facility(row) for row in page.items]})

    @api.post("/facilities", status_code=201)
    def register_facility(form: schemas.FacilityForm, caller: Caller = needs(EDIT)) -> Response:
        places = facilities.Places.of(caller.platform)
        with caller.write() as work:
            row = facilities.register(work, places, NewFacility(**_placed(work, form.model_dump(exclude_none=True))))
        return tagged(_facility(row), 201)

    @api.get("/facilities/{facility_id}")
    def get_facility(facility_id: str, caller: Caller = needs(READ)) -> Response:
        with caller.read() as work:
            return tagged(_facility(facilities.get(work, facility_id)))

    @api.patch("/facilities/{facility_id}")
    def amend_facility(
        facility_id: str, form: schemas.FacilityEdit, if_match: IfMatch = None, caller: Caller = needs(EDIT)
    ) -> Response:
        places = facilities.Places.of(caller.platform)
        with caller.write() as work:
            old = facilities.get(work, facility_id)
            require_match(if_match, _facility(old))
            sent = form.model_dump(exclude_unset=True)
            given = {name: value for name, value in sent.items() if value is not None or name in ("end_stake", "code")}
            if "end_stake" in given:
                end = given.pop("end_stake")
                given["end_stake_m"] = None if end is None else parse_stake(end).stake_m
            if "stake" in given:
                read = parse_place(given.pop("stake")).stake
                given |= {"stake_m": read.stake_m, "prefix": read.prefix, "branch": read.branch}
            row = facilities.amend(work, places, facility_id, **given)
        return tagged(_facility(row))

    @api.post("/facilities/{facility_id}/retire")
    def retire_facility(facility_id: str, if_match: IfMatch = None, caller: Caller = needs(EDIT)) -> Response:
        with caller.write() as work:
            require_match(if_match, _facility(facilities.get(work, facility_id)))
            return tagged(_facility(facilities.retire(work, facility_id)))


def _sources(api: APIRouter) -> None:
    @api.get("/sources")
    def list_sources(query: ListQuery, caller: Caller = needs(READ)) -> Response:
        """The files that the network was taken from."""
        with caller.read() as work:
            page = store.listed_sources(work, query)
        items = [{name: row[name] for name in schemas.SourceRow.model_fields} for row in page.items]
        return json_response(as_list(page) | {"items": items})

    @api.get("/network")
    def network(caller: Caller = needs(READ)) -> Response:
        """Number and length of the links of each class."""
        with caller.read() as work:
            found = store.links_of_class(work)
        items = [{"road_class": one, "links": n, "length_km": round(m / 1000, 1)} for one, (n, m) in found.items()]
        return json_response({"items": items})


def _route(route: Route, view: View, lines: Sequence[RouteLine]) -> Row:
    low, high = _range(view, route.id)
    whole = sum(line.length_m for line in lines if line.direction != "down")
    return {
        "id": route.id,
        "urn": urn("route", route.id),
        "number": route.number,
        "name": route.name,
        "name_en": route.name_en,
        "road_class": route.road_class,
        "region": route.region,
        "first_stake": None if low is None else format_stake(low),
        "last_stake": None if high is None else format_stake(high),
        "length_km": round(whole / 1000, 3),
        "calibrated": low is not None,
        "source": route.source,
    }


def _range(view: View, route: int, line: int | None = None) -> tuple[float | None, float | None]:
    """First and last stake of a route, or of one of its lines."""
    index = view.index
    if index is None:
        return None, None
    lines = [
        number
        for number in range(len(index.lines))
        if index.tracks[index.line_track[number]][0] == route and line in (None, int(index.ids[number]))
    ]
    if not lines:
        return None, None
    spans = [slice(index.span_start[number], index.span_start[number + 1]) for number in lines]
    low = min(float(index.span_low[span].min()) for span in spans)
    return low, max(float(index.span_high[span].max()) for span in spans)


def _line(view: View, line: RouteLine) -> schemas.LineOut:
    points = geo.routes.line_points(line.geometry)
    along = geolines.lengths_m(points[:, 0], points[:, 1])
    marks = [_mark(mark, along, points) for mark in line.marks]
    low, high = _range(view, line.route, line.id)
    return schemas.LineOut(
        id=line.id,
        direction=line.direction,
        prefix=line.prefix,
        part=line.part,
        length_m=round(line.length_m, 1),
        first_stake=None if low is None else format_stake(low, line.prefix),
        last_stake=None if high is None else format_stake(high, line.prefix),
        valid_from_ms=line.valid_from_ms,
        bbox=line.geometry.bounds,
        marks=marks,
        chains=[mark for mark in marks if mark.chain],
    )


def _mark(mark: Mark, along: np.ndarray[Any, Any], points: np.ndarray[Any, Any]) -> schemas.MarkOut:
    return schemas.MarkOut(
        along_m=round(mark.along_m, 2),
        back=format_stake(mark.back_m),
        ahead=format_stake(mark.ahead_m),
        back_m=mark.back_m,
        ahead_m=mark.ahead_m,
        chain=mark.chain,
        source=mark.source,
        lon=round(float(np.interp(mark.along_m, along, points[:, 0])), 7),
        lat=round(float(np.interp(mark.along_m, along, points[:, 1])), 7),
    )


def _marks(line: RouteLine, given: Sequence[schemas.MarkIn]) -> list[Mark]:
    """Marks as they were sent, placed on their line.

    Raises:
        Invalid: `roads.mark_without_place`, `roads.mark_far_off`, with the row.
    """
    packed = geolines.pack([geo.routes.line_points(line.geometry)])
    made, wrong = [], []
    for row, one in enumerate(given, 1):
        along = one.along_m
        if along is None and one.lon is not None and one.lat is not None:
            feet = geolines.nearest(packed, np.array([one.lon]), np.array([one.lat]), reach_m=NEAR_LINE_M)
            if feet.line[0] < 0:
                wrong.append(Problem("roads.mark_far_off", "marks", row, {"stake": one.stake, "within_m": NEAR_LINE_M}))
                continue
            along = float(feet.along_m[0])
        if along is None:
            wrong.append(Problem("roads.mark_without_place", "marks", row, {"stake": one.stake}))
            continue
        back = parse_stake(one.stake).stake_m
        made.append(Mark(along, back, back if one.ahead is None else parse_stake(one.ahead).stake_m))
    if wrong:
        raise Invalid("geo.bad_calibration", field="marks", problems=wrong)
    return made


def _placed(work: Any, sent: dict[str, Any]) -> dict[str, Any]:
    """What a form sent, with the route's key and metres in place of what people write."""
    read = parse_place(sent.pop("stake"))
    route = route_of(work, geo.normal_number(sent.pop("number")), sent.pop("route_region", None))
    end = sent.pop("end_stake", None)
    sent.setdefault("direction", read.direction or "both")
    return sent | {
        "kind": str(sent["kind"]),
        "route": route.id,
        "stake_m": read.stake.stake_m,
        "prefix": read.stake.prefix,
        "branch": read.stake.branch,
        "end_stake_m": None if end is None else parse_stake(end).stake_m,
    }


def _facility(row: Row) -> Row:
    end = row["end_stake_m"]
    shown = {
        "stake": format_stake(row["stake_m"], row["prefix"], row["branch"]),
        "end_stake": None if end is None else format_stake(end, row["prefix"]),
    }
    return {name: shown[name] if name in shown else row[name] for name in schemas.FacilityRow.model_fields}
