"""`tongqu load` on data at rest: each kind of file is recognised, what is wrong in it is named, and twice is once."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from tongqu.app import loading
from tongqu.app.platform import open_platform, prepare
from tongqu.app.settings import read_settings, save
from tongqu.kit.errors import Invalid, NotFound

GPX = '<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><name>{name}</name><trkseg>{points}</trkseg></trk></gpx>'


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("load") / "data"
    folder.mkdir()
    settings = read_settings(folder)
    save(settings)
    platform = open_platform(settings)
    prepare(platform)
    platform.close()
    return folder


@pytest.fixture
def load(data, monkeypatch):
    """Load files; gives the reports, and the errors of what was refused as a whole."""

    def run(*paths: Path, options: tuple[str, ...] = (), kind: str = ""):
        reports, errors = [], []
        monkeypatch.setattr(loading, "_show", reports.append)
        monkeypatch.setattr(loading, "_refuse", lambda name, problem: errors.append(problem))
        code = loading.load(paths, kind=kind, options=options, data=data, port=18_791)
        assert code == (1 if errors else 0)
        return reports, errors

    return run


def point(lat: float, lon: float, minute: int) -> str:
    return f'<trkpt lat="{lat}" lon="{lon}"><time>2026-11-20T01:{minute:02}:00Z</time></trkpt>'


def test_tracks_become_positions_once(load, tmp_path):
    path = tmp_path / "a.gpx"
    path.write_text(GPX.format(name="巡线", points="".join(point(30.5, 118.5 + i / 1000, i) for i in range(30))))
    (report,), _ = load(path)
    assert (report["loader"], report["taken"]) == ("imports.tracks", {"tracks": 1, "fixes": 30})
    (report,), _ = load(path)
    assert report["taken"] == {"tracks": 1, "fixes": 0, "already_there": 30}


def test_points_that_are_no_fixes_are_counted_with_the_reason(load, tmp_path):
    path = tmp_path / "b.gpx"
    good = point(30.5, 118.5, 9) + point(30.6, 118.5, 3)
    bad = point(0, 0, 1) + point(118.5, 30.5, 2) + '<trkpt lat="30" lon="118"/>' + point(95, 200, 4)
    path.write_text(GPX.format(name="", points=good + bad))
    (report,), _ = load(path)
    assert (report["taken"], report["flagged"], report["refused"]) == (
        {"tracks": 1, "fixes": 2}, {"tracks": 1}, {"points": 4},
    )  # fmt: skip
    assert [problem["code"] for problem in report["problems"]] == [
        "imports.point_zero", "imports.point_swapped", "imports.point_no_time", "imports.point_out_of_range",
        "imports.track_unordered",
    ]  # fmt: skip


def test_recorded_tracks_of_others(load, data_dir):
    """Every point with a time is a fix or a repetition; the count is taken from the file's text, not by our reader."""
    folder = data_dir / "roads" / "mapmatch"
    paths = [path for path in sorted(folder.glob("*.gpx")) if path.name != "gh-no_trk.gpx"]
    assert paths
    for path in paths:
        text = path.read_text(encoding="utf-8")
        points = re.findall(r"<trkpt.*?(?:/>|</trkpt>)", text, re.DOTALL)
        timed = [one for one in points if "<time>" in one]
        reports, errors = load(path)
        if not timed:
            assert errors[0]["code"] == "imports.no_tracks", path.name
            continue
        taken = reports[0]["taken"]
        refused = reports[0]["refused"].get("points", 0)
        assert taken["fixes"] + taken.get("already_there", 0) + refused == len(points), path.name
        assert refused == len(points) - len(timed), path.name


