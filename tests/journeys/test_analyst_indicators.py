"""Journey 4, the analyst: loads files, reads a figure, sees what it is made of, and takes it home as a workbook."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest
from running import Running
from shell import tongqu

pytestmark = [
    pytest.mark.needs("equipment", "fleets", "insight"),
    pytest.mark.xdist_group("demo"),
    pytest.mark.timeout(900),
]
GPX = '<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><name>journey</name><trkseg>%s</trkseg></trk></gpx>'


@pytest.fixture(scope="module")
def analyst(demo: Running) -> Iterator[httpx.Client]:
    with demo.client("analyst") as client:
        yield client


@pytest.fixture(scope="module")
def figures(analyst: httpx.Client) -> dict[str, Any]:
    """The figures of today, once the platform has computed them from what the demo's vehicles sent."""
    until = time.monotonic() + 420
    while time.monotonic() < until:
        items = {one["id"]: one for one in analyst.get("indicators", params={"period": "day"}).json()["items"]}
        figure = items.get("equipment.online_rate", {}).get("figure")
        if figure and figure["value"]:
            return items
        time.sleep(2)
    raise AssertionError("no figure was computed")


def test_every_figure_says_what_it_is(figures: dict[str, Any]) -> None:
    assert {"equipment.online_rate", "equipment.track_completeness", "fleets.vehicles_by_category"} <= figures.keys()
    for one in figures.values():
        assert one["title"]["zh"] and one["formula"]["zh"] and one["version"] >= 1 and one["unit"]
    (number,) = figures["equipment.track_completeness"]["parameters"]
    assert (number["status"], bool(number["source"])) == ("unverified", True)


@pytest.mark.parametrize("name", ["equipment.online_rate", "equipment.data_quality", "fleets.vehicles_by_category"])
def test_a_figure_is_the_sum_of_its_rows_and_goes_to_excel(
    analyst: httpx.Client, figures: dict[str, Any], name: str
) -> None:
    begin = figures[name]["figure"]["from_ms"]
    span = {"period": "day", "from": begin, "to": begin + 86_400_000}
    answer = analyst.get(f"indicators/{name}/export.xlsx", params=span | {"rows_of": begin})
    assert answer.status_code == 200, answer.text[:300]
    definition, course, rows = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets
    assert figures[name]["formula"]["zh"] in [cell.value for cell in definition["B"]]
    assert course.max_row == 2
    heads = [cell.value for cell in rows[1]]
    listed = list(rows.iter_rows(min_row=2, values_only=True))
    top = sum(row[heads.index("分子")] for row in listed)
    bottom = sum(row[heads.index("分母")] for row in listed) if "分母" in heads else 1
    scale = 100 if figures[name]["ratio"] else 1
    shown = analyst.get(f"indicators/{name}/rows", params={"period": "day", "from": begin, "limit": 1000}).json()
    assert shown["total"] == len(listed)
    # The rows are those of this moment, the figure that of the last computation: a running day goes on.
    assert scale * top / bottom == pytest.approx(shown["figure"]["value"], rel=0.05)


def test_a_city_sees_its_own_figure(demo: Running, figures: dict[str, Any]) -> None:
    begin = figures["fleets.vehicles_by_category"]["figure"]["from_ms"]
    span = {"period": "day", "from": begin, "to": begin + 86_400_000}
    with demo.client("admin") as admin:
        every = admin.get("indicators/fleets.vehicles_by_category/series", params=span | {"by": "region"}).json()
        one = admin.get("indicators/fleets.vehicles_by_category/series", params=span | {"region": "9902"}).json()
    counted = {point["group"]: point["value"] for point in every["items"]}
    assert one["items"][0]["value"] == sum(n for code, n in counted.items() if code.startswith("9902")) > 0


def test_files_are_loaded_by_the_running_platform(demo: Running, analyst: httpx.Client, tmp_path: Path) -> None:
    points = "".join(
        f'<trkpt lat="30.5" lon="{118.5 + i / 1000}"><time>2026-11-20T01:{i:02}:00Z</time></trkpt>' for i in range(20)
    )
    track, noise = tmp_path / "journey.gpx", tmp_path / "noise.bin"
    track.write_text(GPX % points)
    noise.write_bytes(bytes(range(256)))
    done = tongqu("load", str(track), "--data", str(demo.data))
    assert done.returncode == 0 and "fixes 20" in done.stderr, done.stderr[-1000:]
    again = tongqu("load", str(track), "--data", str(demo.data))
    assert "already_there 20" in again.stderr
    refused = tongqu("load", str(noise), "--data", str(demo.data))
    assert refused.returncode == 1 and "imports.unknown_file" in refused.stderr
