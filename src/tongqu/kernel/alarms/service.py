"""The verbs. What rules find becomes alarms here; each change is one event, in the same unit of work.

The natural key of an alarm is rule, subject and onset, so telling the same thing twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tongqu.kernel import audit, events, layers
from tongqu.kernel.alarms import grouping, store
from tongqu.kernel.alarms.events import TYPES
from tongqu.kernel.alarms.layers import OPEN_ALARMS, feature
from tongqu.kernel.alarms.values import (
    ACKNOWLEDGED,
    AMENDED,
    CLEARED,
    RAISED,
    WITHDRAWN,
    Alarm,
    Episode,
    Kind,
    State,
    Subject,
)
from tongqu.kernel.store import Work, allowed
from tongqu.kit.errors import Forbidden, NotFound, Refused
from tongqu.kit.time import MINUTE_MS

LIVE_MS = 10 * MINUTE_MS
"""An alarm rings if what proved it is no older than this when it becomes known."""
ACKNOWLEDGE = "alarms.acknowledge"


def raise_(
    work: Work,
    kind: Kind,
    subject: Subject,
    episode: Episode,
    *,
    place: Sequence[dict[str, Any]] = (),
    live: bool | None = None,
) -> Alarm:
    """Raise the alarm of an episode, or bring the one that there is in line with it.

    Args:
        place: stakes there, the nearest first (`{"route", "stake", "direction", "text"}`).
        live: whether it rings; by the age of its proof if None.
    """
    system = work.as_system("alarms")
    known = store.by_key(system, kind.rule, subject.urn, episode.onset_ms)
    if known is not None:
        return _aligned(system, known, episode)
    rings = work.now_ms - episode.raised_ms <= LIVE_MS if live is None else live
    alarm = Alarm(
        id=0,
        rule=kind.rule,
        subject=subject.urn,
        subject_name=subject.name,
        severity=kind.severity,
        cause=episode.cause or kind.cause,
        state=State.OPEN if episode.cleared_ms is None else State.CLEARED,
        onset_ms=episode.onset_ms,
        raised_ms=episode.raised_ms,
        cleared_ms=episode.cleared_ms,
        recorded_ms=work.now_ms,
        live=rings,
        standing=kind.standing,
        lon=episode.lon,
        lat=episode.lat,
        region=episode.region,
        organisation=subject.organisation,
        home_region=subject.region,
        place=list(place),
        values=_values(episode, {}),
        evidence=list(episode.evidence),
    )
    incident = _incident(system, alarm)
    return _told(system, store.add(system, replace(alarm, incident=incident)), RAISED, episode.raised_ms)


def clear(work: Work, rule: str, subject: str, episode: Episode) -> Alarm | None:
    """Note that a condition has ended (`episode.cleared_ms`); None if there is no such alarm."""
    system = work.as_system("alarms")
    known = store.by_key(system, rule, subject, episode.onset_ms)
    return None if known is None else _aligned(system, known, episode)


def withdraw(work: Work, rule: str, subject: str, onset_ms: int) -> Alarm | None:
    """Take an alarm back: what came later shows that its condition never held. None if there is none to take back."""
    system = work.as_system("alarms")
    known = store.by_key(system, rule, subject, onset_ms)
    if known is None or known.state is State.WITHDRAWN:
        return None
    return _told(system, store.change(system, replace(known, state=State.WITHDRAWN)), WITHDRAWN, work.now_ms)


def reconcile(
    work: Work,
    kind: Kind,
    subject: Subject,
    since_ms: int,
    episodes: Iterable[Episode],
    place: Sequence[Sequence[dict[str, Any]]] = (),
) -> list[Alarm]:
    """Bring the alarms of a rule and subject in line with what its rows after an instant say, read anew.

    Args:
        since_ms: alarms that ended before it are left alone.
        episodes: all that there are from then on, with those that were open then.
        place: stakes of each, in the same order.

    Returns:
        The alarms that were raised, amended or withdrawn.
    """
    system = work.as_system("alarms")
    found = list(episodes)
    onsets = {episode.onset_ms for episode in found}
    changed = []
    for known in store.since(system, kind.rule, subject.urn, since_ms):
        settled = kind.standing and known.raised_ms <= since_ms  # it stands by what was before, not by what came after
        if known.onset_ms not in onsets and known.state is not State.WITHDRAWN and not settled:
            changed.append(withdraw(work, kind.rule, subject.urn, known.onset_ms))
    for number, episode in enumerate(found):
        before = store.by_key(system, kind.rule, subject.urn, episode.onset_ms)
        if before is None and episode.carried:
            continue
        after = raise_(work, kind, subject, episode, place=place[number] if place else ())
        if before is None or after.revision != before.revision:
            changed.append(after)
    return [alarm for alarm in changed if alarm is not None]


def acknowledge(work: Work, alarm_id: int, note: str = "") -> Alarm:
    """Say that somebody has seen an alarm and takes care of it; a standing alarm is closed by it.

    Raises:
        NotFound: `alarms.unknown`: there is none, or none that the actor may see.
        Forbidden: `web.no_permission`.
        Refused: `alarms.withdrawn`, or `alarms.acknowledged_before`.
    """
    alarm = get(work, alarm_id)
    covered = any(
        allowed(work.actor, ACKNOWLEDGE, organisation=alarm.organisation, region=region)
        for region in (alarm.home_region, alarm.region or None)
    )
    if not covered:
        raise Forbidden("web.no_permission", permission=ACKNOWLEDGE)
    if alarm.state is State.WITHDRAWN:
        raise Refused("alarms.withdrawn", id=alarm_id)
    if alarm.acknowledged_ms is not None:
        raise Refused("alarms.acknowledged_before", id=alarm_id, name=alarm.acknowledged_name)
    alarm = replace(
        alarm,
        acknowledged_ms=work.now_ms,
        acknowledged_by=work.actor.id,
        acknowledged_name=work.actor.name,
        note=note,
    )
    if alarm.standing and alarm.state is State.OPEN:
        alarm = replace(alarm, state=State.CLEARED, cleared_ms=max(work.now_ms, alarm.onset_ms))
    owner = {"organisation": alarm.organisation, "region": alarm.region or alarm.home_region}
    audit.record(work, ACKNOWLEDGE, alarm.subject, **owner, alarm=alarm_id, rule=alarm.rule, note=note)
    system = work.as_system("alarms")
    return _told(system, store.change(system, alarm), ACKNOWLEDGED, work.now_ms)


def get(work: Work, alarm_id: int) -> Alarm:
    """An alarm.

    Raises:
        NotFound: `alarms.unknown`: there is none, or none that the actor may see.
    """
    found = store.get(work, alarm_id) if 0 < alarm_id < 1 << 62 else None
    if found is None:
        raise NotFound("alarms.unknown", id=alarm_id)
    return found


def _aligned(work: Work, known: Alarm, episode: Episode) -> Alarm:
    """An alarm as its episode says, told if it differs. What a person has closed stays closed."""
    if known.standing and known.acknowledged_ms is not None and known.state is not State.WITHDRAWN:
        return known
    ended = episode.cleared_ms
    wanted = replace(
        known,
        state=State.OPEN if ended is None else State.CLEARED,
        cleared_ms=ended,
        raised_ms=known.raised_ms if episode.carried else episode.raised_ms,
        values=_values(episode, known.values),
        evidence=list(dict.fromkeys([*known.evidence, *episode.evidence]))[:8],
    )
    telling = ("state", "cleared_ms", "raised_ms", "values")
    if all(getattr(wanted, name) == getattr(known, name) for name in telling):
        return known
    only_ends = known.state is State.OPEN and wanted.state is State.CLEARED
    return _told(work, store.change(work, wanted), CLEARED if only_ends else AMENDED, ended or episode.raised_ms)


def _values(episode: Episode, known: Mapping[str, Any]) -> dict[str, Any]:
    """What an alarm says: as it began, and under `end` as it ended."""
    began = {name: value for name, value in known.items() if name != "end"} if episode.carried else dict(episode.values)
    return began | {"end": dict(episode.ending)} if episode.cleared_ms is not None and episode.ending else began


def _incident(work: Work, alarm: Alarm) -> str:
    reach = grouping.TIME_MS
    recent = store.near(work, alarm.cause, alarm.onset_ms - reach, alarm.onset_ms + reach)
    return grouping.incident_of(_member(alarm), [_member(one) for one in recent])


def _member(alarm: Alarm) -> grouping.Member:
    on = alarm.place[0] if alarm.place else {}
    route = f"{on.get('route', '')}@{on.get('region', '')}" if on else ""
    return grouping.Member(
        alarm.subject,
        alarm.cause,
        alarm.onset_ms,
        alarm.lon,
        alarm.lat,
        route,
        float(on.get("stake_m", 0.0)),
        alarm.incident,
    )


def _told(work: Work, alarm: Alarm, type_: str, at_ms: int) -> Alarm:
    """Record the event of a change, and draw the alarm or take it off the map."""
    events.record(
        work,
        TYPES[type_],
        subject=alarm.subject,
        occurred_at_ms=at_ms,
        source="alarms",
        key=f"{alarm.id}:{alarm.revision}",
        payload=alarm.as_payload(),
    )
    owned = alarm.organisation or alarm.region or alarm.home_region
    if alarm.state is State.OPEN and alarm.live and owned:
        layers.put(work, OPEN_ALARMS, [feature(alarm)])
    elif type_ != RAISED:
        layers.remove(work, OPEN_ALARMS, [str(alarm.id)])
    return alarm
