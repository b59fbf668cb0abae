"""What is said of a version: notices, what differs from the one before, a mended copy."""

from __future__ import annotations

from datetime import date
from typing import Any

from tongqu.kit.errors import Problem
from tongqu.protocols import gtfs
from tongqu.protocols.gtfs import SEVERITIES

NAMED = 200
"""How many lines or stops a difference names; the rest is counted."""


def notices(plan: gtfs.Schedule, today: date | None = None) -> list[dict[str, Any]]:
    """All notices of a feed, errors first, with samples."""
    found = gtfs.Notices(SEVERITIES)
    found.extend(gtfs.validate(plan.feed, today))
    known = {(notice.code, notice.file, notice.field) for notice in found}
    found.extend(notice for notice in plan.notices if (notice.code, notice.file, notice.field) not in known)
    return [notice.as_dict() for notice in found.done()]


def difference(old: gtfs.Schedule, new: gtfs.Schedule) -> dict[str, Any]:
    """What a version adds, takes away and changes: lines, stops, trips and kilometres of a comparable day."""
    found = gtfs.difference(old, new)
    names = {line.id: line.name for line in (*found.before.values(), *found.after.values())}

    def named(ids: tuple[str, ...]) -> list[str]:
        return [names.get(one) or one for one in ids[:NAMED]]

    return {
        "days": [day.isoformat() for day in found.days],
        "lines": {
            "before": len(found.before),
            "after": len(found.after),
            "added": named(found.lines_added),
            "removed": named(found.lines_removed),
            "changed": named(found.lines_changed),
        },
        "stops": {
            "before": len(old.stops),
            "after": len(new.stops),
            "added": list(found.stops_added[:NAMED]),
            "removed": list(found.stops_removed[:NAMED]),
            "changed": [*found.stops_renamed, *found.stops_moved][:NAMED],
        },
        "trips_per_day": {"before": found.trips[0], "after": found.trips[1]},
        "km": {"before": round(found.vehicle_km[0], 1), "after": round(found.vehicle_km[1], 1)},
    }


def mended(feed: gtfs.Feed) -> bytes | None:
    """A repaired copy, None where there is nothing that can be repaired safely."""
    data, done = gtfs.mended(feed)
    return data if done else None


def notice_of(problem: Problem, severity: str, file: str) -> dict[str, Any]:
    """What is wrong with a row of a spreadsheet, as a notice among those of the feed."""
    told = problem.as_dict()
    return {
        "code": problem.code,
        "severity": severity,
        "file": file,
        "field": problem.field or "",
        "total": 1,
        "rows": [problem.row] if problem.row else [],
        "samples": [],
        "detail": told["detail"],
    }
