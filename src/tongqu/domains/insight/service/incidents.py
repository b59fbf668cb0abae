"""Alarms become incidents: grouped by place, time and cause, and only what a duty officer must see reaches the desk."""

from __future__ import annotations

from typing import Any

from tongqu.domains.insight import store
from tongqu.domains.insight.cases import INCIDENT
from tongqu.domains.insight.values import Desk, Picture, picture_of
from tongqu.kernel import cases, notify, rulebooks
from tongqu.kernel.cases import Case
from tongqu.kernel.events import Event
from tongqu.kernel.notify import Template, ToRole
from tongqu.kernel.store import Work

DESK = ("insight.desk.alone_severity", "insight.desk.together_subjects", "insight.desk.many_subjects")
PRESSING = Template("insight.pressing", urgent=True)
DUTY = "duty_officer"


def on_alarm(work: Work, event: Event) -> None:
    """Take an alarm into its group, and bring the group's incident in line; open one if it has become grave enough.

    The payload carries the whole alarm with a revision, so late, doubled and shuffled events end in the same members.
    """
    alarm = event.payload
    if not store.keep_member(work, _row(alarm)):
        return
    current = _current(work, alarm)
    group = store.group(work, _key(alarm), current.id if current else None)
    if not group:
        return
    picture = picture_of(group, desk_of(alarm.get("region") or alarm.get("home_region"), event.occurred_at_ms))
    if current is None:
        current = _open(work, alarm, picture)
        if current is None:
            return
    else:
        _amend(work, current, picture)
    store.assign(work, [one["alarm"] for one in group if one["case"] is None], current.id)


def desk_of(region: str | None, at_ms: int) -> Desk:
    """Which groups reach the desk of a region."""
    return Desk(*(int(rulebooks.value_of(id, region, at_ms)) for id in DESK))


def open_by_region(work: Work) -> dict[str, int]:
    """Open incidents the actor sees, by county (or wherever each was placed)."""
    found: dict[str, int] = {}
    for case in cases.still_open(work, [INCIDENT]):
        found[case.region or ""] = found.get(case.region or "", 0) + 1
    return found


def _current(work: Work, alarm: dict[str, Any]) -> Case | None:
    """The incident an alarm belongs to: its own, or the open one of its key. A closed one takes no new alarms in."""
    known = store.member(work, alarm["id"])
    if known is not None and known["case"] is not None:
        return cases.get(work, INCIDENT, known["case"])
    found = [cases.get(work, INCIDENT, case) for case in store.cases_of(work, _key(alarm))]
    return next((case for case in found if case.closed_ms is None), None)


def _open(work: Work, alarm: dict[str, Any], picture: Picture) -> Case | None:
    region = picture.region or str(alarm.get("home_region") or "")
    if not picture.serious or not region:
        return None
    number = len(store.cases_of(work, _key(alarm)))
    case = cases.open_case(
        work,
        INCIDENT,
        title=picture.title["zh"],
        region=region,
        lon=picture.lon,
        lat=picture.lat,
        place=picture.place,
        priority=picture.priority,
        data=picture.data,
        key=f"{_key(alarm)}~{number}",
    )
    if picture.priority == 1:
        notify.send(
            work,
            PRESSING,
            ToRole(DUTY, region=region, nearest=True),
            key=case.id,
            params={"title": picture.title["zh"], "title_en": picture.title["en"], "place": picture.place or region},
            subject=case.urn,
            link=f"/insight/incidents?case={case.id}",
            region=region,
        )
    return case


def _amend(work: Work, case: Case, picture: Picture) -> None:
    """Bring a case in line with its alarms. Where it lies stays as its people know it, unless it had no stake yet."""
    wanted: dict[str, Any] = {"data": picture.data, "title": picture.title["zh"], "priority": picture.priority}
    if not case.place and picture.place:
        wanted["place"] = picture.place
    changed = {name: value for name, value in wanted.items() if getattr(case, name) != value}
    if changed:
        cases.amend(work, INCIDENT, case.id, **changed)


def _key(alarm: dict[str, Any]) -> str:
    return str(alarm.get("incident") or f"alarm:{alarm['id']}")


def _row(alarm: dict[str, Any]) -> dict[str, Any]:
    place = alarm.get("place") or []
    return {
        "alarm": alarm["id"],
        "incident": _key(alarm),
        "rule": alarm["rule"],
        "cause": alarm.get("cause", ""),
        "severity": alarm["severity"],
        "subject": alarm["subject"],
        "subject_name": alarm["subject_name"],
        "state": alarm["state"],
        "live": alarm["live"],
        "standing": bool(alarm.get("standing", False)),
        "onset_ms": alarm["onset_ms"],
        "cleared_ms": alarm.get("cleared_ms"),
        "lon": alarm["lon"],
        "lat": alarm["lat"],
        "region": str(alarm.get("region") or alarm.get("home_region") or ""),
        "place": str(place[0].get("text", ""))[:200] if place else "",
        "revision": int(alarm.get("revision", 0)),
    }
