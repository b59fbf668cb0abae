"""Gradient noise with own hashing: the same numbers on every machine for a seed."""

from __future__ import annotations

import numpy as np
from numba import njit

from tongqu.kit.world.values import Floats

GRADIENTS = np.column_stack((np.cos(np.arange(16) * np.pi / 8), np.sin(np.arange(16) * np.pi / 8)))


@njit(cache=True, nogil=True)
def _gradient(ix: int, iy: int, seed: int, dx: float, dy: float) -> float:
    h = (ix * 374761393 + iy * 668265263 + seed * 2147483647) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 1274126177) & 0xFFFFFFFF
    h = ((h ^ (h >> 16)) * 2246822519) & 0xFFFFFFFF
    k = (h >> 15) & 15
    return GRADIENTS[k, 0] * dx + GRADIENTS[k, 1] * dy


@njit(cache=True, nogil=True)
def _noise(x: float, y: float, seed: int) -> float:
    """Perlin gradient noise with quintic fade, about -1..1, zero at whole numbers."""
    ix, iy = int(np.floor(x)), int(np.floor(y))
    dx, dy = x - ix, y - iy
    u = dx * dx * dx * (dx * (dx * 6 - 15) + 10)
    v = dy * dy * dy * (dy * (dy * 6 - 15) + 10)
    a = _gradient(ix, iy, seed, dx, dy)
    b = _gradient(ix + 1, iy, seed, dx - 1, dy)
    c = _gradient(ix, iy + 1, seed, dx, dy - 1)
    d = _gradient(ix + 1, iy + 1, seed, dx - 1, dy - 1)
    low = a + u * (b - a)
    return 1.5 * (low + v * (c + u * (d - c) - low))


@njit(cache=True, nogil=True)
def _fractal(x: Floats, y: Floats, seed: int, wave_m: float, octaves: int, gain: float, ridged: bool) -> Floats:
    out = np.empty(x.size)
    for i in range(x.size):
        frequency, amplitude, total, weight, norm = 1.0 / wave_m, 1.0, 0.0, 1.0, 0.0
        for k in range(octaves):
            # each octave is shifted, or all octaves would be zero at the same lattice points
            n = _noise(x[i] * frequency + 17.31 * k, y[i] * frequency - 9.77 * k, seed + 101 * k)
            if ridged:
                n = (1.0 - abs(n)) ** 2 * weight
                weight = min(1.0, max(0.0, 1.6 * n))
            total += n * amplitude
            norm += amplitude
            amplitude *= gain
            frequency *= 2.03
        out[i] = total / norm
    return out


def fractal(
    x: Floats, y: Floats, *, seed: int, wave_m: float, octaves: int = 5, gain: float = 0.5, ridged: bool = False
) -> Floats:
    """Fractal noise at the points (x, y) of any shape.

    Args:
        wave_m: wavelength of the first octave; each further octave halves it.
        gain: amplitude of an octave relative to the one before.
        ridged: sharp crests (0..1) instead of rolling noise (about -0.8..0.8).
    """
    flat = _fractal(np.ravel(x), np.ravel(y), seed, wave_m, octaves, gain, ridged)
    return flat.reshape(np.shape(x))
