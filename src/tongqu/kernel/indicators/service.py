"""The verbs: what is declared, figures and their course, the rows behind a figure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tongqu.kernel import rulebooks
from tongqu.kernel.indicators import store
from tongqu.kernel.indicators.values import READ, Indicator, Period, Projection, Window
from tongqu.kernel.indicators.windows import window_at
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor, Work
from tongqu.kit.errors import Forbidden, Invalid, NotFound
from tongqu.kit.text import text
from tongqu.kit.time import DAY_MS, HOUR_MS

MOST_POINTS = {"hour": 31 * 24, "day": 3 * 366}
_STATUS_ORDER = ("unverified", "cross_checked", "verified")


@dataclass(frozen=True)
class Asked:
    """Whose figures are asked for, narrowed within what the actor sees."""

    region: str | None = None
    organisation: str | None = None
    key: str | None = None


def projections(platform: Platform) -> dict[str, Projection]:
    """The projections of all modules, by id."""
    return {one.id: one for module in platform.modules for one in module.projections}


def declared(platform: Platform) -> dict[str, Indicator]:
    """The indicators of all modules that can be computed here, by id: those whose projections are there."""
    there = projections(platform)
    found = (one for module in platform.modules for one in module.indicators)
    return {one.id: one for one in found if all(name in there for name in one.projections)}


def available(platform: Platform, actor: Actor) -> list[Indicator]:
    """The indicators that an actor may see."""
    return [one for one in declared(platform).values() if actor.may(READ) and actor.may(one.read)]


def get(platform: Platform, actor: Actor, indicator_id: str) -> Indicator:
    """The indicator with an id.

    Raises:
        NotFound: `indicators.unknown`.
        Forbidden: `web.no_permission`: its permission is not the actor's.
    """
    found = declared(platform).get(indicator_id)
    if found is None:
        raise NotFound("indicators.unknown", indicator=indicator_id)
    if not actor.may(found.read):
        raise Forbidden("web.no_permission", permission=found.read)
    return found


def folder_of(platform: Platform, order: str) -> Path:
    """Where the owner of the history and the job meet."""
    return platform.settings.data / "indicators" / order


def legal_numbers(indicator: Indicator, at_ms: int) -> list[dict[str, Any]]:
    """The rulebook parameters an indicator goes by, as in force in the whole country at an instant."""
    return rulebooks.cited(indicator.parameters, None, at_ms)


def described(indicator: Indicator, at_ms: int) -> dict[str, Any]:
    """An indicator as the page shows it: texts in both languages, unit, version, sources and their status."""
    numbers = legal_numbers(indicator, at_ms)
    statuses = [one["status"] for one in numbers]
    return {
        "id": indicator.id,
        "module": indicator.module,
        "title": text(indicator.text_key("title")),
        "formula": text(indicator.text_key("formula")),
        "note": text(indicator.text_key("note")),
        "unit": indicator.unit,
        "unit_label": text(f"indicators.units.{indicator.unit}"),
        "version": indicator.version,
        "ratio": indicator.ratio,
        "decimals": indicator.decimals,
        "better": indicator.better,
        "periods": list(indicator.periods),
        "grain": [{"name": name, "title": text(f"{indicator.module}.fields.{name}")} for name in indicator.grain],
        "parameters": numbers,
        "status": next((one for one in _STATUS_ORDER if one in statuses), None),
    }


def window_of(indicator: Indicator, period: str, from_ms: int) -> Window:
    """The window that begins at an instant.

    Raises:
        Invalid: `indicators.bad_period`, `indicators.bad_window`.
    """
    wanted = period_of(indicator, period)
    window = window_at(wanted, from_ms)
    if window.from_ms != from_ms:
        raise Invalid("indicators.bad_window", field="from", value=from_ms)
    return window


def period_of(indicator: Indicator, period: str) -> Period:
    found = next((one for one in indicator.periods if one == period), None)
    if found is None:
        raise Invalid("indicators.bad_period", field="period", value=period, known=", ".join(indicator.periods))
    return found


def series(
    work: Work, indicator: Indicator, period: str, from_ms: int, to_ms: int, asked: Asked, by: str | None = None
) -> list[dict[str, Any]]:
    """Figures of the windows that begin in `[from_ms, to_ms)`, by time; with `by` one for each group.

    Raises:
        Invalid: `indicators.bad_period`, `indicators.empty_time`, `indicators.long_time`, `indicators.bad_by`.
    """
    wanted = period_of(indicator, period)
    length = DAY_MS if wanted == "day" else HOUR_MS
    if from_ms >= to_ms:
        raise Invalid("indicators.empty_time", field="from")
    if to_ms - from_ms > MOST_POINTS[wanted] * length:
        raise Invalid("indicators.long_time", field="from", most=MOST_POINTS[wanted] * length // DAY_MS)
    if by is not None and by not in store.BY:
        raise Invalid("indicators.bad_by", field="by", value=by, known=", ".join(store.BY))
    rows = store.sums(
        work, indicator.id, wanted, from_ms, to_ms, by=by, permission=indicator.read,
        region=asked.region, organisation=asked.organisation, key=asked.key,
    )  # fmt: skip
    runs = {(run["version"], run["from_ms"]): run for run in _runs(work, indicator, rows)}
    return [_point(indicator, wanted, row, runs.get((row["version"], row["from_ms"]))) for row in rows]


def _runs(work: Work, indicator: Indicator, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not rows:
        return []
    since = min(row["from_ms"] for row in rows)
    return [
        run for version in {row["version"] for row in rows} for run in store.runs(work, indicator.id, version, since)
    ]


def _point(indicator: Indicator, period: Period, row: dict[str, Any], run: dict[str, Any] | None) -> dict[str, Any]:
    window = window_at(period, row["from_ms"])
    return {
        "from_ms": window.from_ms,
        "to_ms": window.to_ms,
        "version": row["version"],
        "value": indicator.value(row["numerator"], row["denominator"]),
        "numerator": row["numerator"],
        "denominator": row["denominator"],
        "closed": bool(run and run["closed"]),
        "computed_ms": run["computed_ms"] if run else None,
        **({"group": row["group"]} if "group" in row else {}),
    }


def figure(work: Work, indicator: Indicator, period: Period, before_ms: int, asked: Asked) -> dict[str, Any] | None:
    """The figure of the latest closed window that began before an instant, and of the one before it."""
    run = store.latest_run(work, indicator.id, indicator.version, period, before_ms)
    if run is None:
        return None
    length = run["to_ms"] - run["from_ms"]
    points = series(work, indicator, period, run["from_ms"] - length, run["to_ms"], asked)
    latest = next((one for one in points if one["from_ms"] == run["from_ms"]), None)
    earlier = next((one for one in points if one["from_ms"] == run["from_ms"] - length), None)
    empty = {"from_ms": run["from_ms"], "to_ms": run["to_ms"], "value": None, "closed": run["closed"],
             "computed_ms": run["computed_ms"], "version": run["version"]}  # fmt: skip
    return {**(latest or empty), "previous": earlier["value"] if earlier else None, "parameters": run["parameters"]}


def nearest_period(indicator: Indicator, period: str) -> Period:
    """The period asked for, or the first one that the indicator has."""
    return next((one for one in indicator.periods if one == period), indicator.periods[0])
