"""What is said of a version: notices, what differs from the one before, a mended copy."""

from __future__ import annotations

from typing import Any

from tongqu.kit.errors import Problem
from tongqu.protocols import gtfs
from tongqu.protocols.gtfs.severities import SEVERITIES


def notices(plan: gtfs.Schedule) -> list[dict[str, Any]]:
    """All notices of a feed, errors first, with samples."""
    found = gtfs.Notices(SEVERITIES)
    found.extend(plan.feed.notices)
    found.extend(plan.notices)
    return [notice.as_dict() for notice in found.done()]


def difference(old: gtfs.Schedule, new: gtfs.Schedule) -> dict[str, Any]:
    """What a version adds, takes away and changes, by line and stop."""
    return {}


def mended(feed: gtfs.Feed) -> bytes | None:
    """A repaired copy, None where there is nothing that can be repaired safely."""
    return None


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
