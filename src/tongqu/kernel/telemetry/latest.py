"""The latest value of each moving thing: arrays by slot of the directory, updated a batch at a time.

Only rows without a suspicion flag enter. Writer and readers share the arrays; a reader takes a `Snapshot`, a copy that
does not change, made at most once for each change.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tongqu.kernel.telemetry import kernels
from tongqu.kernel.telemetry.rows import COLUMNS, SUSPICIOUS, Rows

E7 = 1e7


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Latest values at one moment, by slot.

    Attributes:
        version: counts changes.
        columns: as in `rows.COLUMNS`; `time_ms` is 0 where nothing is known of a slot.
        lon_e7, lat_e7: position in 1e-7 degree.
        changed_at: the version at which a slot last changed.
    """

    version: int
    columns: dict[str, NDArray[Any]]
    lon_e7: NDArray[np.int32]
    lat_e7: NDArray[np.int32]
    changed_at: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.changed_at)


class Latest:
    """The latest values.

    Attributes:
        fix_ms: when (by the platform's clock) fixes last came in; moved_ms: when one of them was at another place.
    """

    def __init__(self) -> None:
        self._columns: dict[str, NDArray[Any]] = {name: np.zeros(0, kind) for name, (_, kind) in COLUMNS.items()}
        self._changed_at = np.zeros(0, dtype=np.int64)
        self._guard = threading.Lock()
        self._version = 0
        self._snapshot: Snapshot | None = None
        self.fix_ms = 0
        self.moved_ms = 0

    @property
    def version(self) -> int:
        return self._version

    def ensure(self, slots: int) -> None:
        """Make room for so many slots."""
        if slots <= len(self._changed_at):
            return
        with self._guard:
            have = len(self._changed_at)
            if slots <= have:  # another thread was quicker
                return
            room = max(slots, 2 * have, 1024)
            for name, column in self._columns.items():
                self._columns[name] = _grown(column, room)
            self._changed_at = _grown(self._changed_at, room)

    def update(self, slots: NDArray[np.int32], rows: Rows, now_ms: int) -> NDArray[np.int32]:
        """Take newer rows in; gives the slots that changed.

        Args:
            slots: slot of each row's subject, -1 for those that have none.
        """
        if not len(slots):
            return slots
        good = (rows["flags"] & SUSPICIOUS) == 0
        with self._guard:
            best, changed = kernels.newest(slots, rows["time_ms"], good, self._columns["time_ms"])
            if len(changed):
                self._put(changed, {name: rows[name][best[changed]] for name in COLUMNS}, now_ms)
        return np.asarray(changed)

    def replace(self, slots: NDArray[np.int32], rows: Rows) -> None:
        """Set slots whatever they hold; rows with time 0 make them empty. For bindings that were corrected."""
        with self._guard:
            self._put(slots, rows, None)

    def touch(self, slots: NDArray[np.int64]) -> None:
        """Count slots as changed: what is shown of them did, by the passing of time."""
        with self._guard:
            self._version += 1
            self._changed_at[slots] = self._version
            self._snapshot = None

    def _put(self, slots: NDArray[np.int32], rows: Rows, now_ms: int | None) -> None:
        columns = self._columns
        if now_ms is not None:
            known = columns["time_ms"][slots] > 0
            moved = (columns["lon"][slots] != rows["lon"]) | (columns["lat"][slots] != rows["lat"])
            self.fix_ms = now_ms
            if (known & moved).any():
                self.moved_ms = now_ms
        for name in COLUMNS:
            columns[name][slots] = rows[name]
        self._version += 1
        self._changed_at[slots] = self._version
        self._snapshot = None

    def snapshot(self) -> Snapshot:
        """What is known now."""
        with self._guard:
            if self._snapshot is None:
                columns = {name: column.copy() for name, column in self._columns.items()}
                self._snapshot = Snapshot(
                    version=self._version,
                    columns=columns,
                    lon_e7=np.round(columns["lon"] * E7).astype(np.int32),
                    lat_e7=np.round(columns["lat"] * E7).astype(np.int32),
                    changed_at=self._changed_at.copy(),
                )
            return self._snapshot

    def known(self) -> Rows:
        """The rows of all slots that have one, to be saved."""
        snapshot = self.snapshot()
        which = np.flatnonzero(snapshot.columns["time_ms"] > 0)
        return {name: column[which] for name, column in snapshot.columns.items()}


def _grown(column: NDArray[Any], room: int) -> NDArray[Any]:
    new = np.zeros(room, dtype=column.dtype)
    new[: len(column)] = column
    return new
