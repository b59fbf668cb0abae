"""The case types of the modules that are there."""

from __future__ import annotations

from collections.abc import Iterable

from tongqu.kernel.cases.values import CaseType
from tongqu.kernel.module import Module
from tongqu.kernel.store import Actor


def types_of(modules: Iterable[Module]) -> dict[str, CaseType]:
    """Case types by id."""
    return {type.id: type for module in modules for type in module.case_types}


def readable(actor: Actor, types: dict[str, CaseType]) -> list[CaseType]:
    """The types an actor may see any case of."""
    return [type for type in types.values() if actor.may(type.read)]
