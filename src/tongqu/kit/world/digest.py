"""One number for a whole world, to see that the same seed made the same province."""

from __future__ import annotations

import hashlib
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import shapely


def _feed(digest: Any, value: Any) -> None:
    if isinstance(value, np.ndarray):
        digest.update(f"{value.dtype}{value.shape}".encode())
        digest.update(np.ascontiguousarray(value).tobytes())
    elif isinstance(value, shapely.Geometry):
        digest.update(shapely.to_wkb(value))
    elif is_dataclass(value):
        for field in fields(value):
            digest.update(field.name.encode())
            _feed(digest, getattr(value, field.name))
    elif isinstance(value, tuple):
        digest.update(f"({len(value)}".encode())
        for item in value:
            _feed(digest, item)
    elif isinstance(value, bytes):
        digest.update(value)
    else:
        digest.update(repr(value).encode())


def fingerprint(value: Any) -> str:
    """SHA-256 over all fields of a world, or of any of its values."""
    digest = hashlib.sha256()
    _feed(digest, value)
    return digest.hexdigest()
