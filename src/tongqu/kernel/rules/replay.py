"""Rules over the history: what alarms its rows give, and whether these are the alarms that there are.

Subjects are read whole, a few at a time, each in the order of time. The rows before a period may have begun what goes
on in it, so a period is read from a day before its begin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tongqu.kernel.alarms import store as alarms
from tongqu.kernel.alarms.values import Alarm
from tongqu.kernel.platform import Platform
from tongqu.kernel.rules.engine import Engine, Span, spans
from tongqu.kernel.rules.logic import Logic
from tongqu.kernel.rules.values import Rule, Transition
from tongqu.kernel.store import system_actor
from tongqu.kernel.telemetry import recall
from tongqu.kernel.telemetry.directory import View
from tongqu.kernel.telemetry.rows import SUSPICIOUS, Rows
from tongqu.kernel.telemetry.service import Telemetry
from tongqu.kit.time import DAY_MS

AT_ONCE = 1_000_000
Rules = Sequence[tuple[Rule, Logic]]
Key = tuple[str, int, int]
"""Rule, key of the subject, onset."""


@dataclass(frozen=True)
class Difference:
    """An alarm on which rows and records disagree.

    Attributes:
        what: `missing` (the rows give it, the records have none), `extra`, or `other` (it ended otherwise).
    """

    what: str
    rule: str
    subject: str
    onset_ms: int
    replayed_cleared_ms: int | None = None
    recorded_cleared_ms: int | None = None


@dataclass
class Report:
    """What a replay found."""

    rows: int = 0
    alarms: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        return not self.differences

    def as_dict(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "alarms": self.alarms,
            "agrees": self.agrees,
            "differences": [one.__dict__ for one in self.differences],
        }


def replay(rules: Rules, view: View, pieces: Iterator[Rows], watermark_ms: int = 0) -> tuple[dict[Key, Span], int]:
    """What alarms rows give, by rule, subject and onset; and how many rows there were.

    Args:
        pieces: each with all rows of its subjects.
        watermark_ms: newest time of all rows, which silence is measured against; 0 for that of the pieces (then all
            must be of one piece).
    """
    found: dict[Key, Span] = {}
    count = 0
    for rows in pieces:
        engine = Engine(rules, view)
        outcome = engine.take(rows)
        engine.watermark_ms = max(engine.watermark_ms, watermark_ms)
        said: dict[tuple[int, int], list[Transition]] = {}
        for number, one in outcome.transitions + engine.tick():
            said.setdefault((number, one.subject), []).append(one)
        for (number, subject), transitions in said.items():
            for onset, span in spans(transitions).items():
                found[rules[number][0].id, subject, onset] = span
        count += len(rows["time_ms"])
    return found, count


def compare(
    platform: Platform,
    rules: Rules,
    from_ms: int,
    to_ms: int,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """Replay the history of a time and compare with the alarms that began in it."""
    telemetry = platform.service(Telemetry)
    view = telemetry.directory.view
    begin = max(from_ms - DAY_MS, 0)
    watermark = recall.newest(telemetry.history, begin, to_ms, SUSPICIOUS)

    shared = several_sources(view)

    def pieces() -> Iterator[Rows]:
        done = 0
        for rows in recall.by_source(telemetry.history, begin, to_ms, AT_ONCE, shared):
            bound = dict(rows)
            subjects = view.subjects(view.slots(rows["source"]), rows["time_ms"])
            bound["subject"] = np.where(subjects >= 0, view.key[np.maximum(subjects, 0)], rows["subject"])
            done += len(rows["time_ms"])
            progress(done)
            yield bound

    found, count = replay(rules, view, pieces(), watermark)
    with platform.store.read(system_actor("rules")) as work:
        recorded = alarms.of_time(work, [rule.id for rule, _ in rules], from_ms, to_ms)
    standing = {rule.id for rule, _ in rules if rule.standing}
    return differences(found, recorded, view, standing, from_ms, to_ms, count)


def several_sources(view: View) -> list[int]:
    """Keys of sources whose subject has, or had, others too: their rows belong together."""
    source = np.repeat(view.key, np.diff(view.binding_start))
    _, which, count = np.unique(view.binding_subject, return_inverse=True, return_counts=True)
    mine = count[which] > 1
    twice, times = np.unique(source, return_counts=True)
    return sorted({*source[mine].tolist(), *twice[times > 1].tolist()})


def differences(
    found: dict[Key, Span],
    recorded: Sequence[Alarm],
    view: View,
    standing: set[str],
    from_ms: int,
    to_ms: int,
    rows: int,
) -> Report:
    """Where rows and records disagree; of standing alarms only that they are there, as a person ends them."""
    urn_of = {int(key): str(urn) for key, urn in zip(view.key, view.urn, strict=True)}
    replayed = {
        (rule, urn_of.get(subject, ""), onset): None if span.ended is None else span.ended.at_ms
        for (rule, subject, onset), span in found.items()
        if from_ms <= onset < to_ms
    }
    known = {(one.rule, one.subject, one.onset_ms): one.cleared_ms for one in recorded}
    report = Report(rows, len(replayed))
    for key in sorted(replayed.keys() | known.keys()):
        ours, theirs = replayed.get(key), known.get(key)
        if key not in known:
            report.differences.append(Difference("missing", *key, ours, None))
        elif key not in replayed:
            report.differences.append(Difference("extra", *key, None, theirs))
        elif ours != theirs and key[0] not in standing:
            report.differences.append(Difference("other", *key, ours, theirs))
    return report