def test_shapes_live_beside_bad_ones_and_replace_their_own(load, tmp_path):
    path = tmp_path / "parks.geojson"
    bow = '{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[1,1],[2,2],[2,1],[1,2],[1,1]]]}}'
    place = '"geometry":{"type":"Point","coordinates":[118.5,30.5]}'
    good = '{"type":"Feature","id":"%s","properties":{"name":"园区"},' + place + "}"
    path.write_text(
        '{"type":"FeatureCollection","features":['
        + ",".join([good.replace("%s", "a"), bow, good.replace("%s", "b")])
        + "]}"
    )
    (report,), _ = load(path, options=("region=99",))
    assert (report["taken"], report["refused"]) == ({"features": 2}, {"features": 1})
    assert (report["problems"][0]["code"], report["problems"][0]["row"]) == ("geo.self_intersection", 2)
    path.write_bytes(
        b"\xef\xbb\xbf" + ('{"type":"FeatureCollection","features":[' + good.replace("%s", "a") + "]}").encode()
    )
    (report,), _ = load(path, options=("region=99",))
    assert report["taken"] == {"features": 1, "removed": 1}


def test_a_spreadsheet_goes_to_the_importer_that_knows_its_heading(load, tmp_path):
    from tongqu.app import registry
    from tongqu.kernel.imports.rows import importers

    bound = importers(registry.modules())["people"]
    book = openpyxl.Workbook()
    columns = bound.importer.columns
    book.active.append([bound.heading(column)["zh"] for column in columns])
    book.active.append(["" for _ in columns])
    book.active.append(["nobody" if column.name == "login" else column.example for column in columns])
    path = tmp_path / "人员.xlsx"
    book.save(path)
    (report,), _ = load(path)
    assert (report["loader"], report["importer"]) == ("imports.spreadsheet", "people")
    assert sum(sum(report[part].values()) for part in ("taken", "refused")) == 1
    (tmp_path / "x.csv").write_text("甲,乙\n1,2\n", encoding="gbk")
    _, (error,) = load(tmp_path / "x.csv")
    assert error["code"] == "imports.no_importer"


def cut_zip(path: Path) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("stops.txt", "stop_id,stop_name\n" * 5000)
    path.write_bytes(held.getvalue()[: len(held.getvalue()) // 2])


def damaged_workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["登录名"])
    book.save(path)
    raw = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        first = archive.getinfo("xl/workbook.xml")
    at = first.header_offset + 30 + len(first.filename) + 20
    raw[at] ^= 0xFF
    path.write_bytes(raw)


@pytest.mark.parametrize(
    ("name", "make", "code"),
    [
        ("empty.gpx", lambda path: path.write_bytes(b""), "imports.empty_file"),
        ("noise.bin", lambda path: path.write_bytes(bytes(range(256))), "imports.unknown_file"),
        ("cut.zip", cut_zip, "imports.broken_zip"),
        ("damaged.xlsx", damaged_workbook, "imports.broken_member"),
        (
            "bomb.gpx",
            lambda path: path.write_text('<!DOCTYPE x [<!ENTITY a "b">]><gpx>&a;</gpx>'),
            "imports.xml_doctype",
        ),
        (
            "cut.gpx",
            lambda path: path.write_text(GPX.format(name="", points=point(30, 118, 1))[:-20]),
            "imports.broken_xml",
        ),
        ("cut.json", lambda path: path.write_text('{"type":"FeatureCollection","features":[{'), "imports.broken_json"),
        (
            "metres.json",
            lambda path: path.write_text(
                '{"type":"FeatureCollection","crs":{"properties":{"name":"EPSG:4549"}},"features":[]}'
            ),
            "imports.geojson_crs",
        ),
    ],
)
def test_what_cannot_be_loaded_says_why(load, tmp_path, name, make, code):
    make(tmp_path / name)
    _, (error,) = load(tmp_path / name)
    assert error["code"] == code and error["detail"]["zh"] and error["detail"]["en"] != code


def test_orders_that_make_no_sense(load, tmp_path):
    with pytest.raises(NotFound):
        load(tmp_path / "nothing.gpx")
    (tmp_path / "a.gpx").write_text(GPX.format(name="", points=point(30, 118, 1)))
    with pytest.raises(Invalid):
        load(tmp_path / "a.gpx", options=("datum",))
    for options, kind, code in ((("datum=mars",), "", "imports.bad_datum"), ((), "no.such", "imports.unknown_loader")):
        _, (error,) = load(tmp_path / "a.gpx", options=options, kind=kind)
        assert error["code"] == code
