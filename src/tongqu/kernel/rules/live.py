"""Rules as rows come in: a thread of the API process that follows the telemetry writer and never holds it up.

Alarms and the states they came of are kept in one transaction. After a crash the states that were kept last are taken
up and what came after them is read again from the history: the same rows give the same alarms.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence

import numpy as np

from tongqu.kernel import alarms, things
from tongqu.kernel.alarms import Episode, Kind, Subject
from tongqu.kernel.geo.stakes import StakeLocator
from tongqu.kernel.platform import Platform
from tongqu.kernel.rules import store
from tongqu.kernel.rules.batch import Batch, Subjects
from tongqu.kernel.rules.checkpoints import Kept, pack, unpack
from tongqu.kernel.rules.engine import Anew, Engine, Saved, spans
from tongqu.kernel.rules.logic import Logic
from tongqu.kernel.rules.values import Change, Rule, Transition
from tongqu.kernel.store import Work, system_actor
from tongqu.kernel.telemetry import recall
from tongqu.kernel.telemetry.rows import SUSPICIOUS, Rows, empty, join
from tongqu.kernel.telemetry.service import Telemetry, frame_id

log = logging.getLogger("tongqu.rules")
ACTOR = system_actor("rules")
SAVE_EVERY_S = 60.0
WAIT_S = 0.5
RETRY_S = 2.0
MOST_WAITING = 2_000_000
"""Rows that wait in memory; beyond that they are read from the history when their turn comes."""
MOST_AT_ONCE = 200
"""Subjects read anew together."""
FIRST_ROWS = 3_000_000
"""A platform that has more rows than this when rules come to it begins with now."""


def made(platform: Platform) -> list[tuple[Rule, Logic]]:
    """All rules of all modules with their logic, by id."""
    rules = sorted((rule for module in platform.modules for rule in module.rules), key=lambda rule: rule.id)
    return [(rule, rule.make(platform)) for rule in rules]


def kind_of(rule: Rule) -> Kind:
    return Kind(rule.id, rule.severity, rule.cause, rule.standing)


class RuleRunner:
    """The service. `start` begins to follow, `stop` ends after the batch at hand.

    Attributes:
        engine: states of all rules.
        offset: up to where the log has been looked at.
        cpu_s: processor time spent.
    """

    def __init__(self, platform: Platform, rules: Sequence[tuple[Rule, Logic]] | None = None) -> None:
        self.platform = platform
        self.telemetry = platform.service(Telemetry)
        self.engine = Engine(made(platform) if rules is None else rules, self.telemetry.directory.view)
        self.offset = 0
        self.received_ms = 0
        self.cpu_s = 0.0
        self.error = ""
        self._kept = Kept()
        self._bound: tuple[int, set[tuple[int, int, int, int]]] = (-1, set())
        self._queue: deque[tuple[Rows, int, int]] = deque()
        self._waiting = 0
        self._guard = threading.Lock()
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._saved_at = time.monotonic()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self.telemetry.writer.followers.append(self.follow)
        self._thread = threading.Thread(target=self._run, name="rules", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ending.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=30)

    def health(self) -> dict[str, object]:
        return {
            "lag_bytes": max(0, self.telemetry.writer.offset - self.offset),
            "subjects": self.engine.count,
            "rules": len(self.engine.rules),
            "error": self.error or None,
        }

    def follow(self, rows: Rows, begin: int, end: int) -> None:
        """Take note of committed rows; called by the writer."""
        with self._guard:
            if self._waiting > MOST_WAITING:  # they are in the history, and the gap shows that they are missing here
                self._queue.clear()
                self._waiting = 0
            else:
                self._queue.append((rows, begin, end))
                self._waiting += len(rows["source"])
        self._wake.set()

    def _warm(self) -> None:
        """Have the rules' loops compiled (or read from where they are kept) before the first rows wait for them."""
        row = empty(1)
        row["time_ms"][:] = 1
        slot = np.zeros(1, dtype=np.int32)
        batch = Batch(row, slot, Subjects(np.ones(1, dtype=np.int64), self.engine.view))
        for _, logic in self.engine.rules:
            state = np.zeros(1, dtype=logic.state)
            state["phase"] = 1  # as if something were under way: an idle one is passed over
            logic.step(state, batch)

    def _run(self) -> None:
        ready = False
        self._warm()
        while not self._ending.is_set():
            try:
                if not ready:
                    self.resume()
                    ready = True
                if not self.turn():
                    self._wake.wait(WAIT_S)
                    self._wake.clear()
                self.error = ""
            except Exception as error:
                if self.error != str(error):
                    log.exception("rules stand still and go on from what was kept")
                self.error = str(error)
                ready = False
                self._ending.wait(RETRY_S)

    def resume(self) -> None:
        """Take up the states that were kept, and read what came after them."""
        with self.platform.store.read(ACTOR) as work:
            packed = store.newest(work)
        saved = next((one for one in (unpack(self.engine.rules, each) for each in packed) if one is not None), None)
        upto = self.telemetry.writer.offset
        self._kept = Kept()
        self.engine = Engine(self.engine.rules, self.telemetry.directory.view)
        self._rebound()  # what is bound now is what rows were stored by, as far as is known
        if saved is not None:
            self.engine.load(saved)
            self._kept.add(self.platform.clock.now_ms(), saved)
            self.offset, self.received_ms = saved.offset, saved.received_ms
        elif recall.counted(self.telemetry.history) > FIRST_ROWS:
            self.offset = upto
        self.catch_up(upto)

    def catch_up(self, upto: int) -> None:
        """Read from the history what the log says up to an offset."""
        if upto <= self.offset:
            return
        rows = recall.rows_between(self.telemetry.history, self.offset, upto, self.received_ms)
        self._look(rows)
        oldest: dict[int, int] = {}
        for key, at_ms in zip(rows["subject"].tolist(), rows["time_ms"].tolist(), strict=True):
            oldest[key] = min(at_ms, oldest.get(key, at_ms))
        if len(rows["time_ms"]):
            good = rows["time_ms"][(rows["flags"] & SUSPICIOUS) == 0]
            if len(good):
                self.engine.watermark_ms = max(self.engine.watermark_ms, int(good.max()))
        self._tell([], self._anew(oldest, upto), upto)

    def turn(self) -> bool:
        """Work off what waits; gives whether there was anything."""
        with self._guard:
            waiting, self._queue, self._waiting = list(self._queue), deque(), 0
        waiting = [one for one in waiting if one[2] > self.offset]
        if not waiting:
            return self.telemetry.directory.view.version != self._bound[0] and self._corrected()
        if waiting[0][1] > self.offset:
            self.catch_up(waiting[0][1])
        rows = waiting[0][0] if len(waiting) == 1 else join([one[0] for one in waiting])
        self.step(rows, waiting[-1][2])
        return True

    def step(self, rows: Rows, upto: int) -> None:
        """Look at rows that came in, and keep what they bring about."""
        began = time.thread_time()
        self._look(rows)
        outcome = self.engine.take(rows)
        for key, at_ms in self._rebound().items():
            outcome.late[key] = min(at_ms, outcome.late.get(key, at_ms))
        read_anew = self._anew(outcome.late, upto)
        self._tell(outcome.transitions + self.engine.tick(), read_anew, upto)
        self.cpu_s += time.thread_time() - began

    def _corrected(self) -> bool:
        """Look at what a change of bindings alone brings about: no row may come after it for a long time."""
        self.engine.see(self.telemetry.directory.view)
        late = self._rebound()
        if late:
            self._tell([], self._anew(late, self.offset), self.offset)
        return bool(late)

    def _rebound(self) -> dict[int, int]:
        """Subjects whose rows are others than before, since a binding was corrected; and from when on."""
        view = self.engine.view
        if view.version == self._bound[0]:
            return {}
        source = np.repeat(view.key, np.diff(view.binding_start)).tolist()
        subject = view.key[view.binding_subject].tolist()
        known = set(zip(source, subject, view.binding_from.tolist(), view.binding_to.tolist(), strict=True))
        changed = known ^ self._bound[1]
        self._bound = (view.version, known)
        found: dict[int, int] = {}
        for one, other, begin, _ in changed:
            if self.telemetry.writer.has_rows(one):
                for key in (one, other):
                    found[key] = min(begin, found.get(key, begin))
        return found

    def _look(self, rows: Rows) -> None:
        self.engine.see(self.telemetry.directory.view)
        if len(rows["received_ms"]):
            self.received_ms = max(self.received_ms, int(rows["received_ms"].max()))

    def _anew(self, late: dict[int, int], upto: int) -> list[Anew]:
        """Read subjects anew, each from the newest states before its oldest late row."""
        groups: dict[int, tuple[Saved | None, list[int]]] = {}
        for key, at_ms in late.items():
            saved = self._kept.rewind(key, at_ms)
            groups.setdefault(id(saved), (saved, []))[1].append(key)
        found: list[Anew] = []
        for saved, keys in groups.values():
            for first in range(0, len(keys), MOST_AT_ONCE):
                some = keys[first : first + MOST_AT_ONCE]
                begins = {} if saved is None else dict(zip(saved.key.tolist(), saved.mark.tolist(), strict=True))
                wanted = [
                    one for key in some for one in recall.of_subject(self.engine.view, key, begins.get(key, -1) + 1)
                ]
                rows = recall.rows_of_subjects(self.telemetry.history, wanted, upto)
                found += self.engine.anew(some, saved, rows)
        return found

    def _tell(self, transitions: Sequence[tuple[int, Transition]], read_anew: Sequence[Anew], upto: int) -> None:
        """Alarms and, from time to time, the states, in one transaction."""
        said = [one for _, one in transitions] + [one for each in read_anew for one in each.transitions]
        places = {id(one): self._place(one) for one in said if one.change is Change.RAISED}
        now_ms = self.platform.clock.now_ms()
        due = time.monotonic() - self._saved_at >= SAVE_EVERY_S
        if self._kept.due(now_ms):
            self._kept.add(now_ms, self.engine.saved(upto, self.received_ms))
            due = True
        if transitions or read_anew or due:
            packed = pack(self.engine.rules, self.engine.saved(upto, self.received_ms)) if due else b""
            with self.platform.store.write(ACTOR) as work:
                self._write(work, transitions, read_anew, places)
                if due:
                    store.save(work, upto, packed)
            if due:
                self._saved_at = time.monotonic()
        self.offset = upto

    def _write(
        self,
        work: Work,
        transitions: Sequence[tuple[int, Transition]],
        read_anew: Sequence[Anew],
        places: dict[int, list[dict[str, object]]],
    ) -> None:
        keys = {one.subject for _, one in transitions} | {one.subject for one in read_anew}
        known = things.by_keys(work, keys) if keys else {}
        subjects = {
            key: Subject(str(thing.urn), thing.name, thing.organisation, thing.region) for key, thing in known.items()
        }
        for number, one in transitions:
            subject = subjects.get(one.subject)
            if subject is None:
                continue
            kind = kind_of(self.engine.rules[number][0])
            if one.change is Change.RAISED:
                alarms.raise_(work, kind, subject, episode(one), place=places[id(one)])
            elif one.change is Change.CLEARED:
                alarms.clear(work, kind.rule, subject.urn, episode(None, one))
            else:
                alarms.withdraw(work, kind.rule, subject.urn, one.onset_ms)
        for each in read_anew:
            subject = subjects.get(each.subject)
            if subject is None:
                continue
            found = spans(each.transitions, each.carried)
            alarms.reconcile(
                work,
                kind_of(self.engine.rules[each.rule][0]),
                subject,
                each.since_ms,
                [episode(one.began, one.ended, onset) for onset, one in found.items()],
                [places.get(id(one.began), []) for one in found.values()],
            )

    def _place(self, one: Transition) -> list[dict[str, object]]:
        """Stakes where something began, the nearest first; none where nobody knows routes."""
        if not self.platform.has(StakeLocator):
            return []
        found = self.platform.service(StakeLocator).locate(one.lon, one.lat)  # type: ignore[type-abstract]
        return [
            {
                "route": place.number,
                "region": place.region,
                "stake_m": round(place.stake_m, 1),
                "direction": place.direction,
                "text": place.text,
            }
            for place in found
        ]


def episode(began: Transition | None, ended: Transition | None = None, onset_ms: int = 0) -> Episode:
    """A condition as the alarms room takes it; without a beginning it is one that was known before."""
    cleared = ended.at_ms if ended is not None else None
    ending = dict(ended.values) if ended is not None else {}
    frames = tuple(frame_id(one) for one in (began or ended or _NOTHING).evidence)
    if began is None:
        onset = ended.onset_ms if ended is not None else onset_ms
        return Episode(onset, 0, cleared, evidence=frames, ending=ending, carried=True)
    return Episode(
        began.onset_ms,
        began.at_ms,
        cleared,
        began.lon,
        began.lat,
        str(began.region) if began.region else "",
        dict(began.values),
        frames,
        ending,
        str(began.values.get("cause", "")),
    )


_NOTHING = Transition(0, Change.RAISED, 0, 0)
