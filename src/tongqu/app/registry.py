"""Finds all modules: kernel rooms and built-in domains by scanning folders, others by the group `tongqu.modules`."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from types import ModuleType

import tongqu.domains
import tongqu.kernel
from tongqu.kernel.module import Module
from tongqu.kernel.store import Room
from tongqu.kit import text


@cache
def modules() -> tuple[Module, ...]:
    """All modules, kernel rooms first, each after those it needs."""
    kernel = [_manifest(name) for name in _folders(tongqu.kernel)]
    domains = [_manifest(name) for name in _folders(tongqu.domains)]
    foreign = [point.load() for point in entry_points(group="tongqu.modules")]
    found = [*_in_order([module for module in kernel if module]), *(m for m in domains if m), *foreign]
    for prefix, package in (("web", "tongqu.kernel.web"), ("store", "tongqu.kernel.store"), ("app", "tongqu.app")):
        text.register(prefix, package)
    for module in found:
        text.register(module.id, module.package)
    return tuple(found)


def rooms(of: tuple[Module, ...]) -> list[Room]:
    """What migrates, in order."""
    return [module.room for module in of if module.room is not None]


def _folders(package: ModuleType) -> list[str]:
    return [f"{package.__name__}.{found.name}" for found in pkgutil.iter_modules(package.__path__) if found.ispkg]


def _manifest(package: str) -> Module | None:
    name = f"{package}.module"
    try:
        return import_module(name).MODULE
    except ModuleNotFoundError as error:
        if error.name == name:  # a room without a manifest: store, web
            return None
        raise


def _in_order(found: list[Module]) -> list[Module]:
    """Sort so that each module stands after those it needs."""
    by_id = {module.id: module for module in found}
    done: dict[str, Module] = {}

    def visit(module: Module, above: tuple[str, ...]) -> None:
        if module.id in above:
            raise ValueError(f"modules need each other in a circle: {' > '.join((*above, module.id))}")
        for needed in module.needs:
            if needed in by_id and needed not in done:
                visit(by_id[needed], (*above, module.id))
        done[module.id] = module

    for module in found:
        if module.id not in done:
            visit(module, ())
    return list(done.values())
