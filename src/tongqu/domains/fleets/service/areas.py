"""Areas for supervision: made and ended, never changed, so that each fix is judged by what held at its time."""

from __future__ import annotations

import secrets
from math import cos, radians
from typing import Any

import shapely

from tongqu.domains.fleets import events, store
from tongqu.domains.fleets.layers import AREAS
from tongqu.domains.fleets.service import common
from tongqu.domains.fleets.store import Row
from tongqu.domains.fleets.tables import AREA, VEHICLE, AreaKind
from tongqu.domains.fleets.values import NewArea
from tongqu.kernel import audit, identity, layers
from tongqu.kernel import events as facts
from tongqu.kernel.geo import Geometry, read_geojson
from tongqu.kernel.layers import Feature
from tongqu.kernel.store import Work
from tongqu.kit.errors import Invalid, Refused

AHEAD_MS = 5_000
"""An area holds from so long after it was made: rules know it by then, so live and replay judge alike."""
_M_PER_DEGREE = 111_195.0
_NAMED = (AreaKind.KEEP_IN.value, AreaKind.CORRIDOR.value)


def make(work: Work, new: NewArea) -> Row:
    """A new area.

    Raises:
        Invalid: `geo.bad_geometry`, or `fleets.area_lacks` with the field that its kind needs.
        Forbidden: `identity.not_here`.
        NotFound: `fleets.unknown_vehicle`: one of its vehicles is none that the actor may see.
    """
    region = identity.region_code(new.region)
    common.require_edit(work, [(new.organisation, region)])
    corridor = new.kind == AreaKind.CORRIDOR
    types = frozenset({"LineString"}) if corridor else frozenset({"Polygon", "MultiPolygon"})
    geometry = read_geojson(new.geometry, types=types)
    _complete(new)
    for urn in new.vehicles:
        common.found(work, VEHICLE, urn.rpartition(":")[2], "fleets.unknown_vehicle")
    begin = max(new.valid_from_ms or 0, work.now_ms + AHEAD_MS)
    if new.valid_to_ms is not None and new.valid_to_ms <= begin:
        raise Invalid("fleets.area_over", field="valid_to_ms")
    row = {
        "id": secrets.token_hex(8),
        "name": new.name,
        "kind": new.kind,
        "width_m": new.width_m if corridor else None,
        "limit_kmh": new.limit_kmh if new.kind == AreaKind.SPEED else None,
        "cause": new.cause,
        "categories": list(new.categories),
        "vehicles": list(new.vehicles),
        "organisation": new.organisation,
        "region": region,
        "valid_from_ms": begin,
        "valid_to_ms": new.valid_to_ms,
        "created_ms": work.now_ms,
        "revision": store.area_revision(work.as_system("fleets")) + 1,
        **geometry.as_columns(),
    }
    store.add(work, AREA, [row])
    _tell(work, events.AREA_MADE, row)
    layers.put(work, AREAS, [_feature(row)])
    return row


def get(work: Work, area_id: str) -> Row:
    """The area with an id.

    Raises:
        NotFound: `fleets.unknown_area`.
    """
    return common.found(work, AREA, area_id, "fleets.unknown_area")


def end(work: Work, area_id: str) -> Row:
    """End an area: it holds no longer from a few seconds from now on, and stays in the books.

    Raises:
        NotFound: `fleets.unknown_area`.
        Forbidden: `identity.not_here`.
        Refused: `fleets.area_ended`.
    """
    row = get(work, area_id)
    common.require_edit(work, [(row["organisation"], row["region"])])
    if row["valid_to_ms"] is not None and row["valid_to_ms"] <= work.now_ms + AHEAD_MS:
        raise Refused("fleets.area_ended", name=row["name"])
    changed = {
        "valid_to_ms": max(work.now_ms + AHEAD_MS, row["valid_from_ms"]),
        "revision": store.area_revision(work.as_system("fleets")) + 1,
    }
    store.change(work, AREA, area_id, changed)
    _tell(work, events.AREA_ENDED, row | changed)
    layers.remove(work, AREAS, [area_id])
    return row | changed


def shape_of(row: Row) -> Any:
    """The ground an area covers: of a corridor what lies within half its width of its line; degrees."""
    shape = Geometry.of_columns(row).shape
    if row["kind"] != AreaKind.CORRIDOR:
        return shape
    shrink = cos(radians((row["south"] + row["north"]) / 2))
    flat = shapely.transform(shape, lambda xy: xy * (shrink, 1.0))
    ground = flat.buffer(row["width_m"] / 2 / _M_PER_DEGREE, quad_segs=4)
    return shapely.transform(ground, lambda xy: xy / (shrink, 1.0))


def _complete(new: NewArea) -> None:
    needed: tuple[tuple[bool, str], ...] = (
        (new.kind == AreaKind.CORRIDOR and new.width_m is None, "width_m"),
        (new.kind == AreaKind.SPEED and new.limit_kmh is None, "limit_kmh"),
        (new.kind in _NAMED and not new.vehicles, "vehicles"),
    )
    for lacks, field in needed:
        if lacks:
            raise Invalid("fleets.area_lacks", field=field, name=field)


def _feature(row: Row) -> Feature:
    return Feature(
        id=row["id"],
        geometry=Geometry(shape_of(row)),
        kind=row["kind"],
        properties={"name": row["name"], "limit_kmh": row["limit_kmh"]},
        organisation=row["organisation"],
        region=row["region"],
        valid_from_ms=row["valid_from_ms"],
        valid_to_ms=row["valid_to_ms"],
    )


def _tell(work: Work, type_: Any, row: Row) -> None:
    subject = f"urn:tongqu:area:{row['id']}"
    owner = {"organisation": row["organisation"], "region": row["region"]}
    facts.record(
        work,
        type_,
        subject=subject,
        occurred_at_ms=work.now_ms,
        source=common.SOURCE,
        key=f"{row['id']}:{row['revision']}",
        payload={"name": row["name"], "kind": row["kind"], **owner},
    )
    audit.record(work, type_.id, subject, **owner, name=row["name"], kind=row["kind"])
