"""Four hours of driving want twenty minutes of rest, to the second, however the fixes came in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongqu.domains.fleets.rules.fatigue import Fatigue
from tongqu.kernel.rules import Rule
from tongqu.kernel.rules.checkpoints import Kept
from tongqu.kernel.rules.engine import Engine, spans
from tongqu.kernel.rules.tests.toys import view
from tongqu.kernel.telemetry.rows import Rows, empty, take
from tongqu.kit import text
from tongqu.kit.time import parse_iso

text.register("fleets", "tongqu.domains.fleets")
BEGIN = parse_iso("2026-11-23T08:00:00")
H, M = 3600, 60
FOUR_HOURS = 4 * H


class Relief:
    """Another driver takes over at a second."""

    def __init__(self, at_s: int) -> None:
        self.at_ms = BEGIN + at_s * 1000

    def at(self, subject: Any, time_ms: Any) -> Any:
        return np.where(time_ms >= self.at_ms, 2, 1)


def engine(duty: Any = None) -> Engine:
    def counts(batch: Any) -> Any:
        return np.ones(len(batch), dtype=np.bool_)

    logic = Fatigue("fleets.driving.continuous_driving_s", counts, duty, 5.0, 300_000, 500.0)
    return Engine([(Rule("fleets.fatigue", lambda _: logic), logic)], view())


def drive(*parts: tuple[int, bool], step_s: int = 30) -> Rows:
    """Rows of vehicle 3: parts of so many seconds in motion or at a stand, a fix at every step and every border."""
    at, moving, second, lon = [], [], 0, 120.0
    lons = []
    for length, moves in parts:
        for offset in range(0, length, step_s):
            at.append(second + offset)
            moving.append(moves)
            lons.append(lon + (offset * 0.0002 if moves else 0))
        second += length
        lon += length * 0.0002 if moves else 0
    at.append(second)
    moving.append(False)
    lons.append(lon)
    rows = empty(len(at))
    rows["subject"][:] = rows["source"][:] = 3
    rows["time_ms"][:] = BEGIN + np.array(at) * 1000
    rows["speed_kmh"][:] = np.where(moving, 72.0, 0.0)
    rows["lon"][:], rows["lat"][:] = lons, 28.0
    rows["key"][:] = rows["time_ms"]
    rows["log_offset"][:] = np.arange(len(at)) + 1
    return rows


def alarms(rows: Rows, duty: Any = None) -> list[tuple[int, int | None]]:
    """Onset and end of each alarm, in seconds."""
    said = [one for _, one in engine(duty).take(rows).transitions]
    return [_seconds(onset, span) for onset, span in spans(said).items()]


def _seconds(onset: int, span: Any) -> tuple[int, int | None]:
    return (onset - BEGIN) // 1000, None if span.ended is None else (span.ended.at_ms - BEGIN) // 1000


@pytest.mark.parametrize(("driven_s", "expected"), [(3 * H + 59 * M + 59, []), (FOUR_HOURS, []), (FOUR_HOURS + 1, [4])])
def test_the_limit_is_exact(driven_s: int, expected: list[int]) -> None:
    assert [onset // H for onset, _ in alarms(drive((driven_s, True)))] == expected


def test_a_rest_of_twenty_minutes_begins_anew_and_one_of_less_does_not() -> None:
    short = drive((3 * H, True), (19 * M + 59, False), (H + 1, True))
    long = drive((3 * H, True), (20 * M, False), (3 * H + 59 * M, True))
    assert alarms(short) == [(3 * H + 19 * M + 59 + H, None)]
    assert alarms(long) == []


def test_short_stops_neither_count_nor_end_it() -> None:
    parts = [part for _ in range(8) for part in ((30 * M, True), (5 * M, False))]
    assert alarms(drive(*parts)) == [], "four hours in motion, forty minutes at lights"
    assert len(alarms(drive(*parts, (1, True)))) == 1


def test_it_ends_when_the_rest_began() -> None:
    rows = drive((FOUR_HOURS + 10 * M, True), (25 * M, False), (H, True))
    assert alarms(rows) == [(FOUR_HOURS, FOUR_HOURS + 10 * M)]


def test_a_gap_counts_as_driving_if_the_vehicle_was_moved_and_the_alarm_says_so() -> None:
    whole = drive((FOUR_HOURS + 5 * M, True))
    second = (whole["time_ms"] - BEGIN) // 1000
    holed = take(whole, (second < H) | (second > 2 * H))
    made = engine()
    (one,) = (one for _, one in made.take(holed).transitions)
    assert (one.onset_ms - BEGIN) // 1000 == FOUR_HOURS and 3500 < one.values["gap_s"] < 3700
    stood = drive((3 * H, True), (30 * M, False), (2 * H, True))
    second = (stood["time_ms"] - BEGIN) // 1000
    silent = take(stood, (second <= 3 * H) | (second >= 3 * H + 30 * M))
    assert alarms(silent) == [], "parked without a word is a rest"


def test_another_driver_begins_anew() -> None:
    rows = drive((6 * H, True))
    assert alarms(rows, Relief(3 * H)) == []
    assert alarms(rows, Relief(H)) == [(5 * H - 30, None)], "from the last fix of the first driver on"
    assert alarms(rows, Relief(7 * H)) == [(FOUR_HOURS, None)]


PARTS = st.lists(
    st.tuples(st.sampled_from([5 * M, 19 * M + 59, 20 * M, 90 * M, 2 * H, FOUR_HOURS - 1]), st.booleans()), max_size=8
)


@given(PARTS, st.randoms(use_true_random=False), st.integers(1, 60))
@settings(max_examples=60)
def test_refilled_points_correct_and_never_double(parts: Any, random: Any, piece: int) -> None:
    """A stretch is missing at first and refilled later, doubled and shuffled: the alarms are those of the whole."""
    whole = drive(*parts, step_s=120)
    count = len(whole["time_ms"])
    begin = random.randrange(count)
    hole = set(range(begin, min(count, begin + random.randrange(1, 200))))
    order = [i for i in range(count) if i not in hole] + random.sample(sorted(hole), len(hole))
    made, kept, arrived, rang = engine(), Kept(), [], {}
    for first in range(0, count, piece):
        new = order[first : first + piece]
        arrived += new
        outcome = made.take(take(whole, np.array(new)))
        for _, one in outcome.transitions:
            if one.change.value == "raised":
                assert one.onset_ms not in rang, "twice"
                rang[one.onset_ms] = _seconds(one.onset_ms, spans([one])[one.onset_ms])
            else:
                rang[one.onset_ms] = (rang[one.onset_ms][0], (one.at_ms - BEGIN) // 1000)
        for key, at_ms in outcome.late.items():
            saved = kept.rewind(key, at_ms)
            (each,) = made.anew([key], saved, take(whole, np.array(arrived)))
            before = dict(rang)
            rang = {
                onset: alarm
                for onset, alarm in rang.items()
                if onset != each.carried and alarm[1] is not None and BEGIN + alarm[1] * 1000 <= each.since_ms
            }
            for onset, span in spans(each.transitions, each.carried).items():
                rang[onset] = _seconds(onset, span) if span.began else (before[onset][0], _seconds(onset, span)[1])
        kept.add(first * 700_000, made.saved(0, 0))
    assert sorted(rang.values(), key=str) == sorted(alarms(whole), key=str)
