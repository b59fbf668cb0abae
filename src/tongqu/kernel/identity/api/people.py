"""Routes of people, roles and grants."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Header
from starlette.responses import Response

from tongqu.kernel import identity
from tongqu.kernel.identity.schemas import GrantForm, PersonEdit, PersonForm, ResetPassword
from tongqu.kernel.identity.service.views import in_csv, record_showing, shown_people
from tongqu.kernel.identity.store import listings
from tongqu.kernel.identity.store import people as store
from tongqu.kernel.store import Query, Work
from tongqu.kernel.web import Caller, ListQuery, as_list, json_response, needs, require_match, signed_in, tagged
from tongqu.kit.ids import new_id

IfMatch = Annotated[str | None, Header(alias="If-Match")]
EXPORTED = ("name", "login", "organisation_name", "region", "roles", "phone", "email", "disabled_ms")
MOST_EXPORTED = 1000


def router() -> APIRouter:
    routes = APIRouter()
    _people(routes)
    _doings(routes)
    _roles(routes)
    return routes


def _people(routes: APIRouter) -> None:
    @routes.get("/people")
    def list_people(query: ListQuery, reveal: bool = False, caller: Caller = needs("identity.read")) -> Response:
        """People; contacts are masked unless `reveal`, which needs `identity.reveal` and is written down."""
        with caller.write() if reveal else caller.read() as work:
            found = store.listed(work, query)
            items = shown_people(work, found.items, reveal)
            if reveal:
                record_showing(work, "identity.reveal", len(items), reveal, _asked(query))
        return json_response(as_list(found) | {"items": items})

    @routes.get("/people/export.csv")
    def export_people(query: ListQuery, reveal: bool = False, caller: Caller = needs("identity.read")) -> Response:
        """The list as CSV (UTF-8 with byte order mark, as spreadsheets expect); written down."""
        with caller.write() as work:
            items = shown_people(work, _all(work, query), reveal)
            record_showing(work, "identity.export", len(items), reveal, _asked(query))
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(EXPORTED)
        writer.writerows(in_csv(({**row, "roles": " ".join(row["roles"])} for row in items), EXPORTED))
        disposition = {"Content-Disposition": "attachment; filename=people.csv"}
        return Response("\ufeff" + out.getvalue(), headers=disposition, media_type="text/csv; charset=utf-8")

    @routes.post("/people", status_code=201)
    def add_person(form: PersonForm, caller: Caller = needs("identity.edit")) -> Response:
        kept = identity.hash_password(form.password, form.login) if form.password is not None else None
        with caller.write() as work:
            if form.region is not None:
                identity.region(work, form.region)
            made = identity.add_person(work, **form.model_dump(exclude={"password"}), password_hash=kept)
            return tagged(_shown(work, made), 201)

    @routes.get("/people/{person_id}")
    def get_person(person_id: str, reveal: bool = False, caller: Caller = signed_in()) -> Response:
        with caller.write() if reveal else caller.read() as work:
            found = identity.person(work, person_id)
            shown = _shown(work, found, reveal)
            if reveal:
                record_showing(work, "identity.reveal", 1, reveal, {"id": person_id})
            response = tagged(shown)
            response.headers["ETag"] = tagged(_shown(work, found)).headers["ETag"]
            return response

    @routes.patch("/people/{person_id}")
    def amend_person(
        person_id: str, form: PersonEdit, if_match: IfMatch = None, caller: Caller = signed_in()
    ) -> Response:
        changes = form.model_dump(mode="json", exclude_unset=True)
        with caller.write() as work:
            require_match(if_match, _shown(work, identity.person(work, person_id)))
            return tagged(_shown(work, identity.amend_person(work, person_id, **changes)))


def _doings(routes: APIRouter) -> None:
    @routes.post("/people/{person_id}/disable", status_code=204)
    def disable(person_id: str, caller: Caller = needs("identity.edit")) -> Response:
        with caller.write() as work:
            identity.disable_person(work, person_id)
        return Response(status_code=204)

    @routes.post("/people/{person_id}/enable", status_code=204)
    def enable(person_id: str, caller: Caller = needs("identity.edit")) -> Response:
        with caller.write() as work:
            identity.enable_person(work, person_id)
        return Response(status_code=204)

    @routes.post("/people/{person_id}/password")
    def reset_password(person_id: str, form: ResetPassword, caller: Caller = needs("identity.edit")) -> Response:
        """Give somebody another password; a random one, shown this once, where none is given."""
        with caller.read() as work:
            login = identity.person(work, person_id).login
        password = form.password if form.password is not None else new_id()
        kept = identity.hash_password(password, login)
        with caller.write() as work:
            identity.set_password(work, person_id, kept)
        return json_response({"password": None if form.password is not None else password})


def _roles(routes: APIRouter) -> None:
    @routes.get("/roles")
    def list_roles(caller: Caller = signed_in()) -> Response:
        with caller.read() as work:
            rows = store.roles(work)
            held = store.permissions_of(work, [row["code"] for row in rows])
        items = [
            {
                "code": row["code"],
                "title": {"zh": row["title_zh"], "en": row["title_en"]},
                "permissions": sorted(held[row["code"]]),
            }
            for row in rows
        ]
        return json_response({"items": items, "next": None, "total": len(items)})

    @routes.get("/grants")
    def list_grants(query: ListQuery, caller: Caller = signed_in()) -> Response:
        with caller.read() as work:
            return json_response(as_list(listings.grants(work, query)))

    @routes.post("/grants", status_code=201)
    def add_grant(form: GrantForm, caller: Caller = needs("identity.grant")) -> Response:
        with caller.write() as work:
            if form.region is not None:
                identity.region(work, form.region)
            made = identity.grant(work, form.person, form.role, organisation=form.organisation, region=form.region)
        return json_response(asdict(made), 201)

    @routes.delete("/grants/{grant_id}", status_code=204)
    def end_grant(grant_id: str, caller: Caller = needs("identity.grant")) -> Response:
        with caller.write() as work:
            identity.end_grant(work, grant_id)
        return Response(status_code=204)


def _shown(work: Work, one: identity.Person, reveal: bool = False) -> dict[str, Any]:
    names = identity.organisation_names(work, [one.organisation] if one.organisation else ())
    row = asdict(one) | {"organisation_name": names.get(one.organisation or "")}
    return shown_people(work, [row], reveal)[0]


def _all(work: Work, query: Query) -> list[dict[str, Any]]:
    """Rows of all pages of a list."""
    rows: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        found = store.listed(work, Query(query.q, query.filters, query.sort, MOST_EXPORTED, cursor))
        rows += found.items
        cursor = found.next
        if cursor is None:
            return rows


def _asked(query: Query) -> dict[str, Any]:
    return {"q": query.q, "filters": {name: list(values) for name, values in query.filters.items()}}
