"""The engine: all rules over the rows of all subjects, in event time. It knows neither stores nor threads.

A row that is newer than all rows of its subject moves the states on. A subject with a row that is not (late, refilled,
shuffled) is read anew from a state that was kept before it; until then its states stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tongqu.kernel.rules.batch import NEVER_IN_ORDER, Batch, Subjects, in_order
from tongqu.kernel.rules.logic import Logic
from tongqu.kernel.rules.values import Change, Rule, Transition
from tongqu.kernel.telemetry.directory import View
from tongqu.kernel.telemetry.rows import SUSPICIOUS, Column, Rows, take

OPEN = 2


@dataclass(frozen=True)
class Saved:
    """States as they were at an offset of the log.

    Attributes:
        offset: rows before it are in them.
        received_ms: newest time of receipt of these rows.
        watermark_ms: newest time of any of them.
        key: of each subject; mark: the time of its newest row.
        states: by rule, a record for each subject.
    """

    offset: int
    received_ms: int
    watermark_ms: int
    key: NDArray[np.int64]
    mark: NDArray[np.int64]
    states: tuple[NDArray[Any], ...]


@dataclass(frozen=True)
class Anew:
    """What a subject's rows after an instant say, read anew.

    Attributes:
        rule: number of the rule.
        since_ms: the instant.
        carried: onset of the alarm that was open then, 0 for none.
        transitions: from then on.
    """

    rule: int
    subject: int
    since_ms: int
    carried: int
    transitions: list[Transition]


@dataclass
class Outcome:
    """What rows brought about.

    Attributes:
        transitions: number of the rule and what it says, of subjects whose rows came in order.
        late: subjects that must be read anew, with the time of their oldest late row.
    """

    transitions: list[tuple[int, Transition]] = field(default_factory=list)
    late: dict[int, int] = field(default_factory=dict)


class Engine:
    """States of all rules and subjects.

    Attributes:
        rules: with their logic, in a fixed order.
        key, mark: of each subject, in the order in which they became known.
        watermark_ms: newest time of any row.
    """

    def __init__(self, rules: Sequence[tuple[Rule, Logic]], view: View) -> None:
        self.rules = tuple(rules)
        self.view = view
        self.watermark_ms = 0
        self.count = 0
        self._place_of = np.full(1024, -1, dtype=np.int32)
        self._key = np.zeros(0, dtype=np.int64)
        self._mark = np.zeros(0, dtype=np.int64)
        self._states: list[NDArray[Any]] = [np.zeros(0, dtype=logic.state) for _, logic in self.rules]
        self._subjects = Subjects(self._key, view)

    @property
    def key(self) -> NDArray[np.int64]:
        return self._key[: self.count]

    @property
    def mark(self) -> NDArray[np.int64]:
        return self._mark[: self.count]

    def state(self, rule: int) -> NDArray[Any]:
        return self._states[rule][: self.count]

    def see(self, view: View) -> None:
        """Look subjects up in a newer directory from now on."""
        if view.version != self.view.version:
            self.view = view
            self._subjects = Subjects(self.key.copy(), view)

    def take(self, rows: Rows) -> Outcome:
        """Move on by rows that came in, in any order."""
        batch = self._sorted(rows)
        outcome = Outcome()
        if not len(batch):
            return outcome
        good = (batch["flags"] & SUSPICIOUS) == 0
        if good.any():
            self.watermark_ms = max(self.watermark_ms, int(batch["time_ms"][good].max()))
        not_newer = batch["time_ms"] <= self.mark[batch.slot]
        if not_newer.any():
            late = np.unique(batch.slot[not_newer])
            oldest = np.minimum.reduceat(batch["time_ms"], np.searchsorted(batch.slot, late))
            for place, at_ms in zip(late.tolist(), oldest.tolist(), strict=True):
                outcome.late[int(self.key[place])] = at_ms
            is_late = np.zeros(self.count, dtype=np.bool_)
            is_late[late] = True
            batch = batch.where(~is_late[batch.slot])
        self._mark[batch.slot] = batch["time_ms"]  # by time within each subject: the newest is set last
        for number, (rule, logic) in enumerate(self.rules):
            mine = for_rule(rule, batch)
            if len(mine):
                _, found = logic.step(self.state(number), mine)
                outcome.transitions += [(number, one) for one in found]
        return outcome

    def tick(self) -> list[tuple[int, Transition]]:
        """What the passing of time alone brings about."""
        found = []
        for number, (_, logic) in enumerate(self.rules):
            found += [(number, one) for one in logic.tick(self.state(number), self.watermark_ms, self._known())]
        return found

    def anew(self, keys: Sequence[int], saved: Saved | None, rows: Rows) -> list[Anew]:
        """Read subjects anew, and go on from there.

        Args:
            keys: of the subjects.
            saved: states to begin with, in which all of them are; None to begin with nothing.
            rows: all of them that are newer than their marks in `saved`.
        """
        wanted = np.array(sorted(set(keys)), dtype=np.int64)
        subjects = Subjects(wanted, self.view)
        mark = np.full(len(wanted), -1, dtype=np.int64)
        states = [np.zeros(len(wanted), dtype=logic.state) for _, logic in self.rules]
        if saved is not None:
            order = np.argsort(saved.key)
            at = order[np.searchsorted(saved.key, wanted, sorter=order)]
            mark[:] = saved.mark[at]
            states = [state[at].copy() for state in saved.states]
        rows = take(rows, (rows["flags"] & NEVER_IN_ORDER) == 0)
        slot = np.searchsorted(wanted, rows["subject"]).astype(np.int32)
        newer = rows["time_ms"] > mark[slot]
        rows, slot = take(rows, newer), slot[newer]
        order = in_order(rows, slot)
        batch = Batch(take(rows, order), slot[order], subjects)
        places = self._places(wanted)
        found = []
        for number, (rule, logic) in enumerate(self.rules):
            state = states[number]
            carried = np.where(state["phase"] == OPEN, state["onset"], 0)
            _, said = logic.step(state, for_rule(rule, batch))
            said += logic.tick(state, self.watermark_ms, subjects)
            by_subject: dict[int, list[Transition]] = {int(key): [] for key in wanted}
            for one in said:
                by_subject[one.subject].append(one)
            for i, key in enumerate(wanted.tolist()):
                found.append(Anew(number, key, int(mark[i]), int(carried[i]), by_subject[key]))
            self._states[number][places] = state
        newest = mark.copy()
        newest[batch.slot] = batch["time_ms"]
        self._mark[places] = np.maximum(newest, 0)
        return found

    def saved(self, offset: int, received_ms: int) -> Saved:
        """A copy of all states."""
        states = tuple(self.state(number).copy() for number in range(len(self.rules)))
        return Saved(offset, received_ms, self.watermark_ms, self.key.copy(), self.mark.copy(), states)

    def load(self, saved: Saved) -> None:
        """Go on from kept states."""
        self.count = 0
        places = self._places(saved.key)
        self._mark[places] = saved.mark
        for number, state in enumerate(saved.states):
            self._states[number][places] = state
        self.watermark_ms = saved.watermark_ms

    def _sorted(self, rows: Rows) -> Batch:
        usable = (rows["flags"] & NEVER_IN_ORDER) == 0
        if not usable.all():
            rows = take(rows, usable)
        slot = self._places(rows["subject"])
        order = in_order(rows, slot)
        return Batch(take(rows, order), slot[order], self._known())

    def _known(self) -> Subjects:
        if len(self._subjects) != self.count:
            self._subjects = Subjects(self.key.copy(), self.view)
        return self._subjects

    def _places(self, keys: Column) -> NDArray[np.int32]:
        """Places of subjects in the arrays; new ones are made."""
        if not len(keys):
            return np.zeros(0, dtype=np.int32)
        if self.count == 0:
            self._place_of[:] = -1
        highest = int(keys.max())
        if highest >= len(self._place_of):
            grown = np.full(max(highest + 1, 2 * len(self._place_of)), -1, dtype=np.int32)
            grown[: len(self._place_of)] = self._place_of
            self._place_of = grown
        found = self._place_of[keys]
        if (found < 0).any():
            new = np.unique(keys[found < 0])
            self._grow(self.count + len(new))
            self._place_of[new] = np.arange(self.count, self.count + len(new), dtype=np.int32)
            self._key[self.count : self.count + len(new)] = new
            self._mark[self.count : self.count + len(new)] = 0
            for state in self._states:
                state[self.count : self.count + len(new)] = np.zeros(1, dtype=state.dtype)
            self.count += len(new)
            found = self._place_of[keys]
        return found

    def _grow(self, count: int) -> None:
        if count <= len(self._key):
            return
        room = max(count, 2 * len(self._key), 256)
        self._key, self._mark = _longer(self._key, room), _longer(self._mark, room)
        self._states = [_longer(state, room) for state in self._states]


def _longer(old: NDArray[Any], room: int) -> NDArray[Any]:
    new = np.zeros(room, dtype=old.dtype)
    new[: len(old)] = old
    return new


def for_rule(rule: Rule, batch: Batch) -> Batch:
    """The rows of a batch that a rule is given."""
    mine = batch if rule.suspicious else batch.good()
    of_kind = batch.subjects.of_kind(rule.kinds)
    return mine if of_kind.all() else mine.where(of_kind[mine.slot])


@dataclass
class Span:
    """A condition from its onset to its end, as its transitions say it."""

    began: Transition | None
    ended: Transition | None = None


def spans(transitions: Iterable[Transition], carried: int = 0) -> dict[int, Span]:
    """What transitions of one rule and subject come to, by onset; what was taken back is not there.

    Args:
        carried: onset of the one that was open before; it has no beginning here.
    """
    found: dict[int, Span] = {carried: Span(None)} if carried else {}
    for one in transitions:
        if one.change is Change.RAISED:
            found[one.onset_ms] = Span(one)
        elif one.change is Change.CLEARED:
            found.setdefault(one.onset_ms, Span(None)).ended = one
        else:
            found.pop(one.onset_ms, None)
    return found
