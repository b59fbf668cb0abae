"""Routes of the audit log."""

from __future__ import annotations

import orjson
from fastapi import APIRouter
from starlette.responses import Response

from tongqu.kernel.audit import store
from tongqu.kernel.audit.sealer import ACTOR, anchor_file
from tongqu.kernel.audit.verify import verify
from tongqu.kernel.web import Caller, ListQuery, as_list, json_response, needs


def router() -> APIRouter:
    routes = APIRouter(prefix="/audit", tags=["audit"])

    @routes.get("")
    def list_entries(query: ListQuery, caller: Caller = needs("audit.read")) -> Response:
        """Entries about what the caller's grants cover, newest first."""
        with caller.read() as work:
            found = store.listed(work, query)
        items = [row | {"details": orjson.loads(row["details"])} for row in found.items]
        return json_response(as_list(found) | {"items": items})

    @routes.get("/verify")
    def check(caller: Caller = needs("audit.verify")) -> Response:
        """Check the whole chain; numbers of entries and batches only, no content."""
        with caller.platform.store.read(ACTOR) as work:
            findings = verify(work, anchor_file(caller.platform.settings.data))
            last = store.last_batch(work)
        return json_response(
            {
                "findings": [
                    {"what": one.what, "batch": one.number, "seq": one.seq, "detail": one.text} for one in findings
                ],
                "batches": last["number"] if last else 0,
                "sealed_to": last["last_seq"] if last else 0,
                "head": last["hash"] if last else None,
            }
        )

    return routes
