"""The streets that journeys are planned on: taken from an uploaded extract, and what is known of the network."""

from __future__ import annotations

import shutil
from typing import Any

from tongqu.domains.travel.service.network import Network
from tongqu.engines import streets
from tongqu.kernel import documents
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor
from tongqu.kit.errors import Unavailable


def use(platform: Platform, actor: Actor, document_id: str) -> dict[str, Any]:
    """Use an uploaded extract from now on; it is read first, so that what is broken changes nothing.

    Raises:
        NotFound: `documents.unknown`.
        Invalid: the codes of `protocols.osm.read`; `streets.no_streets`.
    """
    with platform.store.read(actor) as work:
        row = documents.get(work, document_id)
        source = documents.file_of(platform, row)
    network = platform.service(Network)
    folder = network.streets_folder
    folder.mkdir(parents=True, exist_ok=True)
    # the format is told by the name, and files of documents have none
    draft = folder / f"{row['sha256'][:16]}.draft.osm.pbf"
    try:
        shutil.copyfile(source, draft)
        graph = streets.read(draft)
        draft.replace(folder / f"{row['sha256'][:16]}.osm.pbf")
    finally:
        draft.unlink(missing_ok=True)
    network.refresh()
    return {"sha256": row["sha256"], "nodes": graph.nodes, "edges": graph.edges, "notes": graph.notes}


def told(network: Network) -> dict[str, Any]:
    """What journeys are planned on, for people and programs."""
    try:
        active = network.active()
    except Unavailable as waiting:
        return {"ready": False, "doing": network.state.doing or None, "percent": round(network.state.done * 100),
                "code": waiting.code, "detail": waiting.detail}  # fmt: skip
    planner = active.planner
    timetable, graph = planner.timetable.network, planner.streets.graph
    return {
        "ready": True,
        "version": active.version,
        "step_free": active.step_free is not None,
        "loaded_ms": active.loaded_ms,
        "took_s": round(active.took_s, 2),
        "zone": str(planner.timetable.zone),
        "first_day": str(timetable.first_day),
        "last_day": str(timetable.last_day),
        "feeds": list(timetable.feeds),
        "stops": len(timetable.stops),
        "stops_outside_streets": planner.placed.outside,
        "trips": len(timetable.trips),
        "stop_places": {
            "sources": [path.stem for path, _ in active.wanted.sites],
            "matched": len(active.sites),
            "stops": len({stop for stops in active.sites.values() for stop in stops}),
        },
        "walks": len(timetable.foot.to),
        "walks_by_beeline": int(timetable.foot.beeline.sum()),
        "streets": {"source": graph.source, "made_ms": graph.made_ms, "nodes": graph.nodes, "edges": graph.edges,
                    "bounds": list(graph.bounds), "notes": graph.notes},
        "notes": timetable.notes,
    }  # fmt: skip
