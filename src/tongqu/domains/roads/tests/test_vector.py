"""Shapefile and GeoPackage: encodings as they really are, stakes that contradict each other, and files that lack a
part."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from sqlalchemy import select

from tongqu.domains.roads.tests.conftest import CITY, ROOT
from tongqu.kernel import geo
from tongqu.kernel.geo import Locator, parse_place
from tongqu.kernel.layers.tables import FEATURE
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import scoped
from tongqu.kit.errors import Forbidden, Invalid

Row = tuple[str, str, str, str, Any]
"""Number, name, first and last stake, shape."""


def stretch(first: float, last: float, lon: float = 120.0, lat: float = 27.5) -> Any:
    """A straight stretch that leads west, from one kilometre to another."""
    return shapely.LineString([(lon - km / 98.87, lat) for km in np.linspace(first, last, 12)])


GOOD: tuple[Row, ...] = (
    ("X101990303", "云澄线", "K0+000", "K5+000", stretch(0, 5)),
    ("X101990303", "云澄线", "K4+800", "K9+800", stretch(5, 10)),
    ("S901990000", "澜岫线", "12.0", "15.0", stretch(0, 3, lat=27.6)),
)


def write_dbf(path: Path, rows: Sequence[Row], encoding: str, names: Sequence[str]) -> None:
    """dBASE III by its layout, so that texts are in the bytes we choose."""
    widths = (20, 40, 20, 20)
    header = struct.pack("<B3BIHH20x", 3, 126, 11, 28, len(rows), 32 + 32 * len(names) + 1, 1 + sum(widths))
    for name, width in zip(names, widths, strict=True):
        header += name.encode(encoding)[:10].ljust(11, b"\0") + b"C" + b"\0" * 4 + bytes([width, 0]) + b"\0" * 14
    body = b"".join(
        b" " + b"".join(text.encode(encoding).ljust(width) for text, width in zip(row[:4], widths, strict=True))
        for row in rows
    )
    path.write_bytes(header + b"\r" + body + b"\x1a")


def write_shapefile(
    folder: Path,
    rows: Sequence[Row] = GOOD,
    *,
    encoding: str = "gbk",
    cpg: str | None = "GBK",
    names: Sequence[str] = ("LXBM", "LXMC", "QDZH", "ZDZH"),
) -> Path:
    """A Shapefile whose .dbf is ours, its geometry GDAL's."""
    shapes = [row[4] for row in rows]
    path = folder / "routes.shp"
    kind = "Polygon" if shapes[0].geom_type == "Polygon" else "LineString"
    pyogrio.raw.write(
        path, shapely.to_wkb(np.array(shapes, object)), [np.arange(len(rows))], ["n"], geometry_type=kind,
        crs="EPSG:4490", driver="ESRI Shapefile",
    )  # fmt: skip
    write_dbf(folder / "routes.dbf", rows, encoding, names)
    (folder / "routes.cpg").unlink(missing_ok=True)
    if cpg is not None:
        (folder / "routes.cpg").write_text(cpg)
    return path


def zipped(path: Path, *suffixes: str) -> Path:
    archive = path.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as made:
        for suffix in suffixes or (".shp", ".shx", ".dbf", ".prj", ".cpg"):
            if path.with_suffix(suffix).exists():
                made.write(path.with_suffix(suffix), f"路线/{path.with_suffix(suffix).name}")
    return archive


def names_of(platform: Platform) -> dict[str, str]:
    with platform.store.read(ROOT) as work:
        return {f"{route.number} {route.region}": route.name for route in geo.all_routes(work)}


@pytest.mark.parametrize(
    ("encoding", "cpg", "flagged"),
    [
        ("gbk", "GBK", False),
        ("gbk", "936", False),
        ("gbk", None, False),
        ("utf-8", "UTF-8", False),
        ("gbk", "UTF-8", True),
        ("utf-8", "GBK", True),
        ("gbk", "ISO-8859-1x", True),
    ],
)
def test_texts_are_read_as_they_are_whatever_the_cpg_says(
    encoding: str,
    cpg: str | None,
    flagged: bool,
    tmp_path: Path,
    platform: Platform,
    load: Callable[..., dict[str, Any]],
) -> None:
    report = load(write_shapefile(tmp_path, encoding=encoding, cpg=cpg))
    assert names_of(platform) == {"X101 990303": "云澄线", "S901 99": "澜岫线"}
    codes = {problem.code for problem in report["problems"]}
    assert bool(codes & {"roads.wrong_cpg", "roads.bad_cpg"}) == flagged


