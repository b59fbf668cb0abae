"""Routes of signing in, passwords, tokens."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from tongqu.kernel import identity
from tongqu.kernel.identity.schemas import NewPassword, SignIn, TokenForm
from tongqu.kernel.identity.service import tokens
from tongqu.kernel.identity.service.access import COOKIE, LONGEST_MS, Access
from tongqu.kernel.identity.service.views import session_view
from tongqu.kernel.identity.store import access as store
from tongqu.kernel.store import Actor
from tongqu.kernel.web import Caller, ListQuery, anyone, as_list, json_response, needs, signed_in


def router() -> APIRouter:
    routes = APIRouter()

    @routes.post("/session")
    def sign_in(form: SignIn, request: Request, caller: Caller = anyone()) -> Response:
        cookie, actor = caller.platform.service(Access).sign_in(
            form.login, form.password, remote=remote_of(request), agent=request.headers.get("user-agent", "")
        )
        return _with_cookie(caller, request, cookie, actor)

    @routes.get("/session")
    def session(caller: Caller = signed_in()) -> Response:
        with caller.read() as work:
            return json_response(session_view(work))

    @routes.delete("/session", status_code=204)
    def sign_out(request: Request, caller: Caller = signed_in()) -> Response:
        caller.platform.service(Access).sign_out(request.cookies.get(COOKIE, ""))
        response = Response(status_code=204)
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return response

    @routes.post("/password")
    def change_password(form: NewPassword, request: Request, caller: Caller = signed_in()) -> Response:
        """Change one's own password; all sessions end and a new one begins."""
        access = caller.platform.service(Access)
        access.check_password(caller.actor, form.old_password, remote_of(request))
        with caller.read() as work:
            login = identity.person(work, caller.actor.id).login
        kept = identity.hash_password(form.password, login)
        with caller.write() as work:
            identity.set_password(work, caller.actor.id, kept)
            cookie, actor = access.begin(
                work, caller.actor.id, remote=remote_of(request), agent=request.headers.get("user-agent", "")
            )
        return _with_cookie(caller, request, cookie, actor)

    @routes.get("/tokens")
    def list_tokens(query: ListQuery, caller: Caller = signed_in()) -> Response:
        with caller.read() as work:
            return json_response(as_list(store.tokens(work, query)))

    @routes.post("/tokens", status_code=201)
    def add_token(form: TokenForm, caller: Caller = needs("identity.tokens")) -> Response:
        with caller.write() as work:
            made, secret = tokens.add_token(work, form.name, form.permissions, expires_ms=form.expires_ms)
        return json_response({"id": made.id, "name": made.name, "token": secret, "expires_ms": made.expires_ms}, 201)

    @routes.delete("/tokens/{token_id}", status_code=204)
    def revoke_token(token_id: str, caller: Caller = signed_in()) -> Response:
        with caller.write() as work:
            tokens.revoke_token(work, token_id)
        return Response(status_code=204)

    return routes


def remote_of(request: Request) -> str:
    """Address of whoever calls."""
    return request.client.host if request.client else ""


def _with_cookie(caller: Caller, request: Request, cookie: str, actor: Actor) -> Response:
    with caller.platform.store.read(actor) as work:
        response = json_response(session_view(work))
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=LONGEST_MS // 1000,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    response.headers["Cache-Control"] = "no-store"
    return response
