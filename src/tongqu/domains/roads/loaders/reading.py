"""Files of GIS programs read through GDAL (pyogrio), with texts in the encoding that they are really in.

A Shapefile keeps texts as bytes; its .cpg says how to read them, and is often wrong. So texts are taken as bytes:
what is valid UTF-8 beyond ASCII is UTF-8, whatever the .cpg says; else its encoding counts; else GB 18030 (GBK),
strictly.
"""

from __future__ import annotations

import codecs
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from tongqu.domains.roads.loaders.common import Options, Report
from tongqu.kit.errors import Invalid, Problem

_BYTES = "ISO-8859-1"  # each byte is one character: nothing is lost, and nothing decoded yet
_COMPANIONS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_LINES = frozenset({"LineString", "MultiLineString"})
MOST_UNPACKED = 2 << 30


@dataclass(frozen=True)
class Table:
    """Features: shapes in longitude and latitude, and their columns."""

    shapes: Any
    columns: dict[str, Any]

    def __len__(self) -> int:
        return len(self.shapes)

    def cell(self, row: int, column: str) -> Any:
        value = self.columns[column][row]
        return value.item() if isinstance(value, np.generic) else value


def read_geopackage(path: Path, options: Options, report: Report) -> Table:
    """The layer of a GeoPackage that the options name, else its first one of lines.

    Raises:
        Invalid: `roads.unreadable`, `roads.no_layer`.
    """
    try:
        layers = [(str(name), str(kind or "")) for name, kind in pyogrio.list_layers(path)]
    except pyogrio.errors.DataSourceError as error:
        raise Invalid("roads.unreadable", file=path.name, reason=str(error)) from error
    wanted = [name for name, kind in layers if name == options.layer or (not options.layer and _plain(kind) in _LINES)]
    if not wanted:
        names = "、".join(f"{name} ({kind})" for name, kind in layers)
        raise Invalid("roads.no_layer", file=path.name, layer=options.layer or "LineString", known=names)
    return _read(path, wanted[0], None, report, options)


def read_shapefile(path: Path, options: Options, report: Report) -> Table:
    """The Shapefile at a path, or the only one in an archive.

    Raises:
        Invalid: `roads.no_shapefile`, `roads.no_dbf`, `roads.no_shx`, `roads.unreadable`, `roads.no_prj`.
    """
    if path.suffix.lower() != ".zip" and not zipfile.is_zipfile(path):
        return _beside(path, options, report)
    with tempfile.TemporaryDirectory(prefix="tongqu-shp-") as folder:
        return _beside(_unpack(path, Path(folder)), options, report)


def _unpack(path: Path, folder: Path) -> Path:
    """Write the parts of the archive's Shapefile under names of ours; gives the .shp."""
    with zipfile.ZipFile(path) as archive:
        parts = [one for one in archive.infolist() if Path(one.filename).suffix.lower() in _COMPANIONS]
        stems = {str(Path(one.filename).with_suffix("")) for one in parts if one.filename.lower().endswith(".shp")}
        if len(stems) != 1:
            raise Invalid("roads.no_shapefile", file=path.name, count=len(stems))
        if sum(one.file_size for one in parts) > MOST_UNPACKED:
            raise Invalid("roads.unreadable", file=path.name, reason=f"> {MOST_UNPACKED >> 30} GB")
        for one in parts:
            if str(Path(one.filename).with_suffix("")) in stems:
                target = folder / f"roads{Path(one.filename).suffix.lower()}"
                with archive.open(one) as source, target.open("wb") as sink:
                    while block := source.read(1 << 20):
                        sink.write(block)
    return folder / "roads.shp"


