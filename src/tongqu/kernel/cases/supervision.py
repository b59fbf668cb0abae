"""Supervision (督办): a superior's order laid over a case, with a level and a date, until the superior lifts it."""

from __future__ import annotations

from typing import Literal

from tongqu.kernel.cases import service, store
from tongqu.kernel.cases.events import SUPERVISED
from tongqu.kernel.cases.values import Case, CaseType
from tongqu.kernel.store import Actor, Work, allowed
from tongqu.kit.errors import Forbidden, Invalid, NotFound, Refused
from tongqu.kit.ids import new_id

SUPERVISE = "cases.supervise"
Level = Literal["county", "city", "province", "ministry"]
_DIGITS = {"county": 6, "city": 4, "province": 2, "ministry": 0}
MOST = 20


def levels_of(actor: Actor, type: CaseType, case: Case) -> list[str]:
    """The levels at which an actor may put a case under supervision: those whose whole area they hold."""
    if not type.supervised or case.region is None:
        return []
    return [level for level in _DIGITS if _holds(actor, case, level)]


def supervise(work: Work, type: CaseType, case_id: str, level: str, deadline_ms: int, reason: str) -> str:
    """Put an open case under supervision; gives the id of the order.

    Raises:
        NotFound: `cases.unknown`.
        Refused: `cases.not_supervised`: cases of this type are not, or this one is closed; `cases.too_many_orders`.
        Forbidden: `cases.not_superior`: the actor does not hold the whole area of that level.
        Invalid: `cases.deadline_past`, `cases.bad_level`.
    """
    case = service.get(work, type, case_id)
    if level not in _DIGITS:
        raise Invalid("cases.bad_level", field="level")
    if not type.supervised or case.closed_ms is not None or case.region is None:
        raise Refused("cases.not_supervised")
    if not _holds(work.actor, case, level):
        raise Forbidden("cases.not_superior", field="level", level=level)
    if deadline_ms <= work.now_ms:
        raise Invalid("cases.deadline_past", field="deadline_ms")
    if len([one for one in store.supervisions(work, [case_id])[case_id] if one["lifted_ms"] is None]) >= MOST:
        raise Refused("cases.too_many_orders", most=MOST)
    row = {
        "id": new_id(),
        "case": case_id,
        "level": level,
        "reason": reason,
        "begun_ms": work.now_ms,
        "deadline_ms": deadline_ms,
        "actor": work.actor.id,
        "actor_name": work.actor.name,
        "lifted_ms": None,
        "lifted_by": None,
    }
    store.add_supervision(work, row)
    fact = {"supervision": row["id"], "deadline_ms": deadline_ms, "reason": reason}
    seq = service.write(work, case, "supervision", level, source=case.state, at_ms=work.now_ms, data=fact)
    _counted(work, case, seq, level)
    return str(row["id"])


def lift(work: Work, type: CaseType, case_id: str, supervision_id: str, reason: str) -> None:
    """End a supervision: for whoever could have ordered it.

    Raises:
        NotFound: `cases.unknown`, `cases.unknown_supervision`.
        Forbidden: `cases.not_superior`.
        Refused: `cases.lifted`.
    """
    case = service.get(work, type, case_id)
    found = {one["id"]: one for one in store.supervisions(work, [case_id])[case_id]}.get(supervision_id)
    if found is None:
        raise NotFound("cases.unknown_supervision", supervision=supervision_id)
    if not _holds(work.actor, case, found["level"]):
        raise Forbidden("cases.not_superior", level=found["level"])
    if found["lifted_ms"] is not None:
        raise Refused("cases.lifted")
    store.lift(work, supervision_id, work.actor.id)
    fact = {"supervision": supervision_id, "reason": reason}
    seq = service.write(work, case, "lift", found["level"], source=case.state, at_ms=work.now_ms, data=fact)
    _counted(work, case, seq, found["level"])


def _holds(actor: Actor, case: Case, level: str) -> bool:
    """Whether the actor supervises over the whole area of a level that the case lies in."""
    area = (case.region or "")[: _DIGITS[level]]
    if len(area) < _DIGITS[level]:
        return False
    return allowed(actor, SUPERVISE, organisation=None, region=area or None)


def _counted(work: Work, case: Case, seq: int, level: str) -> None:
    store.change(work.as_system("cases"), case.id, {})
    service.tell(work, SUPERVISED, case, level, work.now_ms, key=f"{case.id}:{seq}")
