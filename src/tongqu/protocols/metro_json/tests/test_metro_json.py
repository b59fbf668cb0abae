"""Beijing's metro: what the files say is what trains do. Expectations are read from the files by other means."""

from __future__ import annotations

import itertools
import json
import re
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongqu.kit.errors import Invalid
from tongqu.protocols import metro_json
from tongqu.protocols.metro_json import json5


@pytest.fixture(scope="module")
def packed(data_dir: Path) -> Path:
    return data_dir / "travel" / "beijing" / "beijing-subway-json5.zip"


@pytest.fixture(scope="module")
def city(packed: Path) -> metro_json.City:
    return metro_json.read(packed)


def raw(packed: Path, name: str) -> str:
    with zipfile.ZipFile(packed) as file:
        return file.read(f"data/beijing/{name}.json5").decode()


def line(city: metro_json.City, name: str) -> metro_json.Line:
    return next(one for one in city.lines if one.name == name)


def test_all_lines_and_their_stations_are_there(packed: Path, city: metro_json.City) -> None:
    with zipfile.ZipFile(packed) as file:
        files = [
            name for name in file.namelist() if name.endswith(".json5") and "timetable: {" in file.read(name).decode()
        ]
    assert len(city.lines) == len(files) == 28
    first = raw(packed, "line1")
    distances = [int(one) for one in re.findall(r'\{name: "[^"]+", dist: (\d+)', first)]
    assert [station.distance_m for station in line(city, "1号线").stations] == [0, *distances]


def test_departures_follow_the_deltas(city: metro_json.City) -> None:
    """11号线, 模式口 southbound at weekends: 05:38 and then 101 times every ten minutes, as the file writes it."""
    board = line(city, "11号线").departures["南行"]["双休日"][0]
    assert [one.minute for one in board] == [5 * 60 + 38 + 10 * n for n in range(102)]


def test_every_departure_belongs_to_one_train(city: metro_json.City) -> None:
    """At least 99.8 % of all departures of the city are linked, none twice, and no train goes back in time."""
    events = linked = 0
    for one in city.lines:
        runs = metro_json.runs(one)
        events += sum(
            len(board) for days in one.departures.values() for boards in days.values() for board in boards.values()
        )
        for run in runs:
            calls = run.calls[:-1] if run.arrives_only else run.calls
            linked += len(calls)
            assert all(0 < after[1] - before[1] <= 40 for before, after in itertools.pairwise(run.calls)), (
                one.name,
                run,
            )
    assert events * 0.998 <= linked <= events


def test_trains_keep_their_routing(city: metro_json.City) -> None:
    """Of 1号线's trains those that turn at 果园 end there."""
    runs = [run for run in metro_json.runs(line(city, "1号线")) if run.plan == "果园小交路"]
    names = [station.name for station in line(city, "1号线").stations]
    assert runs and {names[run.calls[-1][0]] for run in runs if run.direction == "东行"} == {"果园"}


def test_walks_go_both_ways(city: metro_json.City) -> None:
    walks = {
        (one.from_line, one.to_line): one for one in city.transfers if one.from_station == one.to_station == "西单"
    }
    assert (walks["1号线", "4号线"].minutes, walks["4号线", "1号线"].minutes) == (3.5, 4.5)
    limited = [one for one in city.transfers if one.from_station == "复兴门" and one.limited]
    assert [(one.from_line, one.to_line, one.minutes) for one in limited] == [("1号线", "2号线", 1.0)]


@pytest.mark.parametrize("data", [b"PK\x03\x04 half a zip", b"", b"{}"])
def test_what_is_no_city_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(data)
    with pytest.raises(Invalid) as refused:
        metro_json.read(path)
    assert refused.value.code == "metro_json.bad_zip"


def test_a_file_cut_in_half_is_named(packed: Path, tmp_path: Path) -> None:
    (tmp_path / "line11.json5").write_text(raw(packed, "line11")[:900], encoding="utf-8")
    with pytest.raises(Invalid) as refused:
        metro_json.read(tmp_path)
    assert (refused.value.code, refused.value.params["name"]) == ("metro_json.bad_file", "line11.json5")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_json_is_json5(value: object) -> None:
    assert json5.loads(json.dumps(value)) == value
    assert json5.loads(json.dumps(value, ensure_ascii=False)) == value


def test_what_json5_adds() -> None:
    text = "// first\n{a: 1, 'b-c': [0x1F, .5, 5., +2,], /* so */ 线: 'it\\'s \"so\"', $d: null,}"
    assert json5.loads(text) == {"a": 1, "b-c": [31, 0.5, 5, 2], "线": 'it\'s "so"', "$d": None}


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        json5.loads(text)
    except ValueError as error:
        assert str(error)