def test_an_archive_and_chinese_headings_are_as_good(
    tmp_path: Path, platform: Platform, load: Callable[..., dict[str, Any]]
) -> None:
    names = ("路线编码", "路线名称", "起点桩号", "终点桩号")
    report = load(zipped(write_shapefile(tmp_path, names=names)))
    assert report["taken"] == {"links": 3, "routes": 2}
    assert names_of(platform)["X101 990303"] == "云澄线"


def test_stretches_that_touch_are_one_line_and_their_jump_is_a_broken_chain(
    tmp_path: Path, platform: Platform, load: Callable[..., dict[str, Any]]
) -> None:
    """K5+000 arrives and K4+800 goes on: 200 m of stakes are there twice, and the row is named."""
    report = load(write_shapefile(tmp_path))
    problem = next(one for one in report["problems"] if one.code == "roads.took_long_chain")
    assert (problem.row, problem.params["back_m"], problem.params["ahead_m"]) == (2, 5_000, 4_800)
    found = platform.service(Locator).find(parse_place("X101 K4+900"))
    assert [place.branch for place in found.places] == ["A", "B"]
    apart = (found.places[0].lon - found.places[1].lon) * 98_870
    assert apart == pytest.approx(200, abs=2)
    assert platform.service(Locator).find(parse_place("S901 K13+500")).places[0].stake_m == 13_500


def test_decreasing_stakes_turn_the_stretch_and_are_named(
    tmp_path: Path, platform: Platform, load: Callable[..., dict[str, Any]]
) -> None:
    report = load(write_shapefile(tmp_path, [("X101990303", "x", "K5+000", "K0+000", stretch(0, 5))]))
    first = report["problems"][0]
    assert (first.code, first.row) == ("roads.stakes_fall", 1)
    start = platform.service(Locator).find(parse_place("X101 K0+001")).places[0]
    assert start.lon < 119.96


def test_gaps_of_stakes_are_named_as_short_chains(tmp_path: Path, load: Callable[..., dict[str, Any]]) -> None:
    rows = [
        ("X101990303", "x", "K0+000", "K5+000", stretch(0, 5)),
        ("X101990303", "x", "K5+600", "K10+600", stretch(5, 10)),
    ]
    report = load(write_shapefile(tmp_path, rows))
    assert report["flagged"]["stakes"] == 1 and report["problems"][0].code == "roads.took_short_chain"


def test_bad_rows_are_named_and_the_rest_lives(
    tmp_path: Path, platform: Platform, load: Callable[..., dict[str, Any]]
) -> None:
    """Swapped coordinates, a stake that is none, no number, no known region: each by its row."""
    rows: list[Row] = [
        ("X101990303", "好", "K0+000", "K5+000", stretch(0, 5)),
        ("X101990303", "换", "K5+000", "K6+000", shapely.LineString([(27.5, 120.0), (27.5, 119.9)])),
        ("X101990303", "坏", "K5+1000", "K6+000", stretch(5, 6)),
        ("", "无", "K5+000", "K6+000", stretch(5, 6)),
        ("X7", "何处", "K5+000", "K6+000", stretch(5, 6)),
    ]
    report = load(write_shapefile(tmp_path, rows))
    assert report["taken"] == {"links": 1, "routes": 1} and report["refused"] == {"rows": 4}
    assert [(one.row, one.code) for one in report["problems"]] == [
        (2, "geo.swapped"),
        (3, "geo.stake_metres"),
        (4, "roads.no_number"),
        (5, "roads.region_needed"),
    ]


def test_polygons_that_cross_themselves_are_named_with_the_place(
    tmp_path: Path, load: Callable[..., dict[str, Any]]
) -> None:
    bow = shapely.Polygon([(120, 27), (120.1, 27.1), (120.1, 27), (120, 27.1)])
    with pytest.raises(Invalid) as refused:
        load(write_shapefile(tmp_path, [("X101990303", "x", "", "", bow)]))
    assert refused.value.code == "roads.no_roads"
    assert refused.value.problems[0].code == "geo.self_intersection" and refused.value.problems[0].row == 1


@pytest.mark.parametrize(("suffix", "code"), [(".dbf", "roads.no_dbf"), (".shx", "roads.no_shx")])
def test_a_missing_companion_is_named(
    suffix: str, code: str, tmp_path: Path, load: Callable[..., dict[str, Any]]
) -> None:
    path = write_shapefile(tmp_path)
    path.with_suffix(suffix).unlink()
    for file in (path, zipped(path)):
        with pytest.raises(Invalid) as refused:
            load(file)
        assert refused.value.code == code


