"""Once all rows are there, the alarms are the same however they came: in pieces, shuffled, doubled, refilled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongqu.kernel.rules.checkpoints import Kept, pack, unpack
from tongqu.kernel.rules.engine import Engine, spans
from tongqu.kernel.rules.tests.toys import BEGIN, RULES, SUBJECTS, S, engine, replay, rows_of, say, some, told
from tongqu.kernel.telemetry.rows import Flag, Rows

FIX = st.tuples(
    st.integers(1, SUBJECTS),
    st.integers(0, 120),
    st.sampled_from([0.0, 30.0, 50.0, 70.0, 90.0]),
    st.sampled_from([-1.0, 0.25, 0.75, 1.25, 3.0]),
    st.sampled_from([0, 0, 1]),
    st.sampled_from([0, 0, 0, int(Flag.JUMP), int(Flag.FUTURE)]),
)
HISTORY = st.lists(FIX, max_size=120, unique_by=lambda fix: fix[:2])


class Live:
    """What the live runner does, without its stores: rows as they come, alarms as they are amended."""

    def __init__(self, history: Rows) -> None:
        self.engine: Engine = engine()
        self.kept = Kept()
        self.history = history
        self.arrived: list[int] = []
        self.alarms: dict[tuple[str, int, int], Any] = {}
        self.at = 0

    def take(self, which: list[int], keep: bool) -> None:
        new = [i for i in dict.fromkeys(which) if i not in self.arrived]  # telemetry stores a row once
        self.arrived += new
        outcome = self.engine.take(some(self.history, new))
        for key, at_ms in outcome.late.items():
            saved = self.kept.rewind(key, at_ms)
            rows = some(self.history, [i for i in self.arrived if self.history["subject"][i] == key])
            for each in self.engine.anew([key], saved, rows):
                self.reconcile(each)
        for number, one in outcome.transitions + self.engine.tick():
            self.tell(number, one)
        if keep:
            self.at += 700_000
            packed = pack(self.engine.rules, self.engine.saved(0, 0))
            saved = unpack(self.engine.rules, packed)
            assert saved is not None
            self.kept.add(self.at, saved)

    def tell(self, number: int, one: Any) -> None:
        key = (self.engine.rules[number][0].id, one.subject, one.onset_ms)
        if one.change.value == "raised":
            assert key not in self.alarms, "an alarm that is there is raised again"
            self.alarms[key] = (one.at_ms, dict(one.values), None)
        elif one.change.value == "cleared":
            self.alarms[key] = (*self.alarms[key][:2], (one.at_ms, dict(one.values)))
        else:
            del self.alarms[key]

    def reconcile(self, each: Any) -> None:
        rule = self.engine.rules[each.rule][0].id
        before = {
            key: alarm
            for key, alarm in self.alarms.items()
            if key[:2] == (rule, each.subject)
            and (key[2] == each.carried or alarm[0] > each.since_ms or not alarm[2] or alarm[2][0] > each.since_ms)
        }
        for key in before:
            del self.alarms[key]
        for onset, span in spans(each.transitions, each.carried).items():
            key = (rule, each.subject, onset)
            end = None if span.ended is None else (span.ended.at_ms, dict(span.ended.values))
            began = before[key][:2] if span.began is None else (span.began.at_ms, dict(span.began.values))
            self.alarms[key] = (*began, end)


@given(HISTORY, st.randoms(use_true_random=False), st.integers(1, 30), st.integers(1, 4))
@settings(max_examples=300, deadline=None)
def test_live_and_replay_give_the_same_alarms(fixes: Any, random: Any, piece: int, keep_every: int) -> None:
    history = rows_of(fixes)
    order = sorted(range(len(fixes)), key=lambda i: fixes[i][1])
    late = [i for i in order if random.random() < 0.2]
    order = [i for i in order if i not in late]
    doubled = [i for i in order if random.random() < 0.1]
    order += late + doubled
    for _ in range(len(order) // 4):  # and some of it shuffled
        i = random.randrange(len(order))
        j = max(0, i - random.randrange(8))
        order[i], order[j] = order[j], order[i]
    live = Live(history)
    for number, first in enumerate(range(0, len(order), piece)):
        live.take(order[first : first + piece], number % keep_every == 0)
    assert live.alarms == replay(history)


def test_states_made_without_a_late_row_are_not_gone_back_to() -> None:
    start = -(BEGIN // S) % 40  # seconds to the next window
    history = rows_of(
        [(2, start + at, speed, -1.0, 0, 0) for at, speed in ((0, 30), (16, 0), (18, 0), (3, 0), (17, 0))]
    )
    live = Live(history)
    for number in range(5):
        live.take([number], keep=True)
    assert live.alarms == replay(history) == {}, "the row of second 3 says that it stood"


def test_what_ended_just_before_a_late_row_is_amended() -> None:
    history = rows_of([(2, 3, 0, 0.25, 0, 0), (2, 34, 0, -1.0, 0, 0), (2, 4, 0, -1.0, 0, 0)])
    live = Live(history)
    for number in range(3):
        live.take([number], keep=True)
    assert live.alarms == replay(history)
    assert [end[0] - BEGIN for _, _, end in live.alarms.values()] == [4 * S], "not at the last row before the gap"


@given(HISTORY, st.integers(1, 40))
@settings(max_examples=100, deadline=None)
def test_how_rows_are_cut_into_batches_does_not_matter(fixes: Any, piece: int) -> None:
    history = rows_of(sorted(fixes, key=lambda fix: fix[1]))
    made = engine()
    said: list[Any] = []
    for first in range(0, len(fixes), piece):
        said += made.take(some(history, range(first, min(first + piece, len(fixes))))).transitions
    assert told(said + made.tick(), made) == replay(history)


def one(speeds: dict[int, float], name: str, **columns: Any) -> dict[tuple[str, int, int], Any]:
    """Alarms of one rule over vehicle 3 (a truck), from speeds by second."""
    fixes = [(3, second, speed, -1.0, 0, 0) for second, speed in speeds.items()]
    rows = rows_of(fixes)
    for column, values in columns.items():
        rows[column][:] = values
    return {(key[2] - BEGIN) // S: (a - BEGIN, e and e[0] - BEGIN) for key, (a, _, e) in replay(rows, name).items()}  # type: ignore[misc]


def test_a_threshold_must_last_and_ends_below_the_lower_limit() -> None:
    assert one({0: 85, 1: 85, 2: 85}, "threshold") == {}
    assert one({0: 85, 1: 85, 2: 85, 3: 85}, "threshold") == {0: (3000, None)}
    assert one({0: 85, 3: 85, 4: 65, 9: 65}, "threshold") == {0: (3000, None)}, "between the limits it goes on"
    assert one({0: 85, 3: 85, 4: 55, 5: 65, 6: 55, 8: 55}, "threshold") == {0: (3000, 6000)}
    assert one({0: 85, 3: 85, 40: 85}, "threshold") == {0: (3000, 3000)}, "after a gap nothing is known"
    assert one({0: 80, 9: 80}, "threshold") == {}, "the limit itself is allowed"


def test_limits_go_by_category() -> None:
    coach = rows_of([(1, second, 70.0, -1.0, 0, 0) for second in range(5)])
    truck = rows_of([(3, second, 70.0, -1.0, 0, 0) for second in range(5)])
    assert len(replay(coach, "threshold")) == 1 and not replay(truck, "threshold")


def test_areas_hold_from_their_time_on_and_another_one_is_another_alarm() -> None:
    def crossing(seconds: list[int], lons: list[float]) -> list[int]:
        rows = rows_of([(3, at, 30.0, lon, 0, 0) for at, lon in zip(seconds, lons, strict=True)])
        return [values["tag"] for _, (_, values, _) in sorted(replay(rows, "geofence").items())]

    assert crossing([0, 1, 2], [-1.0, 0.25, 3.0]) == [7]
    assert crossing([0, 1, 2], [-1.0, 1.25, 3.0]) == [], "the second area is not there yet"
    assert crossing([19, 20, 21], [1.25, 1.25, 0.25]) == [8, 7]


def test_silence_is_known_by_the_time_of_others_and_taken_back_by_what_came_late() -> None:
    moving = [(1, 0, 30.0, -1.0, 0, 0)]
    others = [(2, 13, 0.0, -1.0, 0, 0)]
    assert list(replay(rows_of(moving + others), "silence").values()) == [
        (BEGIN + 12 * S, say(_silence(12.0), None), None)
    ]
    made = engine("silence")
    rows = rows_of(moving + others + [(1, 5, 30.0, -1.0, 0, 0), (1, 30, 0.0, -1.0, 0, 0)])
    said = made.take(some(rows, [0])).transitions + made.tick()
    assert said == []
    said = made.take(some(rows, [1])).transitions + made.tick()
    assert [t.change.value for _, t in said] == ["raised"]
    said = made.take(some(rows, [2])).transitions + made.tick()
    assert [t.change.value for _, t in said] == ["withdrawn"], "it had not been silent"
    said = made.take(some(rows, [3])).transitions + made.tick()
    assert [(t.change.value, t.onset_ms - BEGIN, t.at_ms - BEGIN) for _, t in said] == [
        ("raised", 17 * S, 17 * S),
        ("cleared", 17 * S, 30 * S),
    ]
    assert one({0: 0, 30: 0}, "silence") == {}, "who stands may be silent"


def _silence(value: float) -> Any:
    return {"value": value, "tag": 0}


def test_a_rate_counts_events_within_its_time() -> None:
    jump = int(Flag.JUMP)
    speeds = dict.fromkeys((0, 5, 10), 30.0)
    assert one(speeds, "rate", flags=[jump, jump, jump]) == {0: (10_000, None)}
    assert one(speeds, "rate", flags=[jump, 0, jump]) == {}
    assert one(dict.fromkeys((0, 5, 11), 30.0), "rate", flags=jump) == {}
    assert one(dict.fromkeys((0, 5, 10, 21), 30.0), "rate", flags=[jump, jump, jump, 0]) == {0: (10_000, 10_000)}


def test_a_window_sums_within_its_bounds() -> None:
    start = (-(BEGIN // S) % 40) if BEGIN // S % 40 else 0  # seconds to the next border
    at = lambda *seconds: dict.fromkeys((start + s for s in seconds), 30.0)  # noqa: E731
    assert one(at(0, 15), "window") == {}, "the limit itself is allowed"
    assert one(at(0, 16), "window") == {start + 15: ((start + 16) * S, None)}
    assert one(at(0, 16, 30, 45), "window") == {start + 15: ((start + 16) * S, (start + 40) * S)}
    assert one(at(30, 50), "window") == {}, "ten seconds on either side of the border"
    assert one(at(0, 25), "window") == {}, "over a gap nothing is added"


def test_states_survive_packing_only_for_the_same_rules() -> None:
    made = engine()
    made.take(rows_of([(1, 0, 90.0, 0.5, 1, 0), (1, 4, 90.0, 0.5, 1, 0)]))
    packed = pack(made.rules, made.saved(12, 34))
    saved = unpack(made.rules, packed)
    assert saved is not None and (saved.offset, saved.received_ms, saved.watermark_ms) == (12, 34, BEGIN + 4 * S)
    other = engine()
    other.load(saved)
    assert all((other.state(i) == made.state(i)).all() for i in range(len(RULES)))
    assert unpack(engine("rate").rules, packed) is None
    assert unpack(made.rules, packed[:-9]) is None and unpack(made.rules, b"") is None


def test_kept_states_thin_out_with_age() -> None:
    kept = Kept()
    for minute in range(0, 26 * 60, 10):
        made = engine()
        made.take(rows_of([(1, minute, 0.0, -1.0, 0, 0)]))
        kept.add(minute * 60_000, made.saved(minute, 0))
    assert len(kept._saved) <= 20
    assert kept.rewind(1, BEGIN + (26 * 60 - 10) * S) is not None
    assert kept.rewind(1, BEGIN) is None and kept.rewind(2, BEGIN + 10**9) is None


@pytest.mark.parametrize("name", RULES)
def test_nothing_comes_of_nothing(name: str) -> None:
    assert replay(rows_of([]), name) == {}
    made = engine(name)
    assert made.tick() == [] and made.anew([], None, rows_of([])) == []
    assert np.array_equal(made.key, [])
