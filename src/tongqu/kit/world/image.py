"""The land as a picture: height tints and shading, pale enough to lie under roads and movers."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from tongqu.kit.world.relief import FINE_M, Terrain
from tongqu.kit.world.values import Floats

WIDTH_PX = 2048


@dataclass(frozen=True)
class Palette:
    """Tints by height in metres, how strong the shading is, and the colour of shadow and light."""

    tints: tuple[tuple[float, tuple[int, int, int]], ...]
    shade: tuple[int, int, int]
    light: tuple[int, int, int]
    strength: float


LIGHT = Palette(
    tints=(
        (0, (238, 240, 232)),
        (25, (236, 239, 226)),
        (120, (232, 236, 220)),
        (350, (233, 232, 219)),
        (800, (229, 226, 216)),
        (1300, (224, 220, 213)),
        (1800, (236, 235, 233)),
    ),
    shade=(150, 152, 150),
    light=(255, 255, 252),
    strength=0.62,
)
DARK = Palette(
    tints=(
        (0, (27, 34, 40)),
        (25, (28, 36, 41)),
        (120, (31, 40, 44)),
        (350, (37, 45, 48)),
        (800, (45, 51, 54)),
        (1300, (54, 59, 62)),
        (1800, (68, 73, 76)),
    ),
    shade=(8, 11, 14),
    light=(92, 102, 108),
    strength=0.55,
)


def _sample(values: Floats, rows: int, columns: int) -> Floats:
    """Bilinear resampling to rows x columns."""
    values = values.astype(np.float32)
    r = (np.arange(rows) + 0.5) * values.shape[0] / rows - 0.5
    c = (np.arange(columns) + 0.5) * values.shape[1] / columns - 0.5
    r0, c0 = (
        np.clip(np.floor(r).astype(int), 0, values.shape[0] - 2),
        np.clip(np.floor(c).astype(int), 0, values.shape[1] - 2),
    )
    u, v = (r - r0).astype(np.float32)[:, None], (c - c0).astype(np.float32)[None, :]
    top = values[r0][:, c0] * (1 - v) + values[r0][:, c0 + 1] * v
    low = values[r0 + 1][:, c0] * (1 - v) + values[r0 + 1][:, c0 + 1] * v
    return top * (1 - u) + low * u


def render(terrain: Terrain, keep: Floats, palette: Palette) -> bytes:
    """A PNG of the whole plane, north up; the sea is transparent.

    Args:
        keep: 0..1 on any grid over the plane (rows from south): opacity, to fade out beyond the neighbour.
    """
    rows = round(WIDTH_PX * terrain.height.values.shape[0] / terrain.height.values.shape[1])
    height = _sample(terrain.height.values, rows, WIDTH_PX)
    cell = FINE_M * terrain.height.values.shape[1] / WIDTH_PX
    dy, dx = np.gradient(height, cell)
    # light from the north-west at 45 degrees, slopes exaggerated as on printed maps
    k = 3.2
    lit = (1 + k * (dx * 0.5 - dy * 0.5) * 1.414) / np.sqrt(1 + (k * dx) ** 2 + (k * dy) ** 2) / 1.414
    lit = np.clip(lit - 0.7071, -0.6, 0.3)
    colour = np.empty((rows, WIDTH_PX, 4), np.uint8)
    stops = [stop for stop, _ in palette.tints]
    shadow, glow = np.clip(-lit / 0.6, 0, 1) * palette.strength, np.clip(lit / 0.3, 0, 1) * palette.strength * 0.6
    for channel in range(3):
        tint = np.interp(height, stops, [c[channel] for _, c in palette.tints])
        tint = tint * (1 - shadow) + palette.shade[channel] * shadow
        tint = tint * (1 - glow) + palette.light[channel] * glow
        # steps of 2 are not seen and make the file a third smaller
        colour[..., channel] = np.clip(np.round(tint / 2) * 2, 0, 255)
    alpha = np.clip(_sample(terrain.coast.values, rows, WIDTH_PX) / 90 + 0.5, 0, 1) * _sample(keep, rows, WIDTH_PX)
    colour[..., 3] = np.round(alpha * 51) * 5
    colour[colour[..., 3] == 0] = 0
    out = io.BytesIO()
    Image.fromarray(colour[::-1]).save(out, "PNG", compress_level=4)
    return out.getvalue()
