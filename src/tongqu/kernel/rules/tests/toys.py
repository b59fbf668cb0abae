"""Rules of every kind of logic over made-up rows, with short times, so that a few rows make them speak."""

from __future__ import annotations

from typing import Any

import numpy as np

from tongqu.kernel.rules.batch import Batch
from tongqu.kernel.rules.engine import Engine, spans
from tongqu.kernel.rules.logic import Areas, Condition, Measure, Rate, Silence, Window, geofence, inside, threshold
from tongqu.kernel.rules.values import Rule
from tongqu.kernel.telemetry.directory import View
from tongqu.kernel.telemetry.rows import Flag, Rows, empty, take
from tongqu.kit.geometry import polygons

SUBJECTS = 4
S = 1000
BEGIN = 1_700_000_000_000
FAR = 1 << 60


def view() -> View:
    """Vehicles with keys 1 to 4; the first two are coaches."""
    n = SUBJECTS + 1
    key = np.arange(n, dtype=np.int64)
    return View(
        version=1,
        key=key,
        slot_of_key=np.arange(n, dtype=np.int32),
        home=np.full(n, 990_000_000_000, dtype=np.int64),
        organisation=np.zeros(n, dtype=np.int32),
        kind=np.zeros(n, dtype=np.int16),
        category=np.array([0, 1, 1, 2, 2], dtype=np.int16),
        urn=np.array([f"urn:tongqu:vehicle:v{i}" for i in range(n)], dtype=object),
        label=np.array([f"v{i}" for i in range(n)], dtype=object),
        organisations={"": 0},
        kinds={"vehicle": 0},
        categories=(("", ""), ("vehicle", "coach"), ("vehicle", "truck")),
        binding_start=np.zeros(n + 1, dtype=np.int64),
        binding_subject=np.zeros(0, dtype=np.int32),
        binding_from=np.zeros(0, dtype=np.int64),
        binding_to=np.zeros(0, dtype=np.int64),
        by_urn={},
    )


def say(one: Any, change: Any) -> dict[str, Any]:
    return {"value": round(float(one["value"]), 3), "tag": int(one["tag"])}


SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
AREAS = Areas(
    polygons.pack([[SQUARE], [SQUARE + np.array([0.5, 0.0])]]),
    np.array([7, 8], dtype=np.int64),
    np.array([0, BEGIN + 20 * S], dtype=np.int64),
    np.array([FAR, FAR], dtype=np.int64),
)


def _speed(batch: Batch) -> tuple[Any, Any, Any]:
    limit = np.where(batch.subjects.of_category(("coach",))[batch.slot], 60.0, 80.0)
    return batch["speed_kmh"].astype(np.float64), limit, limit - 20.0


def _red(batch: Batch) -> Measure:
    red = (batch["alarm"] & 1) > 0
    return Measure(red, ~red, red.astype(np.float64), np.ones(len(batch)))


RULES = {
    "threshold": threshold(_speed, say, raise_ms=3 * S, clear_ms=2 * S, gap_ms=30 * S),
    "dwell": Condition(_red, say, raise_ms=0, clear_ms=0, gap_ms=FAR),
    "geofence": geofence(
        lambda batch: inside(batch, AREAS, lambda b, row, area: np.ones(len(row), dtype=np.bool_)), say, gap_ms=30 * S
    ),
    "silence": Silence(lambda batch: batch["speed_kmh"] > 0, say, limit_ms=12 * S),
    "rate": Rate(lambda batch: (batch["flags"] & int(Flag.JUMP)) > 0, say, count=3, window_ms=10 * S),
    "window": Window(
        lambda batch: (batch["speed_kmh"] > 0).astype(np.float64), say, limit=15.0, period_ms=40 * S, gap_ms=20 * S
    ),
}


def engine(only: str = "") -> Engine:
    rules = [
        (Rule(f"toys.{name}", lambda _: None, suspicious=name == "rate"), logic)  # type: ignore[arg-type,return-value]
        for name, logic in RULES.items()
        if only in ("", name)
    ]
    return Engine(rules, view())


def rows_of(fixes: list[tuple[int, int, float, float, int, int]]) -> Rows:
    """Rows of (subject, second, speed, longitude, alarm, flags); what came first has the smaller log offset."""
    rows = empty(len(fixes))
    if fixes:
        subject, second, speed, lon, alarm, flags = (np.array(column) for column in zip(*fixes, strict=True))
        rows["subject"][:] = rows["source"][:] = subject
        rows["time_ms"][:] = BEGIN + second * S
        rows["speed_kmh"][:], rows["lon"][:], rows["lat"][:] = speed, lon, 0.5
        rows["alarm"][:], rows["flags"][:] = alarm, flags
        rows["key"][:] = subject * 1_000_003 + second
        rows["log_offset"][:] = np.arange(len(fixes)) + 1
    return rows


def told(transitions: list[tuple[int, Any]], engine: Engine) -> dict[tuple[str, int, int], Any]:
    """What alarms there are of transitions: rule, subject and onset to end and values."""
    found: dict[tuple[str, int, int], Any] = {}
    by: dict[tuple[int, int], list[Any]] = {}
    for number, one in transitions:
        by.setdefault((number, one.subject), []).append(one)
    for (number, subject), said in by.items():
        for onset, span in spans(said).items():
            assert span.began is not None
            end = None if span.ended is None else (span.ended.at_ms, dict(span.ended.values))
            found[engine.rules[number][0].id, subject, onset] = (span.began.at_ms, dict(span.began.values), end)
    return found


def replay(rows: Rows, only: str = "") -> dict[tuple[str, int, int], Any]:
    """All rows at once, by subject and time."""
    made = engine(only)
    outcome = made.take(rows)
    assert not outcome.late
    return told(outcome.transitions + made.tick(), made)


def some(rows: Rows, which: Any) -> Rows:
    return take(rows, np.array(which, dtype=np.intp))
