"""Whole files of roads: what they are recognised by. What reads them is loaded with the first file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tongqu.kernel.imports import Loader
from tongqu.kernel.imports.files.recognise import members

if TYPE_CHECKING:
    from tongqu.kernel.jobs import JobContext

EDIT = "roads.edit"
_SHAPEFILE = (9994).to_bytes(4, "big")
_SQLITE = b"SQLite format 3\x00"
_GPKG_AT = slice(68, 72)
"""Where SQLite keeps the id of the application that wrote it; a GeoPackage has GPKG, GP10 or GP11 there (OGC
12-128r19)."""


def is_osm(path: Path, head: bytes) -> float:
    """A pbf begins with a block header of the type OSMHeader; XML names its root."""
    if b"OSMHeader" in head[:64]:
        return 0.9
    return 0.85 if b"<osm" in head[:2_000] else 0.3 if path.name.endswith(".osm.pbf") else 0.0


def is_shapefile(path: Path, head: bytes) -> float:
    """By its file code, or an archive in which one lies."""
    if head.startswith(_SHAPEFILE):
        return 0.8
    if not head.startswith(b"PK\x03\x04"):
        return 0.0
    return 0.8 if any(name.lower().endswith((".shp", ".dbf")) for name in members(path)) else 0.0


def is_geopackage(path: Path, head: bytes) -> float:
    """By the application id in the header of the SQLite file."""
    if not head.startswith(_SQLITE):
        return 0.0
    return 0.85 if head[_GPKG_AT][:2] == b"GP" else 0.5 if path.suffix.lower() == ".gpkg" else 0.0


def _load_osm(context: JobContext, path: Path, options: dict[str, Any]) -> dict[str, Any]:
    from tongqu.domains.roads.loaders import osm

    return osm.load(context, path, options)


def _load_shapefile(context: JobContext, path: Path, options: dict[str, Any]) -> dict[str, Any]:
    from tongqu.domains.roads.loaders import vector

    return vector.load_shapefile(context, path, options)


def _load_geopackage(context: JobContext, path: Path, options: dict[str, Any]) -> dict[str, Any]:
    from tongqu.domains.roads.loaders import vector

    return vector.load_geopackage(context, path, options)


LOADERS = (
    Loader("roads.osm", is_osm, _load_osm, permission=EDIT, suffixes=(".osm.pbf", ".pbf", ".osm")),
    Loader("roads.shapefile", is_shapefile, _load_shapefile, permission=EDIT, suffixes=(".zip", ".shp")),
    Loader("roads.geopackage", is_geopackage, _load_geopackage, permission=EDIT, suffixes=(".gpkg",)),
)
