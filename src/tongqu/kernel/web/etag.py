"""Entity tags of what people edit: a weak race becomes a clear refusal."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
from starlette.responses import Response

from tongqu.kernel.web.problem import json_response
from tongqu.kit.errors import Stale


def etag_of(value: Any) -> str:
    """The entity tag of a JSON value."""
    packed = orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str)
    return f'"{hashlib.sha256(packed).hexdigest()[:20]}"'


def tagged(value: Any, status: int = 200) -> Response:
    """A JSON answer that carries the entity tag of its value."""
    response = json_response(value, status)
    response.headers["ETag"] = etag_of(value)
    return response


def require_match(if_match: str | None, value: Any) -> None:
    """Refuse a change of something that is no longer what its editor read.

    Raises:
        Stale: `web.changed_meanwhile`.
    """
    if if_match is None or if_match.strip() == "*":
        return
    if etag_of(value) not in [tag.strip().removeprefix("W/") for tag in if_match.split(",")]:
        raise Stale("web.changed_meanwhile")
