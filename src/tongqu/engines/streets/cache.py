"""Graphs and walks kept as files: arrays as numpy writes them, the rest as JSON. Nothing in them runs when read."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from tongqu.engines.streets.graph import Floats, Graph, Ints
from tongqu.engines.streets.profiles import Profile
from tongqu.engines.streets.transfers import FootTransfers

FORMAT = 1  # raise it when what is computed changes: older files are then made anew
PLAIN = "plain"


def key_of(path: Path) -> str:
    """Key of a file by its content."""
    digest = hashlib.sha256(f"graph {FORMAT}".encode())
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()[:32]


def key_of_stops(graph: str, lon: Floats, lat: Floats, owner: Ints, profile: Profile, bound_s: float) -> str:
    """Key of the walks between stops: the graph, the stops, who walks, how long."""
    digest = hashlib.sha256(f"walks {FORMAT} {graph} {profile} {bound_s}".encode())
    for part in (lon, lat, owner):
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()[:32]


def keep_graph(folder: Path, key: str, graph: Graph) -> None:
    keep(folder / f"graph-{key}.npz", graph)


def load_graph(folder: Path, key: str) -> Graph | None:
    """The graph kept under a key, or None."""
    fields = load(folder / f"graph-{key}.npz")
    return None if fields is None else Graph(**fields)


def keep_transfers(folder: Path, key: str, walks: FootTransfers) -> None:
    keep(folder / f"walks-{key}.npz", walks)


def load_transfers(folder: Path, key: str) -> FootTransfers | None:
    """The walks kept under a key, or None."""
    fields = load(folder / f"walks-{key}.npz")
    return None if fields is None else FootTransfers(**fields)


def keep(path: Path, value: Any) -> None:
    """Keep a dataclass of arrays, texts and numbers in a file."""
    arrays: dict[str, Any] = {}
    plain: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        part = getattr(value, field.name)
        (arrays if isinstance(part, np.ndarray) else plain)[field.name] = part
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays[PLAIN] = np.frombuffer(json.dumps(plain, ensure_ascii=False).encode(), np.uint8)
    # written beside and moved: a reader never sees half a file
    draft = path.with_name(f"{path.stem}.{os.getpid()}.npz")
    np.savez(draft, **arrays)
    draft.replace(path)


def load(path: Path) -> dict[str, Any] | None:
    """The fields of a dataclass kept in a file; None where there is none, or none that can be read."""
    try:
        with np.load(path, allow_pickle=False) as file:
            fields: dict[str, Any] = {name: file[name] for name in file.files}
            plain = json.loads(fields.pop(PLAIN).tobytes())
    except (OSError, ValueError, KeyError, EOFError):
        return None
    return fields | {name: tuple(part) if isinstance(part, list) else part for name, part in plain.items()}
