"""Rules compiled ahead: each one's loop run once over a single row, away from the process that rows wait in."""

from __future__ import annotations

import logging

import numpy as np

from tongqu.kernel.platform import Platform
from tongqu.kernel.rules.batch import Batch, Subjects
from tongqu.kernel.telemetry.directory import View
from tongqu.kernel.telemetry.rows import empty

log = logging.getLogger("tongqu.rules")


def compile_rules(platform: Platform) -> None:
    """Run the loop of each rule of an empty platform once; one that needs services that are not there is left out."""
    view = _nobody()
    row = empty(1)
    row["time_ms"][:] = platform.clock.now_ms()
    batch = Batch(row, np.zeros(1, dtype=np.int32), Subjects(np.ones(1, dtype=np.int64), view))
    for rule in (rule for module in platform.modules for rule in module.rules):
        try:
            logic = rule.make(platform)
            state = np.zeros(1, dtype=logic.state)
            state["phase"] = 1  # as if something were under way: an idle one is passed over
            logic.step(state, batch)
        except Exception as error:
            log.info("%s is compiled when it is first needed: %s", rule.id, type(error).__name__)


def _nobody() -> View:
    """A directory with one vehicle that belongs to nobody."""
    n = 2
    return View(
        version=1,
        key=np.arange(n, dtype=np.int64),
        slot_of_key=np.arange(n, dtype=np.int32),
        home=np.zeros(n, dtype=np.int64),
        organisation=np.zeros(n, dtype=np.int32),
        kind=np.zeros(n, dtype=np.int16),
        category=np.zeros(n, dtype=np.int16),
        urn=np.array([""] * n, dtype=object),
        label=np.array([""] * n, dtype=object),
        organisations={"": 0},
        kinds={"vehicle": 0},
        categories=(("", ""),),
        binding_start=np.zeros(n + 1, dtype=np.int64),
        binding_subject=np.zeros(0, dtype=np.int32),
        binding_from=np.zeros(0, dtype=np.int64),
        binding_to=np.zeros(0, dtype=np.int64),
        by_urn={},
    )
