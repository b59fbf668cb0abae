"""Beijing's metro from its own format: the right first and last trains, transfer walks and kilometres."""

from __future__ import annotations

import json
import re
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest

from tongqu.domains.travel import metro
from tongqu.domains.travel.loaders import recognise, recognise_metro
from tongqu.engines.transit import Router, Timetable
from tongqu.protocols import gtfs, metro_json

pytestmark = pytest.mark.xdist_group("travel-metro")

MONDAY, SUNDAY = "2026-11-23", "2026-11-22"


@pytest.fixture(scope="module")
def packed(data_dir: Path) -> Path:
    return data_dir / "travel" / "beijing" / "beijing-subway-json5.zip"


@pytest.fixture(scope="module")
def feed(packed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("beijing") / "beijing.zip"
    path.write_bytes(
        metro.feed_of(metro_json.read(packed), "http://127.0.0.1/", (date(2026, 11, 1), date(2026, 12, 31)))
    )
    return path


@pytest.fixture(scope="module")
def router(feed: Path) -> Router:
    return Router(Timetable.from_gtfs([feed], dates=[SUNDAY, MONDAY]))


def raw(packed: Path, name: str) -> str:
    with zipfile.ZipFile(packed) as file:
        return file.read(f"data/beijing/{name}.json5").decode()


def board(packed: Path, name: str, station: str, direction: str, day: str) -> list[str]:
    """First train and list of deltas of a board, cut from the text of the file."""
    text = raw(packed, name)
    text = text[text.index("timetable: {") :]
    for key in (f'"{station}": {{', f'"{direction}": {{', f'"{day}": {{'):
        text = text[text.index(key) + len(key) :]
    return list(re.search(r'first_train: "([\d:]+)", delta: (\[.*\])\}', text).groups())  # type: ignore[union-attr]


def minutes(first: str, deltas: list[object]) -> list[int]:
    hours, at = (int(part) for part in first.split(":"))
    found = [hours * 60 + at]

    def go(spec: list[object]) -> None:
        for one in spec:
            if isinstance(one, list):
                for _ in range(one[0]):
                    go(one[1])
            else:
                found.append(found[-1] + int(one))  # type: ignore[call-overload]

    go(deltas)
    return found


def clock(at: datetime) -> str:
    return at.strftime("%H:%M")


@pytest.mark.parametrize(("day", "group"), [(MONDAY, "工作日"), (SUNDAY, "双休日")])
def test_first_and_last_train(packed: Path, router: Router, day: str, group: str) -> None:
    """11号线 from 模式口 to 新首钢: the first and the last of the board, and none after it."""
    first, deltas = board(packed, "line11", "模式口", "南行", group)
    leaves = minutes(first, json.loads(deltas))
    answer = router.pareto("模式口", "新首钢", f"{day} 03:30")
    assert clock(answer[0].departure) == first
    last = f"{leaves[-1] // 60:02}:{leaves[-1] % 60:02}"
    assert clock(router.pareto("模式口", "新首钢", f"{day} {last}")[0].departure) == last
    later = router.pareto("模式口", "新首钢", f"{day} {last[:-2]}{int(last[-2:]) + 1:02}")
    assert all(one.departure.strftime("%Y-%m-%d") != day for one in later)


def test_the_whole_of_line_one_without_a_change(packed: Path, router: Router) -> None:
    (journey,) = [one for one in router.pareto("苹果园", "环球度假区", f"{MONDAY} 04:30") if one.transfers == 0]
    assert clock(journey.departure) == board(packed, "line1", "苹果园", "东行", "工作日")[0]
    assert [leg.line_id for leg in journey.legs] == ["1号线"]


def test_transfer_walks_take_what_the_data_says(router: Router) -> None:
    """复兴门: 3.5 minutes from 1号线 to 2号线 (a short cut of the early morning does not count), 0.5 back."""
    network = router.timetable.network
    foot = network.foot
    arcs = zip(foot.start(), foot.to, foot.seconds, strict=True)
    walks = {(network.stops[here], network.stops[there]): int(seconds) for here, there, seconds in arcs}
    for start in ("东行", "西行"):
        for end in ("外环", "内环"):
            assert walks[f"1号线|{start}|复兴门", f"2号线|{end}|复兴门"] == 210
            assert walks[f"2号线|{end}|复兴门", f"1号线|{start}|复兴门"] == 30


def test_kilometres_are_those_of_the_line(packed: Path, feed: Path) -> None:
    plan = gtfs.schedule(gtfs.read(feed))
    distances = [int(one) for one in re.findall(r'\{name: "[^"]+", dist: (\d+)', raw(packed, "line1"))]
    whole = [trip for trip in range(len(plan.trips)) if plan.trips[trip].startswith("1号线|东行|工作日|")]
    longest = max(float(plan.call_distance[plan.calls(trip)][-1]) for trip in whole)
    assert longest == pytest.approx(sum(distances) / 1000)


def test_only_coordinates_are_missing(feed: Path) -> None:
    errors = {notice.code for notice in gtfs.validate(gtfs.read(feed)) if notice.severity == "error"}
    assert errors <= {"missing_required_field", "stop_without_location"}


def test_it_is_told_from_a_gtfs_feed(packed: Path, feed: Path) -> None:
    for path, wanted in ((packed, recognise_metro), (feed, recognise)):
        head = path.read_bytes()[:65_536]
        sure = {one: one(path, head) for one in (recognise, recognise_metro)}
        assert max(sure, key=lambda one: sure[one]) is wanted and sure[wanted] > 0.9
