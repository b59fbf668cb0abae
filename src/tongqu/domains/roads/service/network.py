"""The network of a source: links and routes taken in, whole or not at all; what an older file of that name gave is
replaced.

Links go in by parts under a source that does not count yet. One unit of work then makes the routes and lets the source
count; until it is done nothing has changed, and what an interrupted run left is cleared by the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np
import shapely

from tongqu.domains.roads import events, layers, store
from tongqu.domains.roads.service import routes
from tongqu.domains.roads.values import Network, NewLink, NewRoute
from tongqu.kernel import audit, geo, identity
from tongqu.kernel import events as log
from tongqu.kernel.geo import Mark, NewLine, RouteLine
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor, Work
from tongqu.kit.errors import Problem
from tongqu.kit.geometry import geolines
from tongqu.kit.ids import urn

AT_ONCE = 500
NEAR_M = 60.0
"""A mark moves to a new line of its route if that passes its place within this distance."""

Progress = Callable[[float], None]


def take(platform: Platform, actor: Actor, network: Network, progress: Progress = lambda _: None) -> list[Problem]:
    """Take a network in; gives what is odd about it.

    Raises:
        Forbidden: `identity.not_here`: the actor may not edit in a region of a route.
        Invalid: `geo.bad_calibration`; nothing has changed then.
    """
    with platform.store.read(actor) as work:
        for region in {route.region for route in network.routes} | ({network.region} if network.region else set()):
            identity.require(work, routes.EDIT, None, region)
    clear(platform, actor, network.name)
    source = _begin(platform, actor, network)
    for first in range(0, len(network.links), AT_ONCE):
        with platform.store.write(actor) as work:
            store.add_links(work, [_link_row(source, link) for link in network.links[first : first + AT_ONCE]])
        progress(0.9 * (first + AT_ONCE) / max(len(network.links), 1))
    with platform.store.write(actor) as work:
        odd = [problem for route in network.routes for problem in _put_route(work, route, network.name)]
        older = [row["id"] for row in store.sources(work, name=network.name, active=True)]
        for row_id in older:
            store.change_source(work, row_id, {"active": False})
        store.change_source(work, source, {"active": True})
        _write_down(work, network, source)
    drawn = {link.origin for link in network.links}
    if network.drawn:
        for first in range(0, len(network.links), AT_ONCE):
            with platform.store.write(actor) as work:
                layers.draw_links(work, network.name, network.links[first : first + AT_ONCE])
    clear(platform, actor, network.name, keep=drawn)
    progress(1.0)
    return odd


def clear(platform: Platform, actor: Actor, name: str, *, keep: Collection[str] = ()) -> None:
    """Delete the links of sources of a name that do not count, and erase what of them is not drawn anew."""
    with platform.store.read(actor) as work:
        gone = [row["id"] for row in store.sources(work, name=name, active=False)]
    for source in gone:
        while True:
            with platform.store.write(actor) as work:
                origins = store.origins(work, source, AT_ONCE)
                layers.erase_links(work, name, [origin for origin in origins if keep and origin not in keep])
                if store.drop_links(work, source, AT_ONCE) < AT_ONCE:
                    store.drop_source(work, source)
                    break


def carried(old: Sequence[RouteLine], line: NewLine) -> tuple[Mark, ...]:
    """Marks of a route's old lines that a new line without marks of its own passes by: its calibration outlives the
    drawing of it. A broken chain keeps both its stakes."""
    if line.marks:
        return line.marks
    points = geo.routes.line_points(line.geometry)
    packed = geolines.pack([points])
    moved = []
    for before in old:
        if before.prefix != line.prefix or not _one_way(before.direction, line.direction) or not before.marks:
            continue
        its = geo.routes.line_points(before.geometry)
        along = geolines.lengths_m(its[:, 0], its[:, 1])
        at = [mark.along_m for mark in before.marks]
        feet = geolines.nearest(
            packed, np.interp(at, along, its[:, 0]), np.interp(at, along, its[:, 1]), reach_m=NEAR_M
        )
        moved += [
            Mark(float(way), mark.back_m, mark.ahead_m, mark.source)
            for mark, way, found in zip(before.marks, feet.along_m, feet.line, strict=True)
            if found >= 0
        ]
    return rising(moved)


def _one_way(old: str, new: str) -> bool:
    return old == new or "both" in (old, new)


def rising(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Those of some marks that rise along the line; one of two that came to lie together is enough."""
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: mark.along_m):
        if not kept or (mark.along_m - kept[-1].along_m > 1.0 and mark.back_m > kept[-1].ahead_m):
            kept.append(mark)
    return tuple(kept)


def _begin(platform: Platform, actor: Actor, network: Network) -> int:
    with platform.store.write(actor) as work:
        return store.add_source(
            work,
            {
                "name": network.name,
                "kind": network.kind,
                "region": network.region,
                "digest": network.digest,
                "made_ms": network.made_ms,
                "taken_ms": work.now_ms,
                "active": False,
                "links": len(network.links),
                "routes": len(network.routes),
            },
        )


def _put_route(work: Work, new: NewRoute, source: str) -> list[Problem]:
    known = geo.find_routes(work, new.number, new.region)
    route = known[0] if known else geo.add_route(
        work, new.number, new.region, new.name, road_class=new.road_class, source=source, name_en=new.name_en
    )  # fmt: skip
    old = geo.lines_of(work, route.id) if known else []
    if known:
        geo.amend_route(work, route.id, name=new.name, road_class=new.road_class, source=source)
    lines = [NewLine(line.geometry, line.direction, line.prefix, carried(old, line)) for line in new.lines]
    odd = routes.put_lines(work, route, lines, valid_from_ms=work.now_ms if old else 0)
    if not any(line.marks for line in lines):
        odd.append(Problem("roads.no_stakes", "stake", params={"number": new.number, "region": new.region}))
    return odd


def _link_row(source: int, link: NewLink) -> store.Row:
    xy = shapely.get_coordinates(link.geometry.shape)
    return {
        "source": source,
        "origin": link.origin,
        "road_class": link.road_class,
        "number": link.number,
        "name": link.name,
        "oneway": link.oneway,
        "limit_kmh": link.limit_kmh,
        "limit_back_kmh": link.limit_back_kmh,
        "lanes": link.lanes,
        "bridge": link.bridge,
        "tunnel": link.tunnel,
        "toll": link.toll,
        "length_m": float(geolines.lengths_m(xy[:, 0], xy[:, 1])[-1]),
        **link.geometry.as_columns(),
    }


def _write_down(work: Work, network: Network, source: int) -> None:
    facts = {"name": network.name, "links": len(network.links), "routes": len(network.routes)}
    log.record(
        work,
        events.NETWORK_LOADED,
        subject=urn("road_source", source),
        occurred_at_ms=work.now_ms,
        source="roads",
        key=str(source),
        payload={"region": network.region, **facts},
    )
    audit.record(work, "roads.load_network", urn("road_source", source), region=network.region, **facts)
