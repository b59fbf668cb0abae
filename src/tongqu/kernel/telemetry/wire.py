"""The binary frames of the live socket, little-endian.

header   24 B: u32 magic "TMV1", u8 kind (1 snapshot, 2 delta, 3 density), u8 flags, u16 0, f64 at_ms, u32 count,
               u32 removed
mover    20 B: u32 key, i32 lon, i32 lat (1e-7 degree), u16 speed (0.1 km/h), u16 heading (degree), u8 category,
               u8 state (0 moving, 1 stopped, 2 stale), u8 alarm level (0 to 3), u8 age (s, at most 255)
removed   4 B: u32 key, after the movers of a delta
cell     16 B: i32 lon, i32 lat (1e-7 degree, centre), u32 count, u32 with an alarm
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from tongqu.kernel.telemetry import kernels
from tongqu.kernel.telemetry.latest import E7
from tongqu.kernel.telemetry.movers import Box, Shown

MAGIC = 0x31564D54
SNAPSHOT, DELTA, DENSITY = 1, 2, 3
HEADER = struct.Struct("<IBBHdII")
MOVER = np.dtype(
    [
        ("key", "<u4"),
        ("lon", "<i4"),
        ("lat", "<i4"),
        ("speed", "<u2"),
        ("heading", "<u2"),
        ("category", "u1"),
        ("state", "u1"),
        ("alarm", "u1"),
        ("age", "u1"),
    ]
)
CELL = np.dtype([("lon", "<i4"), ("lat", "<i4"), ("count", "<u4"), ("alarms", "<u4")])
CELL_COLUMNS = 64


def records(shown: Shown) -> NDArray[np.void]:
    """The mover records of all slots; made once for a tick, each client takes its own."""
    size = len(shown.view)
    values = shown.snapshot.columns
    out = np.zeros(size, dtype=MOVER)
    out["key"] = shown.view.key
    out["lon"] = shown.snapshot.lon_e7[:size]
    out["lat"] = shown.snapshot.lat_e7[:size]
    out["speed"] = np.clip(np.nan_to_num(values["speed_kmh"][:size]) * 10 + 0.5, 0, 65535)
    out["heading"] = values["heading_deg"][:size] % 360
    out["category"] = np.minimum(shown.view.category, 255)
    out["state"] = shown.state[:size]
    out["alarm"] = shown.level[:size]
    out["age"] = np.clip((shown.at_ms - values["time_ms"][:size]) // 1000, 0, 255)
    return out


def movers_frame(kind: int, at_ms: int, movers: NDArray[np.void], removed: NDArray[np.int64]) -> bytes:
    """A snapshot or a delta."""
    head = HEADER.pack(MAGIC, kind, 0, 0, float(at_ms), len(movers), len(removed))
    return head + movers.tobytes() + removed.astype("<u4").tobytes()


def density_frame(shown: Shown, members: NDArray[np.int64], box: Box | None) -> bytes:
    """Counts of movers in square cells, about `CELL_COLUMNS` of them across the view; empty ones are left out.

    Cells lie on a grid that does not depend on the view's corner, so that they stand still while the map moves.
    """
    lon, lat = shown.snapshot.lon_e7, shown.snapshot.lat_e7
    west, south, east, north = _extent(lon[members], lat[members], box)
    size = _cell_size((east - west) / CELL_COLUMNS)
    first_x, first_y = west // size, south // size
    columns, rows = east // size - first_x + 1, north // size - first_y + 1
    level = shown.level
    counts, alarms = kernels.cells(members, lon, lat, level, first_x * size, first_y * size, size, columns, rows)
    filled = np.flatnonzero(counts)
    out = np.zeros(len(filled), dtype=CELL)
    out["lon"] = (first_x + filled % columns) * size + size // 2
    out["lat"] = (first_y + filled // columns) * size + size // 2
    out["count"], out["alarms"] = counts[filled], alarms[filled]
    return HEADER.pack(MAGIC, DENSITY, 0, 0, float(shown.at_ms), len(out), 0) + out.tobytes()


def _extent(lon: NDArray[np.int32], lat: NDArray[np.int32], box: Box | None) -> tuple[int, int, int, int]:
    """Edges in 1e-7 degree: of the movers, within the view (which may lie over the 180th meridian)."""
    west, east, south, north = int(lon.min()), int(lon.max()), int(lat.min()), int(lat.max())
    if box is not None and box[0] <= box[2]:
        west, east = max(west, round(box[0] * E7)), min(east, round(box[2] * E7))
    return west, south, east, north


def _cell_size(wanted: float) -> int:
    """The next of 1, 2, 4, 8 ... times 1e-3 degree."""
    size = 10_000
    while size < wanted:
        size *= 2
    return size
