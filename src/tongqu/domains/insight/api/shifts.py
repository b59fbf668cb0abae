"""Routes of shifts and of the daily report."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from tongqu.domains.insight.api.regions import region_of
from tongqu.domains.insight.cases import HANDLE, INCIDENT, READ, SHIFT
from tongqu.domains.insight.schemas import DailyForm, HandOverForm, ShiftForm, SignForm
from tongqu.domains.insight.service import daily, shifts
from tongqu.kernel import cases
from tongqu.kernel.cases import Case, entry_shown
from tongqu.kernel.store import Work
from tongqu.kernel.web import Caller, json_response, needs
from tongqu.kit.errors import Invalid


def add(routes: APIRouter) -> None:
    @routes.get("/shifts/current")
    def get_current(region: Annotated[str, Query(max_length=12)], caller: Caller = needs(READ)) -> Response:
        """The shift that is running for a region; null where nobody has the desk."""
        with caller.read() as work:
            found = shifts.current(work, region_of(region) or "")
            return json_response({"shift": _whole(work, found) if found is not None else None})

    @routes.get("/shifts/{case_id}")
    def get_shift(case_id: str, caller: Caller = needs(READ)) -> Response:
        """A shift with its log, what was open at its end and what happened in it."""
        with caller.read() as work:
            return json_response(_whole(work, cases.get(work, SHIFT, case_id)))

    @routes.post("/shifts", status_code=201)
    def begin_shift(form: ShiftForm, caller: Caller = needs(HANDLE)) -> Response:
        """Begin a shift; its officer is the caller."""
        with caller.write() as work:
            return json_response(_whole(work, shifts.begin(work, region_of(form.region) or "")), 201)

    @routes.post("/shifts/{case_id}/hand_over")
    def hand_over(case_id: str, form: HandOverForm, caller: Caller = needs(HANDLE)) -> Response:
        """Sign the log and leave the desk to whoever signs next."""
        with caller.write() as work:
            return json_response(
                _whole(work, cases.advance(work, SHIFT, case_id, "hand_over", data={"summary": form.summary}))
            )

    @routes.post("/shifts/{case_id}/sign")
    def sign(case_id: str, form: SignForm, caller: Caller = needs(HANDLE)) -> Response:
        """Sign for a shift that was handed over; gives the shift that begins with it."""
        with caller.write() as work:
            return json_response(_whole(work, shifts.sign(work, case_id, form.remark)))

    @routes.get("/daily")
    def get_daily(
        region: Annotated[str, Query(max_length=12)],
        day: Annotated[str, Query(max_length=10)],
        caller: Caller = needs(READ),
    ) -> Response:
        """The figures of a region's day."""
        with caller.read() as work:
            return json_response(daily.figures(work, region_of(region) or "", _day(day)))

    @routes.post("/daily", status_code=201)
    def make_daily(form: DailyForm, caller: Caller = needs(HANDLE)) -> Response:
        """The daily report as a Word document."""
        region = region_of(form.region) or ""
        made = daily.report(caller.platform, caller.actor, region, _day(form.day), form.language)
        return json_response({"document": made.id, "name": made.name, "size": made.size}, 201)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("insight.bad_day", field="day", value=text) from error
    if not 2000 <= day.year <= 2100:
        raise Invalid("insight.bad_day", field="day", value=text)
    return day


def _whole(work: Work, shift: Case) -> dict[str, Any]:
    found = shifts.whole(work, shift)
    (shown,) = cases.shown(work, {SHIFT.id: SHIFT}, [shift])
    return shown | {
        "until_ms": found["until_ms"],
        "lines": [entry_shown(SHIFT, one) for one in found["lines"]],
        "open": cases.shown(work, {INCIDENT.id: INCIDENT}, found["open"]),
        "during": len(found["during"]),
    }
