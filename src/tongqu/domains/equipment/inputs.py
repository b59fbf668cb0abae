"""Inputs of a command: a table of fields that checks what a form gave and describes the form to the page."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tongqu.kit.errors import Invalid, Problem
from tongqu.kit.text import text


class BadInputError(Exception):
    """A value is not what its input takes; never leaves the package."""

    def __init__(self, code: str, **params: Any) -> None:
        self.code = f"equipment.{code}"
        self.params = params
        super().__init__(code)


@dataclass(frozen=True)
class Input:
    """One field of a command.

    Attributes:
        name: key of the value; its label stands in the catalogue under `fields.{name}`.
        type: `text`, `integer`, `number`, `boolean`, `enum`, `time` (UTC ms), `points` (list of [lon, lat] in
            degrees), `ids` (list of whole numbers) or `values` (mapping).
        required: a value must be given.
        default: value where none is given.
        least, most: bounds of a number, bytes (GBK) of a text, or entries of a list.
        options: values of an enumeration; their labels stand under `options.{name}.{value}`.
        unit: shown behind the field.
    """

    name: str
    type: str
    required: bool = False
    default: Any = None
    least: float | None = None
    most: float | None = None
    options: tuple[str, ...] = ()
    unit: str | None = None

    def take(self, value: Any) -> Any:
        """The value as the command keeps it."""
        return _TAKE[self.type](self, value)

    def described(self) -> dict[str, Any]:
        """The field as the page's form reads it."""
        shown: dict[str, Any] = {
            "name": self.name,
            "label": text(f"equipment.fields.{self.name}"),
            "type": self.type,
            "required": self.required,
            "default": self.default,
            "min": self.least,
            "max": self.most,
            "unit": self.unit,
        }
        if self.options:
            shown["options"] = [
                {"value": option, "label": text(f"equipment.options.{self.name}.{option}")} for option in self.options
            ]
        return shown


def checked(inputs: Sequence[Input], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a form, checked and completed with defaults.

    Raises:
        Invalid: `equipment.command` with one problem for each field that is wrong.
    """
    known = {one.name: one for one in inputs}
    problems = [Problem("equipment.unknown_field", field=name, params={"name": name}) for name in values.keys() - known]
    taken: dict[str, Any] = {}
    for one in inputs:
        value = values.get(one.name)
        if value is None or value == "":
            if one.required:
                problems.append(Problem("equipment.required", field=one.name))
            elif one.default is not None:
                taken[one.name] = one.default
            continue
        try:
            taken[one.name] = one.take(value)
        except BadInputError as error:
            problems.append(Problem(error.code, field=one.name, params=error.params))
    if problems:
        raise Invalid("equipment.command", problems=problems, field=problems[0].field)
    return taken


def _number(one: Input, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadInputError("not_a_number")
    return _within(one, value)


def _integer(one: Input, value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadInputError("not_a_whole_number")
    return int(_within(one, value))


def _within(one: Input, value: float) -> float:
    if (one.least is not None and value < one.least) or (one.most is not None and value > one.most):
        raise BadInputError("range", least=one.least, most=one.most)
    return value


def _boolean(_: Input, value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadInputError("not_yes_or_no")
    return value


def _text(one: Input, value: Any) -> str:
    if not isinstance(value, str):
        raise BadInputError("not_text")
    try:
        size = len(value.encode("gbk"))
    except UnicodeEncodeError as error:
        raise BadInputError("not_gbk", character=value[error.start]) from None
    if one.most is not None and size > one.most:
        raise BadInputError("too_long", most=int(one.most), size=size)
    return value


def _enum(one: Input, value: Any) -> str:
    if value not in one.options:
        raise BadInputError("choice", known=", ".join(one.options))
    return str(value)


def _count(one: Input, value: Any) -> Sequence[Any]:
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise BadInputError("not_a_list")
    if (one.least is not None and len(value) < one.least) or (one.most is not None and len(value) > one.most):
        raise BadInputError("entries", least=int(one.least or 0), most=int(one.most or 0))
    return value


def _points(one: Input, value: Any) -> list[list[float]]:
    points = []
    for point in _count(one, value):
        if not isinstance(point, Sequence) or isinstance(point, str) or len(point) != 2:
            raise BadInputError("not_a_point")
        lon, lat = (_number(Input("", "number"), part) for part in point)
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise BadInputError("not_a_point")
        points.append([float(lon), float(lat)])
    return points


def _ids(one: Input, value: Any) -> list[int]:
    return [_integer(Input("", "integer", least=0, most=0xFFFFFFFF), part) for part in _count(one, value)]


def _values(_: Input, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping) or not value:
        raise BadInputError("not_a_mapping")
    return {str(name): part for name, part in value.items()}


_TAKE: dict[str, Callable[[Input, Any], Any]] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "enum": _enum,
    "time": _integer,
    "points": _points,
    "ids": _ids,
    "values": _values,
}
