"""All movers at a moment of the past, from the history: the same picture that the live view gave then.

Rows that came late are in it, and a binding that was corrected afterwards counts as it stands now.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

import numpy as np

from tongqu.kernel.telemetry.directory import View
from tongqu.kernel.telemetry.history import History
from tongqu.kernel.telemetry.latest import Latest
from tongqu.kernel.telemetry.movers import MoversView, Shown
from tongqu.kernel.telemetry.rows import SUSPICIOUS, Rows, empty, join
from tongqu.kit.time import HOUR_MS, MINUTE_MS, SECOND_MS

REACHES_MS = (MINUTE_MS, 10 * MINUTE_MS, HOUR_MS)
"""How far back the last fix of a mover is looked for; one that was silent for longer is not in the picture."""
STEP_MS = SECOND_MS
KEPT = 16
FRESH_S = 20.0


class Past:
    """Pictures of moments, made once for all who ask for the same second at the same time."""

    def __init__(self, history: History, movers: MoversView) -> None:
        self._history = history
        self._movers = movers
        self._guard = threading.Lock()
        self._kept: OrderedDict[tuple[int, int], tuple[float, Shown]] = OrderedDict()
        self._turn = threading.Lock()

    def at(self, at_ms: int) -> Shown:
        """The movers at a moment (UTC ms), to the second."""
        at_ms -= at_ms % STEP_MS
        found = self._find(at_ms)
        if found is not None:
            return found
        with self._turn:  # who waited finds what the other has made
            found = self._find(at_ms)
            if found is None:
                found = self._made(at_ms)
                with self._guard:
                    self._kept[at_ms, found.view.version] = (time.monotonic(), found)
                    while len(self._kept) > KEPT:
                        self._kept.popitem(last=False)
            return found

    def _find(self, at_ms: int) -> Shown | None:
        key = (at_ms, self._movers.directory.view.version)
        with self._guard:
            made_s, shown = self._kept.get(key, (0.0, None))
            return shown if time.monotonic() - made_s < FRESH_S else None

    def _made(self, at_ms: int) -> Shown:
        view = self._movers.directory.view
        newest = self._history.newest_before(at_ms, REACHES_MS, SUSPICIOUS)
        rows = join([empty(len(newest["source"])) | newest, self._left_behind(view, at_ms)])
        slots = view.slots(rows["source"])
        known = slots >= 0
        rows = {name: column[known] for name, column in rows.items()}
        latest = Latest()
        latest.ensure(len(view))
        latest.update(view.subjects(slots[known], rows["time_ms"]), rows, at_ms)
        return self._movers.derived(view, latest.snapshot(), at_ms)

    def _left_behind(self, view: View, at_ms: int) -> Rows:
        """The last rows of bindings that had just ended: the source went on, what it was fitted to stayed there."""
        begin = at_ms - REACHES_MS[-1]
        ended = np.flatnonzero((view.binding_to > begin) & (view.binding_to <= at_ms))
        sources = view.key[np.searchsorted(view.binding_start, ended, side="right") - 1]
        wanted = [
            (int(source), max(begin, int(view.binding_from[i])), int(view.binding_to[i]))
            for source, i in zip(sources, ended, strict=True)
        ]
        return self._history.last_rows(wanted, SUSPICIOUS) if wanted else empty()
