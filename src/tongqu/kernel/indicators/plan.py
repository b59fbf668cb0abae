"""What is to be computed: windows that have closed, windows whose rows changed since, and the one that is running.

A window's fingerprint stands for everything its figures come from: the parts of the history that can hold its rows, the
bindings that hold in it, the records projected for it, the legal numbers in force. Where it differs from the one of the
stored run, the window is computed anew: so late data, a corrected binding and a withdrawn alarm count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray

from tongqu.kernel.indicators.values import Indicator, Window
from tongqu.kernel.indicators.windows import windows_between
from tongqu.kernel.telemetry.history import Part
from tongqu.kit.time import MINUTE_MS

MOST_WINDOWS = 48
LOOSE = ("fresh", "late")
"""Parts whose rows can be of any time; they become files of their hours within minutes, and count from then on."""
RUNNING_EVERY_MS = 10 * MINUTE_MS


@dataclass(frozen=True)
class Known:
    """What a stored run says of itself."""

    fingerprint: str
    closed: bool
    computed_ms: int

    def holds(self, fingerprint: str, closed: bool, now_ms: int) -> bool:
        """Whether nothing is to be computed: nothing changed, or the window still runs and was looked at just now."""
        if closed:
            return self.closed and self.fingerprint == fingerprint
        return now_ms - self.computed_ms < RUNNING_EVERY_MS


@dataclass(frozen=True)
class Wanted:
    """A window to compute, and for which indicators.

    Attributes:
        fingerprints: by id of the indicator.
        closed: no further rows are expected.
    """

    window: Window
    closed: bool
    fingerprints: dict[str, str]


class Bindings:
    """Digests of the bindings that hold in a window, whatever happens outside it."""

    def __init__(self, table: pa.Table) -> None:
        self._columns = {name: table[name].to_numpy() for name in table.column_names}

    def digest(self, window: Window) -> str:
        begin = np.maximum(self._columns["from_ms"], window.from_ms)
        end = np.minimum(self._columns["to_ms"], window.to_ms)
        holds = begin < end
        columns = (self._columns["source"], self._columns["subject"], begin, end)
        with np.errstate(over="ignore"):
            mixed = _mixed([column[holds] for column in columns])
            return f"{int(holds.sum())}:{int(np.add.reduce(mixed, initial=np.uint64(0))):x}"


def _mixed(columns: Sequence[NDArray[np.int64]]) -> NDArray[np.uint64]:
    """A hash of each row (multiply and xor-shift, as in splitmix64)."""
    mixed = np.zeros(len(columns[0]), dtype=np.uint64)
    for column in columns:
        mixed = (mixed ^ column.astype(np.uint64)) * np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(31)
    return mixed


class Slices:
    """Digests of the rows that a projection has in a window; of one without times, of all its rows."""

    def __init__(self, table: pa.Table) -> None:
        timed = "time_ms" in table.column_names
        names = ["time_ms", *_plain(table)] if timed else _plain(table)
        self._table = table.sort_by([(name, "ascending") for name in names])
        self._time = self._table["time_ms"].to_numpy() if timed else None
        self._whole = "" if timed else digest(self._table.to_pylist())

    def digest(self, window: Window) -> str:
        if self._time is None:
            return self._whole
        begin, end = np.searchsorted(self._time, [window.from_ms, window.to_ms])
        rows = self._table.slice(int(begin), int(end - begin)).to_pylist()
        return digest(rows)


def _plain(table: pa.Table) -> list[str]:
    """Columns that rows can be sorted by."""
    return [field.name for field in table.schema if field.name != "time_ms" and not pa.types.is_nested(field.type)]


def digest(value: Any) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()


def windows_with_rows(indicator: Indicator, parts: Iterable[Part], since_ms: int, now_ms: int) -> list[Window]:
    """Windows of an indicator that rows can be in, the latest first."""
    found = {
        window
        for part in parts
        if part.kind not in LOOSE
        for period in indicator.periods
        for window in windows_between(period, max(part.from_ms, since_ms), min(part.to_ms, now_ms))
    }
    found |= {window for period in indicator.periods for window in windows_between(period, now_ms, now_ms + 1)}
    return sorted(found, key=lambda window: (-window.from_ms, window.period))


def parts_of(window: Window, parts: Iterable[Part]) -> list[list[Any]]:
    """Name and number of rows of the parts that can hold rows of a window, but for what has just come in."""
    inside = (part for part in parts if part.kind not in LOOSE and part.may_hold(window.from_ms, window.to_ms))
    return [[part.name, part.rows] for part in inside]


def is_closed(window: Window, parts: Iterable[Part], closed_before_ms: int) -> bool:
    """Whether the window has ended and its hours were sealed."""
    if window.to_ms > closed_before_ms:
        return False
    return not any(part.kind == "hot" and part.may_hold(window.from_ms, window.to_ms) for part in parts)


def chosen(wanted: Iterable[Wanted]) -> list[Wanted]:
    """As many as one job takes: the latest first, so that a page shows today before last month is made up for."""
    return sorted(wanted, key=lambda one: (-one.window.to_ms, one.window.period))[:MOST_WINDOWS]
