"""States that are kept: in memory for rows that come late, packed for the next start."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from tongqu.kernel.rules.engine import Saved
from tongqu.kernel.rules.logic import Logic
from tongqu.kernel.rules.values import Rule

STEPS_MS = ((600_000, 6), (7_200_000, 12))
"""States are kept every ten minutes of the last hour, and every two hours of the last day."""


def pack(rules: Sequence[tuple[Rule, Logic]], saved: Saved) -> bytes:
    """States as bytes, with the names of the rules they belong to."""
    buffer = io.BytesIO()
    head = np.array([saved.offset, saved.received_ms, saved.watermark_ms], dtype=np.int64)
    states: dict[str, Any] = {f"state:{rule.id}": state for (rule, _), state in zip(rules, saved.states, strict=True)}
    np.savez(buffer, head=head, key=saved.key, mark=saved.mark, **states)
    return zlib.compress(buffer.getvalue(), 1)


def unpack(rules: Sequence[tuple[Rule, Logic]], packed: bytes) -> Saved | None:
    """States of these rules; None if they were kept for others, or by another version of their logic."""
    try:
        with np.load(io.BytesIO(zlib.decompress(packed)), allow_pickle=False) as found:
            names = {f"state:{rule.id}" for rule, _ in rules}
            if names != {name for name in found.files if name.startswith("state:")}:
                return None
            states = tuple(found[f"state:{rule.id}"] for rule, _ in rules)
            if any(state.dtype != logic.state for state, (_, logic) in zip(states, rules, strict=True)):
                return None
            offset, received_ms, watermark_ms = (int(one) for one in found["head"])
            return Saved(offset, received_ms, watermark_ms, found["key"], found["mark"], states)
    except (ValueError, KeyError, zlib.error, OSError):
        return None


class Kept:
    """States of the last day, denser where they are younger."""

    def __init__(self) -> None:
        self._saved: list[tuple[int, Saved]] = []

    def add(self, at_ms: int, saved: Saved) -> None:
        """Keep states of an instant, and let go what is too dense."""
        self._saved.append((at_ms, saved))
        kept: list[tuple[int, Saved]] = []
        for one in self._saved:
            age = at_ms - one[0]
            step = next((step for step, count in STEPS_MS if age <= step * count), 0)
            if age == 0 or (step and (not kept or one[0] // step != kept[-1][0] // step)):
                kept.append(one)
        self._saved = kept

    def due(self, at_ms: int) -> bool:
        return not self._saved or at_ms - self._saved[-1][0] >= STEPS_MS[0][0]

    def rewind(self, key: int, time_ms: int) -> Saved | None:
        """The newest states in which a subject's newest row is older than an instant at which a row came late.

        States in which it is not older were made without that row: they are never given for this subject again.
        """
        newest = None
        for _, saved in self._saved:
            at = np.flatnonzero(saved.key == key)
            if len(at) and saved.mark[at[0]] >= time_ms:
                saved.mark[at[0]] = 0
            if len(at) and saved.mark[at[0]] > 0:
                newest = saved
        return newest
