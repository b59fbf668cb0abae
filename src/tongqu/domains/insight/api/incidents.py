"""Routes of incidents and their reports; lists, steps and changes are those of the cases room."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header
from starlette.responses import Response

from tongqu.domains.insight import store
from tongqu.domains.insight.cases import HANDLE, INCIDENT, READ
from tongqu.domains.insight.schemas import DraftForm, ReportForm
from tongqu.domains.insight.service import reports
from tongqu.domains.insight.values import title_of
from tongqu.kernel import cases
from tongqu.kernel.web import Caller, json_response, needs, require_match, tagged

IfMatch = Annotated[str | None, Header()]


def add(routes: APIRouter) -> None:
    @routes.get("/incidents/{case_id}/alarms")
    def list_alarms(case_id: str, caller: Caller = needs(READ)) -> Response:
        """The alarms that are this incident, in order of onset."""
        with caller.read() as work:
            case = cases.get(work, INCIDENT, case_id)
            found = store.members(work, case.id)
        return json_response({"items": [row | {"rule_title": title_of(row["rule"])} for row in found]})

    @routes.get("/incidents/{case_id}/reports")
    def list_reports(case_id: str, caller: Caller = needs(READ)) -> Response:
        """Drafts and sent reports of an incident."""
        with caller.read() as work:
            case = cases.get(work, INCIDENT, case_id)
            return json_response({"items": store.reports(work, case.id)})

    @routes.post("/incidents/{case_id}/reports", status_code=201)
    def make_draft(case_id: str, form: DraftForm, caller: Caller = needs(HANDLE)) -> Response:
        """A draft filled from what is known now."""
        with caller.write() as work:
            return tagged(reports.draft(work, case_id, form.kind, form.language), 201)

    @routes.get("/reports/{report_id}")
    def get_report(report_id: str, caller: Caller = needs(READ)) -> Response:
        with caller.read() as work:
            return tagged(reports.get(work, report_id))

    @routes.put("/reports/{report_id}")
    def edit_report(
        report_id: str, form: ReportForm, if_match: IfMatch = None, caller: Caller = needs(HANDLE)
    ) -> Response:
        """Change a draft."""
        with caller.write() as work:
            row = reports.get(work, report_id)
            require_match(if_match, row)
            body = [one.model_dump() for one in form.body]
            return tagged(reports.edit(work, report_id, form.title, body, row["version"]))

    @routes.delete("/reports/{report_id}", status_code=204)
    def discard_report(report_id: str, caller: Caller = needs(HANDLE)) -> Response:
        """Throw a draft away."""
        with caller.write() as work:
            reports.discard(work, report_id)
        return Response(status_code=204)

    @routes.post("/reports/{report_id}/submit")
    def submit_report(report_id: str, caller: Caller = needs(HANDLE)) -> Response:
        """Send a report: its document is made and the step of its incident taken."""
        return json_response(reports.submit(caller.platform, caller.actor, report_id))
