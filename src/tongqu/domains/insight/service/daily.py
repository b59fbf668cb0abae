"""The daily report of a region: what happened, how it was dealt with, who was on duty."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from tongqu.domains.insight import store, word
from tongqu.domains.insight.cases import HANDLE, INCIDENT, SHIFT
from tongqu.domains.insight.service.facts import basis, clock, region_name, words
from tongqu.domains.insight.service.incidents import DESK
from tongqu.kernel import audit, cases, documents, rulebooks
from tongqu.kernel.calendar import midnight_ms
from tongqu.kernel.cases import Case
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor, Work, allowed
from tongqu.kit.errors import Forbidden
from tongqu.kit.ids import urn
from tongqu.kit.time import DAY_MS

PARAMETERS = (*DESK, *(limit.parameter for limit in INCIDENT.limits))
MOST_LINES = 200


def figures(work: Work, region: str, day: date) -> dict[str, Any]:
    """The figures of a region's day, from midnight to midnight at +08:00, as far as the actor sees.

    Each is a count of rows that the answer names: incidents by id, alarms by their incident.
    """
    begin = midnight_ms(day)
    end = begin + DAY_MS
    seen = cases.opened_before(work, INCIDENT, end, since_ms=begin)
    here = [case for case in seen if (case.region or "").startswith(region)]
    new = [case for case in here if case.opened_ms >= begin]
    closed = [case for case in here if case.closed_ms is not None and case.closed_ms < end]
    alarms, grouped = store.count_alarms(work, region, begin, end)
    shifts = [one for one in cases.opened_before(work, SHIFT, end, since_ms=begin) if one.region == region]
    return {
        "region": region,
        "region_name": region_name(work, region),
        "day": day.isoformat(),
        "begin_ms": begin,
        "end_ms": end,
        "alarms": alarms,
        "alarms_in_incidents": grouped,
        "incidents": len(new),
        "closed": len([case for case in closed if case.state == "closed"]),
        "dismissed": len([case for case in closed if case.state == "dismissed"]),
        "open_at_end": len([case for case in here if case.closed_ms is None or case.closed_ms >= end]),
        "by_title": _counted(case.data.get("title", {}).get("zh", case.title) for case in new),
        "by_priority": {str(level): sum(case.priority == level for case in new) for level in (1, 2, 3, 4)},
        "by_region": _counted(case.region or "" for case in new),
        "overdue": _overdue(work, here, begin, end),
        "rows": cases.shown(work, {INCIDENT.id: INCIDENT}, here),
        "shifts": cases.shown(work, {SHIFT.id: SHIFT}, shifts),
        "parameters": rulebooks.cited(PARAMETERS, region, begin),
    }


def report(platform: Platform, actor: Actor, region: str, day: date, language: str) -> documents.Document:
    """Write the daily report as a Word document. Opens its own units of work.

    Raises:
        Forbidden: `web.no_permission`: the actor does not hold the desk of that region.
    """
    if not allowed(actor, HANDLE, organisation=None, region=region):
        raise Forbidden("web.no_permission", permission=HANDLE)
    with platform.store.read(actor) as work:
        found = figures(work, region, day)
        names = {code: region_name(work, code)[language] for code in found["by_region"]}
        now_ms = work.now_ms
    content = documents.vault(platform).keep(_document(found, names, language, actor.name, now_ms))
    name = words(language, "daily_title", region=found["region_name"][language], day=found["day"])
    with platform.store.write(actor) as work:
        made = documents.put(
            work, content, name=f"{name}.docx", media_type=word.MEDIA_TYPE, purpose="report", region=region
        )
        audit.record(work, "insight.daily_report", urn("document", made.id), region=region, day=found["day"])
    return made


def _document(found: dict[str, Any], names: dict[str, str], language: str, author: str, now_ms: int) -> bytes:
    title = words(language, "daily_title", region=found["region_name"][language], day=found["day"])
    under = words(language, "under", number=found["region"], author=author, time=clock(now_ms))
    summary = words(
        language,
        "daily_summary",
        **{name: found[name] for name in ("alarms", "alarms_in_incidents", "incidents", "closed", "dismissed")},
        open=found["open_at_end"],
        overdue=found["overdue"],
    )
    head = [words(language, name) for name in ("number", "time", "place", "kind_head", "priority", "state", "officer")]
    rows = [
        [
            row["number"],
            clock(row["opened_ms"]),
            row["place"] or names.get(row["region"], row["region"]),
            str(row["data"].get("title", {}).get(language) or row["title"]),
            str(row["priority"]),
            row["state_label"][language],
            row["handler_name"],
        ]
        for row in found["rows"][:MOST_LINES]
    ]
    counties = word.Table(
        [words(language, "region"), words(language, "count")],
        [[names[code], str(count)] for code, count in found["by_region"].items()],
    )
    shifts = "\n".join(_shift_line(one, language) for one in found["shifts"])
    return word.write(
        title,
        under,
        [
            word.Section(words(language, "summary"), summary),
            word.Section(words(language, "by_region"), table=counties),
            word.Section(words(language, "incidents"), table=word.Table(head, rows)),
            word.Section(words(language, "shifts"), shifts or words(language, "no_shift")),
            word.Section(words(language, "basis"), basis(found["parameters"], language)),
        ],
    )


def _shift_line(one: dict[str, Any], language: str) -> str:
    times = {"begin": clock(one["opened_ms"]), "end": clock(one["closed_ms"])}
    return words(language, "shift_line", officer=one["handler_name"], **times)


def _counted(values: Any) -> dict[str, int]:
    return dict(Counter(values).most_common())


def _overdue(work: Work, here: list[Case], begin: int, end: int) -> int:
    """Deadlines of these incidents that ran out that day."""
    late = 0
    for case in here:
        late += sum(one.kind == "overdue" and begin <= one.at_ms < end for one in cases.history(work, case))
    return late
