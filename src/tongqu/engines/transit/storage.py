"""A compiled network in one file: arrays as numpy writes them, texts as JSON; nothing in it is executed when read."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from tongqu.engines.transit.bounds import Bounds
from tongqu.engines.transit.foot import FootTransfers
from tongqu.engines.transit.runs import Runs
from tongqu.engines.transit.timetable import Network

_PARTS: dict[str, Any] = {"runs": Runs, "foot": FootTransfers, "bounds": Bounds}


KEPT = 8
"""Networks that stay in a folder; those that were read or written longest ago go."""


def save(network: Network, path: Path) -> None:
    """Write a network; the file is there whole or not at all. Of many in the folder the last `KEPT` stay."""
    path.parent.mkdir(parents=True, exist_ok=True)
    texts: dict[str, Any] = {}
    arrays: dict[str, np.ndarray] = {}
    for field in dataclasses.fields(network):
        value = getattr(network, field.name)
        if field.name in _PARTS:
            for inner in dataclasses.fields(value):
                arrays[f"{field.name}.{inner.name}"] = getattr(value, inner.name)
        elif isinstance(value, np.ndarray):
            arrays[field.name] = value
        elif isinstance(value, tuple) and value and isinstance(value[0], np.ndarray):
            for index, part in enumerate(value):
                arrays[f"{field.name}.{index}"] = part
        else:
            texts[field.name] = value.isoformat() if isinstance(value, date) else value
    draft = path.with_suffix(f".{os.getpid()}.part")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("texts.json", json.dumps(texts, ensure_ascii=False))
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(name, buffer.getvalue())
    draft.replace(path)
    for old in sorted(path.parent.glob(f"*{path.suffix}"), key=lambda file: -file.stat().st_mtime_ns)[KEPT:]:
        old.unlink(missing_ok=True)


def load(path: Path) -> Network:
    """Read a network that `save` wrote."""
    os.utime(path)
    with zipfile.ZipFile(path) as archive:
        texts = json.loads(archive.read("texts.json"))
        arrays = {
            name: np.lib.format.read_array(io.BytesIO(archive.read(name)), allow_pickle=False)
            for name in archive.namelist()
            if name != "texts.json"
        }
    values: dict[str, Any] = {}
    for field in dataclasses.fields(Network):
        name = field.name
        if name in _PARTS:
            part = _PARTS[name]
            values[name] = part(**{inner.name: arrays[f"{name}.{inner.name}"] for inner in dataclasses.fields(part)})
        elif name in arrays:
            values[name] = arrays[name]
        elif f"{name}.0" in arrays:
            values[name] = (arrays[f"{name}.0"], arrays[f"{name}.1"])
        else:
            value = texts[name]
            values[name] = (
                date.fromisoformat(value) if name == "first_day" else tuple(value) if isinstance(value, list) else value
            )
    return Network(**values)
