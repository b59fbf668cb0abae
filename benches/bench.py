"""What every bench shares: a row per claim, three runs, one table and one JSON, with hardware and data named.

A bench is a script: it measures, makes `Row`s and calls `report`. It prints only; `--json FILE` writes the same
facts to a file. `reached` is the median of the runs, `worst` the worst of them, `met` says whether the median
keeps the target.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True)
class Row:
    """One claim and what was measured.

    Attributes:
        name: what is measured, as a reader would say it.
        target: the floor (`better="higher"`) or the ceiling (`better="lower"`), or None if only reported.
        reached: the measured value, or one value for each run.
        unit: unit of target and reached.
        better: which way is better.
        peer: name and value of the peer that ran beside ours in the same run, if one was to be had.
        note: what a reader must know to read the figure.
    """

    name: str
    target: float | None
    reached: float | Sequence[float]
    unit: str
    better: Literal["higher", "lower"] = "higher"
    peer: tuple[str, float] | None = None
    note: str = ""

    @property
    def runs(self) -> list[float]:
        return [float(self.reached)] if isinstance(self.reached, int | float) else [float(v) for v in self.reached]

    @property
    def median(self) -> float:
        return statistics.median(self.runs)

    @property
    def worst(self) -> float:
        return min(self.runs) if self.better == "higher" else max(self.runs)

    @property
    def met(self) -> bool | None:
        """Whether the median keeps the target; None where there is no target."""
        if self.target is None:
            return None
        return self.median >= self.target if self.better == "higher" else self.median <= self.target

    def as_dict(self) -> dict[str, Any]:
        ratio = None if self.peer is None or not self.peer[1] else self.median / self.peer[1]
        return {
            "name": self.name,
            "target": self.target,
            "reached": self.median,
            "worst": self.worst,
            "runs": self.runs,
            "unit": self.unit,
            "better": self.better,
            "met": self.met,
            "peer": None if self.peer is None else {"name": self.peer[0], "value": self.peer[1], "ratio": ratio},
            "note": self.note,
        }


@dataclass
class Stopwatch:
    """Wall and processor seconds of a block: `with Stopwatch() as watch: ...`."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    _start: tuple[float, float] = field(default=(0.0, 0.0), repr=False)

    def __enter__(self) -> Stopwatch:
        self._start = (time.perf_counter(), time.process_time())
        return self

    def __exit__(self, *_: object) -> None:
        self.wall_s = time.perf_counter() - self._start[0]
        self.cpu_s = time.process_time() - self._start[1]


def repeat(measure: Callable[[], float], times: int = 3) -> list[float]:
    """The value of `measure()` for each of `times` runs."""
    return [measure() for _ in range(times)]


def hardware() -> str:
    """Processor, cores, memory, system and Python in one line."""
    return (
        f"{_processor()}, {_cores()} cores, {_memory_gib():.1f} GiB, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    )


def report(
    rows: Sequence[Row], *, data: str, peer: str = "none to be had on this machine", argv: Sequence[str] | None = None
) -> int:
    """Print table and JSON; with `--json FILE` write the JSON there too. Returns 0 if every target is met, else 1."""
    parser = argparse.ArgumentParser(add_help=True)
    parser.add_argument("--json", metavar="FILE", help="write the JSON to this file as well")
    options, _ = parser.parse_known_args(sys.argv[1:] if argv is None else list(argv))
    print(f"hardware: {hardware()}\ncommit:   {_commit()}\ndata:     {data}\npeer:     {peer}\n")
    print(_table(rows))
    facts = {
        "hardware": hardware(),
        "commit": _commit(),
        "data": data,
        "peer": peer,
        "rows": [row.as_dict() for row in rows],
    }
    print("\n" + json.dumps(facts, ensure_ascii=False))
    if options.json:
        Path(options.json).write_text(json.dumps(facts, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return 0 if all(row.met is not False for row in rows) else 1


def _table(rows: Sequence[Row]) -> str:
    head = ["what", "target", "reached", "worst", "unit", "met", "peer"]
    lines = [head] + [_cells(row) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    shown = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    shown.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    shown += [f"  {row.name}: {row.note}" for row in rows if row.note]
    return "\n".join(shown)


def _cells(row: Row) -> list[str]:
    sign = "≥" if row.better == "higher" else "≤"
    target = "" if row.target is None else f"{sign} {_figure(row.target)}"
    met = {True: "yes", False: "NO", None: ""}[row.met]
    peer = "" if row.peer is None else f"{row.peer[0]} {_figure(row.peer[1])}"
    return [row.name, target, _figure(row.median), _figure(row.worst), row.unit, met, peer]


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _cores() -> int:
    import psutil

    return len(psutil.Process().cpu_affinity()) if hasattr(psutil.Process, "cpu_affinity") else psutil.cpu_count()


def _memory_gib() -> float:
    import psutil

    return float(psutil.virtual_memory().total) / 2**30


def _commit() -> str:
    here = Path(__file__).parent
    run = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=here, capture_output=True, text=True, check=False)
    return run.stdout.strip() or "not in a checkout"
