"""The manifest of the rulebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.kernel.module import Finding, Module
from tongqu.kernel.rulebooks import schemas
from tongqu.kernel.web import Resource
from tongqu.kit import text

if TYPE_CHECKING:
    from fastapi import APIRouter

    from tongqu.kernel.platform import Platform


def router() -> APIRouter:
    from tongqu.kernel.rulebooks import api

    return api.router()


def check_books(platform: Platform) -> list[Finding]:
    """Each entry can be read, has a source and a status, and each parameter a title in both languages."""
    from tongqu.kernel.rulebooks.reading import BadBook, books_of
    from tongqu.kernel.rulebooks.values import Status

    findings: list[Finding] = []
    counted = dict.fromkeys(Status, 0)
    for module in platform.modules:
        try:
            book = books_of(module.id, module.package)
        except BadBook as error:
            findings.append(Finding("error", "rulebooks.bad_book", {"reason": str(error)}))
            continue
        for id, entries in book.items():
            if not text.has(f"{module.id}.rulebooks.{id.split('.', 1)[1]}"):
                findings.append(Finding("error", "rulebooks.no_title", {"parameter": id}))
            for entry in entries:
                counted[entry.status] += 1
    return findings or [Finding("ok", "rulebooks.sourced", {status.value: n for status, n in counted.items()})]


MODULE = Module(
    id="rulebooks",
    package="tongqu.kernel.rulebooks",
    field="platform",
    routers=(router,),
    resources=(Resource("rulebooks.parameters", "rulebooks", schemas.ParameterRow, "", key="key"),),
    checks=(check_books,),
)
