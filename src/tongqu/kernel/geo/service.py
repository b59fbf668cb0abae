"""Verbs of geo: the shapes of regions in time."""

from __future__ import annotations

from dataclasses import dataclass

from tongqu.kernel import audit, identity
from tongqu.kernel.geo.geometry import Geometry
from tongqu.kernel.geo.store import regions as store
from tongqu.kernel.store import Work
from tongqu.kit.errors import Invalid, NotFound
from tongqu.kit.ids import urn
from tongqu.kit.regions import RegionCode, parse_region

EDIT = "identity.regions"
AREAS = frozenset({"Polygon", "MultiPolygon"})
EQUATOR_DEG = 360.0
TILE_PIXELS = 512


@dataclass(frozen=True)
class RegionShape:
    """The shape of a region for a time.

    Attributes:
        code: prefix code of the region.
        geometry: its area.
        valid_from_ms, valid_to_ms: for which instants; open at the end when None.
        version: of the change that last touched it; grows over all shapes.
    """

    code: str
    geometry: Geometry
    valid_from_ms: int
    valid_to_ms: int | None
    version: int


def put_region_shape(work: Work, code: str, geometry: Geometry, *, valid_from_ms: int = 0) -> None:
    """Give a region its shape from a moment on; a shape that was valid then ends there.

    Raises:
        Forbidden: `identity.not_here`: the actor may not change regions there.
        Invalid: `geo.not_an_area`, or `geo.bad_region` for what is no region code.
    """
    region = _may_edit(work, code)
    if geometry.shape.geom_type not in AREAS:
        raise Invalid("geo.not_an_area", field="geometry", type=geometry.shape.geom_type)
    row = {
        "code": region,
        **geometry.as_columns(),
        "valid_from_ms": valid_from_ms,
        "valid_to_ms": None,
        "version": store.version(work) + 1,
    }
    store.put_shape(work, row)
    audit.record(work, "geo.put_region_shape", urn("region", region), region=region, valid_from_ms=valid_from_ms)


def end_region_shape(work: Work, code: str, *, at_ms: int) -> None:
    """Let the shape of a region end: it was merged into another or abolished.

    Raises:
        Forbidden: `identity.not_here`.
        NotFound: `geo.no_shape`: none was valid at that moment.
    """
    region = _may_edit(work, code)
    if not store.end_shape(work, region, at_ms, store.version(work) + 1):
        raise NotFound("geo.no_shape", field="code", region=code)
    audit.record(work, "geo.end_region_shape", urn("region", region), region=region, at_ms=at_ms)


def region_shape(work: Work, code: str, *, at_ms: int | None = None) -> RegionShape:
    """The shape of a region at a moment, now by default.

    Raises:
        NotFound: `geo.no_shape`.
        Invalid: `geo.bad_region`.
    """
    row = store.shape_at(work, _code(code), work.now_ms if at_ms is None else at_ms)
    if row is None:
        raise NotFound("geo.no_shape", field="code", region=code)
    return RegionShape(row["code"], Geometry.of_columns(row), row["valid_from_ms"], row["valid_to_ms"], row["version"])


def tolerance_deg(zoom: float) -> float:
    """Half a pixel of a web map at a zoom (tiles of 512 pixels), in degrees of longitude."""
    return EQUATOR_DEG / TILE_PIXELS / 2**zoom / 2


def _may_edit(work: Work, code: str) -> RegionCode:
    region = _code(code)
    identity.require(work, EDIT, None, region)
    return region


def _code(code: str) -> RegionCode:
    try:
        return parse_region(code)
    except ValueError as error:
        raise Invalid("geo.bad_region", field="code", region=code) from error
