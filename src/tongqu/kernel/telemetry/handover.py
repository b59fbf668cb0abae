"""Rows handed over by the owner of the history to another process: links to sealed files, copies of what is not sealed.

All of one moment. A link keeps a file there whatever is merged or expires meanwhile.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from tongqu.kernel.telemetry.history import History, Part, parts


@dataclass(frozen=True)
class Handed:
    """A file that was handed over, and the part of the history it holds."""

    name: str
    part: Part


def hand_over(history: History, folder: Path, from_ms: int, to_ms: int) -> list[Handed]:
    """Put the rows of a time into a folder; sealed files come whole, so a reader filters by time."""
    handed = []
    with history.reading() as cursor:
        for number, part in enumerate(parts(cursor)):
            if not part.may_hold(from_ms, to_ms):
                continue
            name = f"{number}-{part.kind}.parquet"
            (folder / name).unlink(missing_ok=True)
            if part.kind == "file":
                link(history.files / part.name, folder / name)
            else:
                target = str(folder / name).replace("'", "''")
                cursor.execute(
                    f"COPY (SELECT * FROM {part.name} WHERE time_ms >= {from_ms} AND time_ms < {to_ms}) "
                    f"TO '{target}' (FORMAT parquet)"
                )
            handed.append(Handed(name, part))
    return handed


def link(source: Path, target: Path) -> None:
    """A hard link, or a copy on a file system without links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
