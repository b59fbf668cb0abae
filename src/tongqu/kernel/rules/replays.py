"""Replays on request: one at a time, in a thread of the process that owns the history."""

from __future__ import annotations

import logging
import threading
from typing import Any

from tongqu.kernel.platform import Platform
from tongqu.kernel.rules.live import made
from tongqu.kernel.rules.replay import compare
from tongqu.kit.errors import Invalid, Refused

log = logging.getLogger("tongqu.rules")
MOST_SHOWN = 200


class Replays:
    """The service of the API process; what the last one found stays until the next."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._guard = threading.Lock()
        self._state: dict[str, Any] = {"state": "none"}

    def begin(self, from_ms: int, to_ms: int) -> dict[str, Any]:
        """Begin one.

        Raises:
            Invalid: `rules.empty_time`.
            Refused: `rules.replay_running`.
        """
        if from_ms >= to_ms:
            raise Invalid("rules.empty_time", field="from_ms")
        with self._guard:
            if self._state["state"] == "running":
                raise Refused("rules.replay_running")
            self._state = {"state": "running", "from_ms": from_ms, "to_ms": to_ms, "rows": 0}
        threading.Thread(target=self._run, args=(from_ms, to_ms), name="rules-replay", daemon=True).start()
        return self.state()

    def state(self) -> dict[str, Any]:
        with self._guard:
            return dict(self._state)

    def _run(self, from_ms: int, to_ms: int) -> None:
        try:
            report = compare(self._platform, made(self._platform), from_ms, to_ms, self._progress)
        except Exception as error:
            log.exception("a replay failed")
            self._say(state="failed", error=str(error))
            return
        found = report.as_dict()
        self._say(state="done", **found | {"differences": found["differences"][:MOST_SHOWN]})

    def _progress(self, rows: int) -> None:
        self._say(rows=rows)

    def _say(self, **news: Any) -> None:
        with self._guard:
            self._state = self._state | news
