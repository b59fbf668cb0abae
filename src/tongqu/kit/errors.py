"""One exception tree. An error has a stable code, parameters, and its text in both languages in a catalogue.

The code `room.name` finds its text under `errors.name` of the room's catalogue. The HTTP edge turns an error
into RFC 9457 problem+json; the command line prints it; nothing else catches it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from tongqu.kit.text import text


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a larger input: the field or row it is in, and why.

    Attributes:
        code: stable code, `room.name`.
        field: name of the field or column, if one is to blame.
        row: 1-based row of the file as its author counts it (the header is row 1), if there is one.
        params: values for the text.
    """

    code: str
    field: str | None = None
    row: int | None = None
    params: dict[str, Any] = dataclasses.field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "field": self.field,
            "row": self.row,
            "detail": detail(self.code, self.params),
        }


def detail(code: str, params: dict[str, Any]) -> dict[str, str]:
    """The text of an error code in both languages."""
    room, _, name = code.partition(".")
    return text(f"{room}.errors.{name}", **params)


class TongquError(Exception):
    """Base of all errors that a user may see.

    Args:
        code: stable code, `room.name`.
        field: the field that is wrong, if one is.
        row: the row that is wrong, if one is.
        problems: what is wrong inside a larger input.
        params: values for the text.
    """

    status: ClassVar[int] = 500

    def __init__(
        self,
        code: str,
        *,
        field: str | None = None,
        row: int | None = None,
        problems: Sequence[Problem] = (),
        **params: Any,
    ) -> None:
        self.code = code
        self.field = field
        self.row = row
        self.problems = tuple(problems)
        self.params = params
        super().__init__(code)

    @property
    def detail(self) -> dict[str, str]:
        return detail(self.code, self.params)

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return f"{self.code}: {self.detail['en']}" + (f" ({shown})" if shown else "")

    def as_problem(self) -> dict[str, Any]:
        """The body of an RFC 9457 problem+json answer."""
        return {
            "type": f"urn:tongqu:problem:{self.code}",
            "title": type(self).__name__,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "field": self.field,
            "row": self.row,
            "problems": [problem.as_dict() for problem in self.problems],
        }


class Invalid(TongquError):
    """The input does not say something sensible."""

    status = 422


class Unauthenticated(TongquError):
    """Nobody is signed in, or the token is not valid."""

    status = 401


class Forbidden(TongquError):
    """The actor is known and may not do this."""

    status = 403


class NotFound(TongquError):
    """There is no such thing, or none that the actor may see."""

    status = 404


class Refused(TongquError):
    """The request is sensible but the state of things does not allow it."""

    status = 409


class Stale(TongquError):
    """Somebody else has changed the thing since it was read (`If-Match` does not hold)."""

    status = 412


class TooLarge(TongquError):
    """More bytes or rows than are taken at once."""

    status = 413


class TooMany(TongquError):
    """Too many requests in too short a time."""

    status = 429


class Unavailable(TongquError):
    """A part of the platform is not up right now; nothing was changed."""

    status = 503
