"""Deadlines that have passed: recorded exactly once, told to who has the case and to the administration above."""

from __future__ import annotations

from tongqu.kernel import notify
from tongqu.kernel.cases import service, store
from tongqu.kernel.cases.clocks import SUPERVISION, Clock, clocks_of
from tongqu.kernel.cases.events import OVERDUE
from tongqu.kernel.cases.forms import label_of
from tongqu.kernel.cases.registry import types_of
from tongqu.kernel.cases.values import Case, CaseType
from tongqu.kernel.notify import Template, ToPerson, ToRole
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Work
from tongqu.kit.regions import parent
from tongqu.kit.text import text

TEMPLATE = Template("cases.overdue")
DUTY = "duty_officer"
AT_ONCE = 50


def run(platform: Platform) -> None:
    """Find what is overdue now and record it; does nothing for what is recorded."""
    types = types_of(platform.modules)
    with platform.store.read(store.PLATFORM) as work:
        late = overdue(work, types)
    for begin in range(0, len(late), AT_ONCE):
        with platform.store.write(store.PLATFORM) as work:
            for type, case, clock in late[begin : begin + AT_ONCE]:
                escalate(work, type, case, clock)


def overdue(work: Work, types: dict[str, CaseType]) -> list[tuple[CaseType, Case, Clock]]:
    """Clocks of open cases that have run out and are not in their history yet."""
    open_cases = store.still_open(work, list(types.values()))
    ids = [case.id for case in open_cases]
    histories, orders = store.entries(work, ids), store.supervisions(work, ids)
    found = []
    for case in open_cases:
        type, history = types[case.type], histories[case.id]
        told = {(one.name, one.data.get("began")) for one in history if one.kind == "overdue"}
        for clock in clocks_of(type, case, history, orders[case.id], work.now_ms):
            if clock.state == "overdue" and (clock.limit, clock.began) not in told:
                found.append((type, case, clock))
    return found


def escalate(work: Work, type: CaseType, case: Case, clock: Clock) -> bool:
    """Record that a clock ran out; False if it was recorded already."""
    current = store.get(work, type, case.id)
    if current is None or current.closed_ms is not None:
        return False
    due_ms = clock.due_ms or work.now_ms
    name = f"{case.id}:{clock.limit}:{clock.began}"
    if not service.tell(work, OVERDUE, current, clock.limit, due_ms, key=name, due_ms=due_ms):
        return False
    fact = {"began": clock.began, "due_ms": due_ms, "level": clock.level}
    service.write(work, current, "overdue", clock.limit, source=case.state, at_ms=due_ms, data=fact)
    store.change(work, case.id, {})
    to = [ToPerson(current.handler)] if current.handler else []
    above = parent(current.region) if current.region else None
    roles = [ToRole(DUTY, region=area, nearest=True) for area in (current.region, above) if area]
    label = text("cases.supervision") if clock.limit == SUPERVISION else label_of(type, "limits", clock.limit)
    notify.send(
        work,
        TEMPLATE,
        *to,
        *roles,
        key=name,
        params={
            "number": current.number or current.id,
            "title": current.title,
            "limit": label["zh"],
            "limit_en": label["en"],
        },
        subject=current.urn,
        link=f"/platform/cases?case={case.id}",
        organisation=current.organisation,
        region=current.region,
    )
    return True