def test_projected_coordinates_need_their_prj(tmp_path: Path, load: Callable[..., dict[str, Any]]) -> None:
    """CGCS2000 / 3-degree zone 40 with its .prj is turned into degrees; without it the file is refused."""
    from pyproj import Transformer

    to = Transformer.from_crs("EPSG:4326", "EPSG:4549", always_xy=True)
    path = tmp_path / "zone.gpkg"
    line = shapely.transform(stretch(0, 5), lambda xy: np.column_stack(to.transform(xy[:, 0], xy[:, 1])))
    fields = [np.array(["X101990303"], object), np.array(["K0"], object), np.array(["K5"], object)]
    for crs, ok in (("EPSG:4549", True), (None, False)):
        path.unlink(missing_ok=True)
        pyogrio.raw.write(path, shapely.to_wkb(np.array([line], object)), fields, ["ref", "stake", "end_stake"],
                          geometry_type="LineString", crs=crs, driver="GPKG")  # fmt: skip
        if ok:
            assert load(path)["taken"]["routes"] == 1
        else:
            with pytest.raises(Invalid) as refused:
                load(path)
            assert refused.value.code == "roads.no_prj"


def test_a_geopackage_without_lines_says_what_it_has(tmp_path: Path, load: Callable[..., dict[str, Any]]) -> None:
    path = tmp_path / "points.gpkg"
    point = shapely.to_wkb(np.array([shapely.Point(120, 27)], object))
    pyogrio.raw.write(path, point, [np.array(["x"], object)], ["ref"], geometry_type="Point",
                      crs="EPSG:4326", driver="GPKG", layer="stations")  # fmt: skip
    with pytest.raises(Invalid) as refused:
        load(path)
    assert refused.value.code == "roads.no_layer" and "stations" in refused.value.params["known"]


def test_columns_without_a_number_are_refused_with_their_names(
    tmp_path: Path, load: Callable[..., dict[str, Any]]
) -> None:
    with pytest.raises(Invalid) as refused:
        load(write_shapefile(tmp_path, names=("A", "B", "C", "D")))
    assert refused.value.code == "roads.no_number_column" and refused.value.params["columns"] == "A、B、C、D"


def test_rubbish_is_refused_with_a_reason(tmp_path: Path, load: Callable[..., dict[str, Any]]) -> None:
    path = write_shapefile(tmp_path)
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(Invalid) as refused:
        load(path)
    assert refused.value.code in ("roads.unreadable", "roads.no_roads")


def test_a_new_drawing_keeps_the_calibration(
    tmp_path: Path, platform: Platform, load: Callable[..., dict[str, Any]], add_route: Callable[..., geo.Route]
) -> None:
    """Lines without stakes replace the lines of a calibrated route: its marks come along, a broken chain with both
    stakes."""
    points = np.asarray(stretch(0, 10).coords)
    add_route("X101", "990303", geo.plain(0, 0), geo.Mark(5_000, 5_000, 4_700), points=points)
    load(write_shapefile(tmp_path, [("X101990303", "新", "", "", stretch(0, 10, lat=27.50005))]))
    found = platform.service(Locator).find(parse_place("X101 K4+900"))
    assert [place.branch for place in found.places] == ["A", "B"]
    assert found.places[0].lat == pytest.approx(27.50005, abs=1e-6)


def test_what_is_loaded_is_drawn_and_what_a_newer_file_lacks_is_not(
    tmp_path: Path, platform: Platform, load: Callable[..., dict[str, Any]]
) -> None:
    def drawn() -> set[str]:
        with platform.store.read(ROOT) as work:
            rows = work.rows(select(FEATURE.c.feature).where(scoped(ROOT, FEATURE), FEATURE.c.layer == "layers.roads"))
        return {row["feature"] for row in rows}

    load(write_shapefile(tmp_path))
    assert drawn() == {f"routes.shp:row/{row}" for row in (1, 2, 3)}
    load(write_shapefile(tmp_path, GOOD[:1]))
    assert drawn() == {"routes.shp:row/1"}


def test_who_may_not_edit_there_changes_nothing(
    tmp_path: Path, platform: Platform, load: Callable[..., dict[str, Any]]
) -> None:
    with pytest.raises(Forbidden):
        load(write_shapefile(tmp_path), CITY)
    assert names_of(platform) == {}