def _beside(path: Path, options: Options, report: Report) -> Table:
    found = {one.suffix.lower(): one for one in path.parent.glob(f"{_globbed(path.stem)}.*")}
    for suffix, code in ((".dbf", "roads.no_dbf"), (".shx", "roads.no_shx")):
        if suffix not in found:
            raise Invalid(code, file=path.name)
    stated = options.encoding
    if stated is None and ".cpg" in found:
        stated = found[".cpg"].read_bytes()[:40].decode("ascii", "replace").strip()
        stated = f"cp{stated}" if stated.isdigit() else stated
        if _codec(stated) is None:
            report.flag("file", Problem("roads.bad_cpg", params={"encoding": stated}))
            stated = None
    return _read(path, None, stated or "", report, options)


def _globbed(stem: str) -> str:
    return "".join(f"[{char}]" if char in "*?[" else char for char in stem)


def _read(path: Path, layer: str | None, stated: str | None, report: Report, options: Options) -> Table:
    """`stated` is the encoding that a Shapefile says its texts are in, empty if it does not; None for texts that are
    Unicode."""
    how = {} if stated is None else {"encoding": _BYTES}
    try:
        meta, _, wkb, fields = pyogrio.raw.read(path, layer=layer, **how)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError) as error:
        raise Invalid("roads.unreadable", file=path.name, reason=str(error)) from error
    if wkb is None:
        raise Invalid("roads.no_roads", file=path.name)
    shapes = _in_degrees(shapely.force_2d(shapely.from_wkb(wkb, on_invalid="ignore")), meta.get("crs"), path)
    names = [str(name) for name in meta["fields"]]
    if stated is not None:
        names = [_text(name, stated, None, report) or name for name in names]
        fields = [_decoded(values, stated, report) for values in fields]
    return Table(shapes, dict(zip(names, fields, strict=True)))


def _in_degrees(shapes: Any, stated: str | None, path: Path) -> Any:
    """Shapes in longitude and latitude.

    Raises:
        Invalid: `roads.no_prj`: projected coordinates that nobody says how to read.
    """
    if not stated:
        bounds = shapely.total_bounds(shapes)
        if np.isfinite(bounds).all() and np.abs(bounds).max() <= 180:
            return shapes
        raise Invalid("roads.no_prj", file=path.name)
    try:
        given = CRS.from_user_input(stated)
    except CRSError as error:
        raise Invalid("roads.no_prj", file=path.name) from error
    if given.is_geographic:
        return shapes
    moved = Transformer.from_crs(given, "EPSG:4326", always_xy=True)
    return shapely.transform(shapes, lambda xy: np.column_stack(moved.transform(xy[:, 0], xy[:, 1])))


def _decoded(values: Any, stated: str, report: Report) -> Any:
    if values.dtype != object:
        return values
    return [
        _text(value, stated, row, report) if isinstance(value, str) else value for row, value in enumerate(values, 1)
    ]


def _text(value: str, stated: str, row: int | None, report: Report) -> str | None:
    """A text from its bytes; one that is in another encoding than was stated, or in none, is named by its row."""
    raw = value.encode(_BYTES, "replace")
    if raw.isascii():
        return value
    tries = ["utf-8", *([stated] if stated and _codec(stated) not in (None, "utf-8") else []), "gb18030"]
    for encoding in tries:
        try:
            found = raw.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        if stated and _codec(encoding) != _codec(stated) and not _same_family(encoding, stated):
            params = {"stated": stated, "encoding": encoding.upper(), "text": found[:40]}
            report.flag("rows" if row else "file", Problem("roads.wrong_cpg", row=row, params=params))
        return found
    report.refuse("texts", Problem("roads.bad_text", row=row, params={"bytes": raw[:20].hex(" ")}))
    return None


def _same_family(one: str, other: str) -> bool:
    chinese = {"gb18030", "gbk", "gb2312", "cp936", "ms936"}
    return (_codec(one) or "") in chinese and (_codec(other) or "") in chinese


def _codec(name: str) -> str | None:
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def _plain(kind: str) -> str:
    """The type of a layer without its dimensions: `LineString Z` and `2.5D LineString` are LineString."""
    return kind.removeprefix("2.5D ").removesuffix(" ZM").removesuffix(" Z").removesuffix(" M")
