"""The job that computes: from files and Arrow tables that the owner of the history handed over."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import orjson
import pyarrow.ipc as ipc

from tongqu.kernel.indicators import plan, store
from tongqu.kernel.indicators.service import declared, folder_of, legal_numbers, projections
from tongqu.kernel.indicators.sources import Source, observed, tables_of
from tongqu.kernel.indicators.values import Indicator, Window
from tongqu.kernel.jobs import JobContext
from tongqu.kernel.telemetry.history import Part
from tongqu.kit.errors import Unavailable
from tongqu.kit.ids import new_id

ORDER = "order.json"
PARTS_KEPT = 400
"""So many parts a run names."""


def run(context: JobContext, params: dict[str, Any]) -> dict[str, Any]:
    """Compute the windows of an order; each figure that comes out replaces the one there was in one step.

    Raises:
        Unavailable: `indicators.no_handover`: what was handed over is gone.
    """
    folder = folder_of(context.platform, params["order"])
    try:
        order = orjson.loads((folder / ORDER).read_bytes())
    except FileNotFoundError as error:
        raise Unavailable("indicators.no_handover") from error
    counts = {"windows": 0, "figures": 0, "changed": 0}
    source = Source(context.folder)
    try:
        for path in folder.glob("*.arrow"):
            source.put(path.stem, ipc.open_file(path).read_all())
        for number, wanted in enumerate(order["windows"]):
            context.check()
            context.progress(
                number / len(order["windows"]), "indicators.progress.window", done=number, total=len(order["windows"])
            )
            figures, changed = _window(context, source, folder, order, wanted)
            counts["windows"] += 1
            counts["figures"] += figures
            counts["changed"] += changed
    finally:
        source.close()
    shutil.rmtree(folder, ignore_errors=True)
    return counts


def _window(
    context: JobContext, source: Source, folder: Path, order: dict[str, Any], wanted: dict[str, Any]
) -> tuple[int, int]:
    """All figures of one window; gives how many there are and how many differ from before."""
    window = Window(wanted["period"], wanted["from_ms"], wanted["to_ms"])
    handed = [(one["name"], Part(**one["part"])) for one in order["files"]]
    inside = [(name, part) for name, part in handed if part.may_hold(window.from_ms, window.to_ms)]
    source.look_at(window, [folder / name for name, _ in inside])
    known = declared(context.platform)
    there = projections(context.platform)
    read = {name for one in wanted["fingerprints"] if one in known for name in known[one].projections}
    source.derive(context.platform, [there[name] for name in sorted(read)])
    changed = 0
    for indicator_id, fingerprint in wanted["fingerprints"].items():
        context.check()
        indicator = known.get(indicator_id)
        if indicator is None:
            continue
        begun = time.monotonic()
        rows = _observations(context, source, indicator, window)
        now = context.platform.clock.now_ms()
        run_row = {
            "id": new_id(),
            "indicator": indicator.id,
            "version": indicator.version,
            "period": window.period,
            "from_ms": window.from_ms,
            "to_ms": window.to_ms,
            "closed": wanted["closed"],
            "computed_ms": now,
            "changed_ms": now,
            "job": context.job_id,
            "fingerprint": fingerprint,
            "parts": plan.parts_of(window, [part for _, part in inside])[:PARTS_KEPT],
            "parameters": legal_numbers(indicator, window.from_ms),
            "rows": sum(row.pop("rows") for row in rows),
        }
        with context.platform.store.write(context.actor) as work:
            changed += store.put(work, run_row, rows)
        context.log(f"{indicator.id} {window.period} {window.from_ms}: {time.monotonic() - begun:.2f} s")
    return len(wanted["fingerprints"]), changed


def _observations(context: JobContext, source: Source, indicator: Indicator, window: Window) -> list[dict[str, Any]]:
    parameters = {one["id"]: one["value"] for one in legal_numbers(indicator, window.from_ms)}
    tables = tables_of(indicator, projections(context.platform), parameters)
    found = source.fetch(observed(indicator, indicator.rows(tables, window))).to_pylist()
    return [
        {
            "organisation": row["organisation"] or None,
            "region": row["region"] or None,
            "key": "|".join(str(row[name] or "") for name in indicator.grain),
            "numerator": row["numerator"] or 0.0,
            "denominator": (row["denominator"] or 0.0) if indicator.ratio else None,
            "rows": row["rows"],
        }
        for row in found
    ]
