"""The house is found by its folders, and its manifests hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from tongqu.app import doctor, registry
from tongqu.app.http import create_app
from tongqu.app.platform import prepare
from tongqu.app.settings import load, read_settings, save
from tongqu.kernel.module import Module
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import pending
from tongqu.kernel.web.routes import route_rules

WITHOUT_RULE = {"/api/openapi.json"}
"""Routes that FastAPI itself adds."""
BY_HAND = {"/api/v1/movers/live"}
"""The socket signs in by itself: a refusal has to be a close code, not an answer."""


def test_every_folder_with_a_manifest_is_a_module() -> None:
    root = Path(registry.__file__).parents[1]
    folders = {path.parent.name for part in ("kernel", "domains") for path in (root / part).glob("*/module.py")}
    assert {module.id for module in registry.modules()} >= folders


def test_modules_stand_after_those_they_need() -> None:
    seen: set[str] = set()
    ids = {module.id for module in registry.modules()}
    for module in registry.modules():
        assert set(module.needs) & ids <= seen, module.id
        seen.add(module.id)


def test_a_circle_of_needs_is_refused() -> None:
    def module(name: str, needs: str) -> Module:
        return Module(id=name, package="tongqu.kernel", field="platform", needs=(needs,))

    with pytest.raises(ValueError, match="circle"):
        registry._in_order([module("a", "b"), module("b", "a")])


def test_a_manifest_with_a_foreign_permission_is_refused() -> None:
    with pytest.raises(ValueError, match="permission"):
        Module(id="a", package="tongqu.kernel", field="platform", permissions=("b.read",))


def test_all_tables_migrate_and_nothing_is_left_to_do(platform: Platform) -> None:
    rooms = registry.rooms(platform.modules)
    assert set(pending(platform.store, rooms)) == {room.id for room in rooms}
    assert set(prepare(platform)) == {room.id for room in rooms}
    assert pending(platform.store, rooms) == []
    assert prepare(platform) == []


def test_every_route_says_who_may_call_it(platform: Platform) -> None:
    for rule in route_rules(create_app(platform).routes):
        if rule.path in WITHOUT_RULE | BY_HAND:
            continue
        assert len(set(rule.rules)) >= 1, rule.path


def test_manifests_hold(platform: Platform) -> None:
    wrong = [doctor.said(finding) for finding in doctor._modules(platform) if finding.level != "ok"]
    assert not wrong


def test_permissions_of_a_route_are_declared_by_its_module(platform: Platform) -> None:
    declared = {permission for module in platform.modules for permission in module.permissions}
    for rule in route_rules(create_app(platform).routes):
        for needed in set(rule.rules) - {"anyone", "signed_in"}:
            assert needed in declared, f"{rule.path} needs {needed}, which no manifest declares"


def test_settings_survive_the_way_to_another_process(tmp_path: Path) -> None:
    settings = read_settings(tmp_path, port=1234, options={"a.b": "c"})
    assert load(save(settings)) == settings
