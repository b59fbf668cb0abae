"""The region index: which region holds each of many points, kept up to date with the stored shapes."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tongqu.kernel.geo.geometry import Geometry
from tongqu.kernel.geo.store import regions as store
from tongqu.kernel.store import Store, system_actor
from tongqu.kit.regions import RegionCode, parent

if TYPE_CHECKING:
    from tongqu.kernel.geo.lookup import Lookup

_LOOK_AGAIN_MS = 2_000


@dataclass(frozen=True)
class _State:
    version: int
    until_ms: int | None
    lookup: Lookup | None


class RegionIndex:
    """Regions of points, from the shapes that are valid now.

    Built at first use; shapes that changed since, in whatever process, are noticed within two seconds.

    Args:
        store: the record store, whose clock says what is valid.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._guard = threading.Lock()
        self._state: _State | None = None
        self._looked_ms = 0

    def codes(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.int32]:
        """Code of the smallest region that holds each point (a county, `990101` as an integer), 0 for none.

        Args:
            lon, lat: degrees in WGS-84 / CGCS2000, of equal length.
        """
        found = self._current().lookup
        x, y = np.ascontiguousarray(lon, dtype=np.float64), np.ascontiguousarray(lat, dtype=np.float64)
        return np.zeros(len(x), dtype=np.int32) if found is None else found.find(x, y)

    def place(self, lon: float, lat: float) -> tuple[RegionCode, ...]:
        """Codes of the regions that hold a point: province, city, county; empty for none."""
        code = int(self.codes([lon], [lat])[0])
        chain: list[RegionCode] = []
        region = RegionCode(str(code)) if code else None
        while region is not None:
            chain.append(region)
            region = parent(region)
        return tuple(reversed(chain))

    def refresh(self) -> None:
        """Look for changed shapes at the next use, however short ago the last look was."""
        self._looked_ms = 0

    def _current(self) -> _State:
        from tongqu.kernel.geo import lookup  # numba is loaded only where points are looked up

        now_ms, state = self._store.clock.now_ms(), self._state
        if state is not None and now_ms - self._looked_ms < _LOOK_AGAIN_MS:
            return state
        with self._guard, self._store.read(system_actor("geo")) as work:
            version, state = store.version(work), self._state
            expired = state is not None and state.until_ms is not None and now_ms >= state.until_ms
            if state is None or expired or state.version != version:
                shapes = [(row["code"], Geometry.of_columns(row).shape) for row in store.shapes_at(work, now_ms)]
                state = _State(version, store.next_change(work, now_ms), lookup.build(shapes))
                self._state = state
            self._looked_ms = now_ms
            return state
