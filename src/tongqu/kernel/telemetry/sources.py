"""What is remembered of each source between batches: its newest time and its last good fix.

The newest time makes the look-up of duplicates cheap without an index and without a set of keys in memory: a row that
is newer than all rows of its source cannot be stored already. Only the rest (refills, repetitions) is looked up.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tongqu.kernel.telemetry import kernels
from tongqu.kernel.telemetry.history import History
from tongqu.kernel.telemetry.rows import SUSPICIOUS, Column, Rows

MAX_KEY = 1 << 28
FUTURE_MS = 300_000.0
"""The future begins so many ms after receipt."""


class Sources:
    """State by source, in slots of its own.

    Attributes:
        newest_ms: newest time of any stored row.
        last_ms, last_lon, last_lat: last fix without a suspicion flag.
    """

    def __init__(self, stale_ms: int) -> None:
        self._limits = np.array([FUTURE_MS, float(stale_ms)])
        self._slot_of_key = np.full(1024, -1, dtype=np.int32)
        self._keys = np.zeros(0, dtype=np.int64)
        self.count = 0
        self.newest_ms = np.zeros(0, dtype=np.int64)
        self.last_ms = np.zeros(0, dtype=np.int64)
        self.last_lon = np.zeros(0)
        self.last_lat = np.zeros(0)
        self._doubt = np.zeros((0, 4))
        self._changed = np.zeros(0, dtype=np.bool_)

    def slots(self, keys: Column) -> NDArray[np.int32]:
        """Slots of keys (all in 1 to `MAX_KEY`); new ones are made."""
        if not len(keys):
            return np.zeros(0, dtype=np.int32)
        highest = int(keys.max())
        if highest >= len(self._slot_of_key):
            grown = np.full(max(highest + 1, 2 * len(self._slot_of_key)), -1, dtype=np.int32)
            grown[: len(self._slot_of_key)] = self._slot_of_key
            self._slot_of_key = grown
        found = self._slot_of_key[keys]
        if (found < 0).any():
            new = np.unique(keys[found < 0])
            self._slot_of_key[new] = np.arange(self.count, self.count + len(new), dtype=np.int32)
            self._grow(self.count + len(new))
            self._keys[self.count - len(new) : self.count] = new
            found = self._slot_of_key[keys]
        return found

    def _grow(self, count: int) -> None:
        self.count = count
        if count <= len(self.newest_ms):
            return
        room = max(count, 2 * len(self.newest_ms), 256)
        for name in ("_keys", "newest_ms", "last_ms", "last_lon", "last_lat", "_changed", "_doubt"):
            old = getattr(self, name)
            new = np.zeros((room, *old.shape[1:]), dtype=old.dtype)
            new[: len(old)] = old
            setattr(self, name, new)

    def has_rows(self, key: int) -> bool:
        """Whether any row of a source was ever stored."""
        slot = self._slot_of_key[key] if 0 < key < len(self._slot_of_key) else -1
        return bool(slot >= 0 and self.newest_ms[slot] > 0)

    def perhaps_stored(self, slots: NDArray[np.int32], time_ms: Column) -> NDArray[np.bool_]:
        """Which rows may be stored already: those not newer than all of their source."""
        return np.asarray(time_ms <= self.newest_ms[slots])

    def judge(self, slots: NDArray[np.int32], rows: Rows, fixed_mask: Column, jump_kmh: Column) -> None:
        """Set the suspicion flags of new rows, in the order of arrival."""
        kernels.judge(
            slots,
            rows["time_ms"],
            rows["received_ms"],
            rows["lon"],
            rows["lat"],
            rows["status"],
            fixed_mask,
            jump_kmh,
            self.last_ms,
            self.last_lon,
            self.last_lat,
            self._doubt,
            self._limits,
            rows["flags"],
        )

    def stored(self, slots: NDArray[np.int32], time_ms: Column) -> None:
        """Note rows that were stored."""
        kernels.raise_marks(slots, time_ms, self.newest_ms)
        self._changed[slots] = True

    def changed(self) -> pa.Table:
        """State of the sources that changed since the last call of `saved`, as rows of the table `mark`."""
        which = np.flatnonzero(self._changed[: self.count])
        columns = (self._keys, self.newest_ms, self.last_ms, self.last_lon, self.last_lat)
        names = ("source", "newest_ms", "last_ms", "last_lon", "last_lat")
        return pa.table({name: column[which] for name, column in zip(names, columns, strict=True)})

    def saved(self) -> None:
        self._changed[:] = False

    def load(self, history: History) -> None:
        """Take up the state that was saved, and the rows that came after it."""
        saved = history.cursor.execute("SELECT * FROM mark").fetchnumpy()
        slots = self.slots(np.asarray(saved["source"], dtype=np.int64))
        for name in ("newest_ms", "last_ms", "last_lon", "last_lat"):
            getattr(self, name)[slots] = saved[name]
        rows = history.cursor.execute(
            f"SELECT source, max(time_ms) AS newest_ms, arg_max(lon, time_ms) FILTER (flags & {SUSPICIOUS} = 0) AS lon,"
            f" arg_max(lat, time_ms) FILTER (flags & {SUSPICIOUS} = 0) AS lat,"
            f" max(time_ms) FILTER (flags & {SUSPICIOUS} = 0) AS last_ms FROM fresh GROUP BY source"
        ).fetchall()
        slots = self.slots(np.array([row[0] for row in rows], dtype=np.int64))
        for slot, (_, newest_ms, lon, lat, last_ms) in zip(slots.tolist(), rows, strict=True):
            self.newest_ms[slot] = max(int(self.newest_ms[slot]), newest_ms)
            self._changed[slot] = True
            if last_ms is not None and last_ms > self.last_ms[slot]:
                self.last_ms[slot], self.last_lon[slot], self.last_lat[slot] = last_ms, lon, lat
