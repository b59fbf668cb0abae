"""How importers, runs and reports look on the wire."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tongqu.kernel.imports.rows import Bound
from tongqu.kernel.imports.values import Column
from tongqu.kit.errors import detail
from tongqu.kit.text import text


class FileOrder(BaseModel):
    """Load an uploaded document.

    Attributes:
        document: its id.
        loader: id of the loader that is to take it; the surest by default.
        options: of the loader, `{"datum": "gcj02"}`.
    """

    model_config = ConfigDict(extra="forbid")

    document: str = Field(max_length=40)
    loader: str | None = Field(None, max_length=80)
    options: dict[
        Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,40}$")],
        Annotated[str, StringConstraints(max_length=300)],
    ] = Field(default_factory=dict, max_length=20)


def shown_importer(bound: Bound) -> dict[str, Any]:
    return {
        "id": bound.importer.id,
        "title": text(f"{bound.module}.importers.{bound.importer.id}"),
        "permission": bound.importer.permission,
        "columns": [shown_column(bound, column) for column in bound.importer.columns],
    }


def shown_column(bound: Bound, column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "label": bound.heading(column),
        "type": column.kind,
        "required": column.required,
        "example": column.example,
        "options": [{"value": value, "label": bound.option(column, value)} for value in column.options],
    }


def shown_problem(packed: dict[str, Any], row: int | None) -> dict[str, Any]:
    return {
        "code": packed["code"],
        "field": packed["field"],
        "row": row,
        "level": packed["level"],
        "detail": detail(packed["code"], packed["params"]),
    }


def shown_row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "row": row["row"],
        "outcome": row["outcome"],
        "key": row["key"],
        "urn": row["urn"],
        "problems": [shown_problem(problem, row["row"]) for problem in row["problems"]],
    }


def shown_run(run: dict[str, Any]) -> dict[str, Any]:
    names = ("job", "importer", "document", "file_name", "dry_run", "all_or_nothing", "total", "counts", "created_ms")
    return {name: run[name] for name in names} | {"notes": [shown_problem(note, None) for note in run["notes"]]}
