"""Errors as RFC 9457 problem+json with a stable code and both languages; never a stack trace, never a bare 500."""

from __future__ import annotations

import logging
import secrets
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from tongqu.kit.errors import Problem, TongquError, detail

log = logging.getLogger("tongqu.web")

JSON = "application/json"
_HTTP_CODES = {404: "web.no_such_page", 405: "web.method", 413: "web.too_large"}


# What is wrong with a field, by pydantic's type of error: ours, and which of its limits the text names.
_WRONG: dict[str, tuple[str, str | None]] = {
    "missing": ("web.required", None),
    "extra_forbidden": ("web.unknown_field", None),
    "string_too_short": ("web.too_short", "min_length"),
    "string_too_long": ("web.too_long", "max_length"),
    "string_pattern_mismatch": ("web.form", None),
    "string_type": ("web.text", None),
    "string_unicode": ("web.text", None),
    "int_type": ("web.integer", None),
    "int_parsing": ("web.integer", None),
    "int_from_float": ("web.integer", None),
    "int_parsing_size": ("web.integer", None),
    "float_type": ("web.number", None),
    "float_parsing": ("web.number", None),
    "finite_number": ("web.number", None),
    "bool_type": ("web.boolean", None),
    "bool_parsing": ("web.boolean", None),
    "greater_than_equal": ("web.at_least", "ge"),
    "less_than_equal": ("web.at_most", "le"),
    "enum": ("web.option", "expected"),
    "literal_error": ("web.option", "expected"),
    "json_invalid": ("web.json", None),
}


def _problem(one: dict[str, Any]) -> Problem:
    """A field of a form that is not as required, in both languages."""
    code, limit = _WRONG.get(one["type"], ("web.field", None))
    params = {"reason": one["msg"]} if code == "web.field" else {}
    if limit is not None:
        params["limit"] = str(one.get("ctx", {}).get(limit, ""))
    field = ".".join(str(part) for part in one["loc"][1:]) if code != "web.json" else None
    return Problem(code, field=field or None, params=params)


def problem_response(body: dict[str, Any], status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body, default=str), status, headers, media_type="application/problem+json")


def _headers(status: int, params: dict[str, Any]) -> dict[str, str]:
    """What RFC 9110 wants beside the body: 401 how to sign in (11.6.1), 429 and 503 when to come again (10.2.3)."""
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return headers | ({"Retry-After": str(params["retry_after_s"])} if "retry_after_s" in params else {})


def json_response(body: Any, status: int = 200) -> Response:
    """A JSON answer by orjson; numpy arrays of numbers are allowed inside."""
    return Response(orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY, default=str), status, media_type=JSON)


def install_problems(app: FastAPI) -> None:
    """Answer every error of the app as problem+json."""

    @app.exception_handler(TongquError)
    def ours(_: Request, error: TongquError) -> Response:
        return problem_response(error.as_problem(), error.status, _headers(error.status, error.params))

    @app.exception_handler(RequestValidationError)
    def form(_: Request, error: RequestValidationError) -> Response:
        problems = [_problem(dict(one)) for one in error.errors()]
        return problem_response(_plain("kit.request", 422, [problem.as_dict() for problem in problems]), 422)

    @app.exception_handler(HTTPException)
    def http(_: Request, error: HTTPException) -> Response:
        code = _HTTP_CODES.get(error.status_code, "kit.request")
        return problem_response(_plain(code, error.status_code), error.status_code)

    @app.exception_handler(Exception)
    def unexpected(request: Request, error: Exception) -> Response:
        reference = secrets.token_hex(4)
        log.error("reference %s: %s %s", reference, request.method, request.url.path, exc_info=error)
        return problem_response(_plain("kit.internal", 500) | {"reference": reference}, 500)


def _plain(code: str, status: int, problems: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {
        "type": f"urn:tongqu:problem:{code}",
        "title": code,
        "status": status,
        "code": code,
        "detail": detail(code, {}),
        "field": problems[0]["field"] if problems else None,
        "row": None,
        "problems": problems or [],
    }
