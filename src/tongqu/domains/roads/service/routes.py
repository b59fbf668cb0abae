"""Routes as their keepers change them: calibration, and what follows from it on the map and along the road."""

from __future__ import annotations

from collections.abc import Sequence

from tongqu.domains.roads import events, layers
from tongqu.domains.roads.service import facilities
from tongqu.kernel import events as log
from tongqu.kernel import geo, identity
from tongqu.kernel.geo import Mark, NewLine, Route, View
from tongqu.kernel.store import Work
from tongqu.kit.errors import NotFound, Problem
from tongqu.kit.ids import urn

EDIT = "roads.edit"


def calibrate(work: Work, route_id: int, line_id: int, marks: Sequence[Mark], *, valid_from_ms: int) -> list[Problem]:
    """Give a line of a route its marks from a moment on; gives what is odd about them.

    Raises:
        NotFound: `geo.unknown_route`, `geo.unknown_line`.
        Forbidden: `identity.not_here`.
        Invalid: `geo.bad_calibration`.
    """
    route = geo.route(work, route_id)
    identity.require(work, EDIT, None, route.region)
    if line_id not in {line.id for line in geo.lines_of(work, route_id)}:
        raise NotFound("geo.unknown_line", line=line_id)
    before = geo.view_of(work, route_id)
    odd = geo.put_marks(work, line_id, marks, valid_from_ms=valid_from_ms)
    _follow(work, route, before)
    return odd


def put_lines(work: Work, route: Route, lines: Sequence[NewLine], *, valid_from_ms: int = 0) -> list[Problem]:
    """Give a route its lines from a moment on; raises as `calibrate`."""
    identity.require(work, EDIT, None, route.region)
    before = geo.view_of(work, route.id)
    odd = geo.put_lines(work, route.id, lines, valid_from_ms=valid_from_ms)
    _follow(work, route, before)
    return odd


def _follow(work: Work, route: Route, before: View) -> None:
    after = geo.view_of(work, route.id)
    layers.draw_stakes(work, before, after)
    lost = facilities.place_again(work, after)
    number = work.now_ms
    log.record(
        work,
        events.ROUTE_CALIBRATED,
        subject=urn("route", route.id),
        occurred_at_ms=number,
        source="roads",
        key=f"{route.id}:{number}",
        payload={"region": route.region, "number": route.number, "facilities_without_place": lost},
    )
