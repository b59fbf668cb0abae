"""Routes of equipment, below `/equipment`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Request
from starlette.responses import Response, StreamingResponse

from tongqu.domains.equipment import kinds, store, stream, views
from tongqu.domains.equipment.schemas import BindingForm, CommandForm, TerminalEdit, TerminalForm
from tongqu.domains.equipment.service import commands, frames, terminals
from tongqu.domains.equipment.values import NewTerminal
from tongqu.kernel.web import (
    Caller,
    ListQuery,
    as_list,
    json_response,
    needs,
    require_match,
    resume_from,
    streamed,
    tagged,
)

IfMatch = Annotated[str | None, Header(alias="If-Match")]
READ, EDIT, COMMAND = "equipment.read", "equipment.edit", "equipment.command"


def router() -> APIRouter:
    """All routes of the domain."""
    routes = APIRouter(prefix="/equipment", tags=["equipment"])
    _terminals(routes)
    _bindings(routes)
    _commands(routes)
    _sessions(routes)
    return routes


def _terminals(routes: APIRouter) -> None:
    @routes.get("/terminals")
    def list_terminals(query: ListQuery, caller: Caller = needs(READ)) -> Response:
        """Terminals. `q` finds a phone with or without its leading zeros."""
        with caller.read() as work:
            return json_response(as_list(store.list_terminals(work, query)))

    @routes.post("/terminals", status_code=201)
    def enter_terminal(form: TerminalForm, caller: Caller = needs(EDIT)) -> Response:
        with caller.write() as work:
            row = terminals.enter(work, NewTerminal(**form.model_dump()))
        return tagged(views.terminal(row), 201)

    @routes.get("/terminals/{terminal_id}")
    def get_terminal(terminal_id: str, caller: Caller = needs(READ)) -> Response:
        with caller.read() as work:
            return tagged(views.terminal(terminals.get(work, terminal_id)))

    @routes.patch("/terminals/{terminal_id}")
    def amend_terminal(
        terminal_id: str, form: TerminalEdit, if_match: IfMatch = None, caller: Caller = needs(EDIT)
    ) -> Response:
        with caller.write() as work:
            require_match(if_match, views.terminal(terminals.get(work, terminal_id)))
            row = terminals.amend(work, terminal_id, form.model_dump(exclude_unset=True))
        return tagged(views.terminal(row))

    @routes.get("/terminals/{terminal_id}/detail")
    def detail(terminal_id: str, caller: Caller = needs(READ)) -> Response:
        """A terminal with its open session and all its bindings."""
        with caller.read() as work:
            row = terminals.get(work, terminal_id)
            session = store.session(work, row["session"]) if row["session"] else None
            shown = views.terminal(row) | {
                "session_detail": views.session(session) if session is not None else None,
                "bindings": terminals.bindings(work, row["id"]),
            }
        return json_response(shown)

    @routes.get("/frames/{frame}")
    def explain_frame(frame: str, caller: Caller = needs(READ)) -> Response:
        """A raw frame with every byte explained."""
        with caller.read() as work:
            return json_response(frames.explain(work, caller.platform, frame))


def _bindings(routes: APIRouter) -> None:
    @routes.get("/terminals/{terminal_id}/bindings")
    def list_bindings(terminal_id: str, caller: Caller = needs(READ)) -> Response:
        """The vehicles it was fitted to, oldest first."""
        with caller.read() as work:
            return json_response({"items": terminals.bindings(work, terminal_id)})

    @routes.post("/terminals/{terminal_id}/bindings", status_code=201)
    def bind(terminal_id: str, form: BindingForm, caller: Caller = needs(EDIT)) -> Response:
        """Fit it to a vehicle from an instant on; what it was fitted to before ends then."""
        with caller.write() as work:
            row = terminals.bind(work, terminal_id, form.vehicle, form.from_ms)
        return json_response(views.terminal(row), 201)

    @routes.delete("/terminals/{terminal_id}/bindings")
    def release(terminal_id: str, at_ms: int | None = None, caller: Caller = needs(EDIT)) -> Response:
        """Take it off its vehicle, now or from an instant on."""
        with caller.write() as work:
            row = terminals.release(work, terminal_id, at_ms)
        return json_response(views.terminal(row))


def _commands(routes: APIRouter) -> None:
    @routes.get("/commands/kinds")
    def list_kinds(caller: Caller = needs(COMMAND)) -> Response:
        """What can be sent, with the fields of each form."""
        return json_response({"items": [kind.described() for kind in kinds.KINDS.values()]})

    @routes.get("/commands/stream")
    async def follow(
        request: Request,
        terminal: str | None = None,
        last_event_id: Annotated[str | None, Header()] = None,
        caller: Caller = needs(READ),
    ) -> StreamingResponse:
        """Server-sent events `command`, one per change; `Last-Event-ID` resumes."""
        after = resume_from(last_event_id)
        reader = stream.Reader(caller.platform, caller.actor, terminal, after or 0)
        return streamed(request, reader, stream.packed, resumed=after is not None)

    @routes.get("/commands")
    def list_commands(query: ListQuery, terminal: str | None = None, caller: Caller = needs(READ)) -> Response:
        """Commands, newest first; `terminal` is an id or URN."""
        with caller.read() as work:
            page = store.list_commands(work, query, terminal)
        return json_response(as_list(page) | {"items": [views.command(row) for row in page.items]})

    @routes.get("/commands/{command_id}")
    def get_command(command_id: str, caller: Caller = needs(READ)) -> Response:
        with caller.read() as work:
            return json_response(views.command(commands.get(work, command_id)))

    @routes.post("/commands/{command_id}/cancel")
    def cancel_command(command_id: str, caller: Caller = needs(COMMAND)) -> Response:
        """Take back a command that has not been sent."""
        with caller.write() as work:
            return json_response(views.command(commands.cancel(work, command_id)))

    @routes.post("/terminals/{terminal_id}/commands", status_code=201)
    def send_command(
        terminal_id: str,
        form: CommandForm,
        idempotency_key: Annotated[str | None, Header(max_length=100)] = None,
        caller: Caller = needs(COMMAND),
    ) -> Response:
        """Queue a command; the gateway sends it at once if the terminal is there, else when it comes back.

        The same `Idempotency-Key` again gives the command that was queued the first time.
        """
        with caller.write() as work:
            row = commands.queue(work, terminal_id, form.kind, form.body, form.expires_in_s * 1000, idempotency_key)
        return json_response(views.command(row), 201)


def _sessions(routes: APIRouter) -> None:
    @routes.get("/sessions")
    def list_sessions(
        query: ListQuery, terminal: str | None = None, state: str | None = None, caller: Caller = needs(READ)
    ) -> Response:
        """Sessions, newest first; `state` is `open` or `closed`."""
        with caller.read() as work:
            page = store.list_sessions(work, query, terminal, state)
        return json_response(as_list(page) | {"items": [views.session(row) for row in page.items]})
