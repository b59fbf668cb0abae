"""Shifts: one officer has the desk of a region, hands it over with what is open, and the next one signs for it."""

from __future__ import annotations

from typing import Any

from tongqu.domains.insight.cases import HANDLE, INCIDENT, SHIFT
from tongqu.kernel import cases
from tongqu.kernel.cases import Case
from tongqu.kernel.store import Work, allowed
from tongqu.kit.errors import Forbidden, Refused
from tongqu.kit.text import text


def begin(work: Work, region: str, *, previous: str = "") -> Case:
    """Begin a shift for a region; its officer is the actor.

    Raises:
        Forbidden: `web.no_permission`: the actor does not hold the desk of that region.
        Refused: `insight.shift_running`: somebody has it; take it over from them.
    """
    if not allowed(work.actor, HANDLE, organisation=None, region=region):
        raise Forbidden("web.no_permission", permission=HANDLE)
    running = current(work, region)
    if running is not None:
        raise Refused("insight.shift_running", officer=running.handler_name)
    title = text("insight.shift_title")["zh"]
    made = cases.open_case(work, SHIFT, title=title, region=region, data={"previous": previous})
    return cases.advance(work, SHIFT, made.id, "begin")


def current(work: Work, region: str) -> Case | None:
    """The shift that is running for a region, handed over or not."""
    return next((one for one in cases.still_open(work, [SHIFT]) if one.region == region), None)


def sign(work: Work, shift_id: str, remark: str) -> Case:
    """Sign for a shift that was handed over, and begin the next one; gives the new shift.

    Raises:
        Refused: `cases.second_person`: whoever handed over cannot sign for it; `cases.not_from_here`.
    """
    done = cases.advance(work, SHIFT, shift_id, "sign", data={"remark": remark})
    return begin(work, done.region or "", previous=done.id)


def whole(work: Work, shift: Case) -> dict[str, Any]:
    """A shift with its log: notes and signatures, what happened in it, and what was open at its end (or is now)."""
    lines = cases.history(work, shift)
    signed = {entry.name: entry for entry in lines if entry.kind == "step"}
    ended = signed.get("hand_over")
    end_ms = ended.at_ms if ended is not None and shift.state != "on_duty" else work.now_ms
    seen = cases.opened_before(work, INCIDENT, end_ms, since_ms=shift.opened_ms)
    here = [case for case in seen if (case.region or "").startswith(shift.region or "")]
    return {
        "shift": shift,
        "lines": lines,
        "until_ms": end_ms,
        "open": [case for case in here if case.closed_ms is None or case.closed_ms > end_ms],
        "during": [case for case in here if case.opened_ms >= shift.opened_ms],
    }
