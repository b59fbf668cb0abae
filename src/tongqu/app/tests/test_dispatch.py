"""The short way to a route leads to the same routes as the long one."""

from __future__ import annotations

import re
from typing import Any

from fastapi import FastAPI
from starlette.routing import BaseRoute, Match

from tongqu.app import registry
from tongqu.app.dispatch import INCLUDED
from tongqu.app.http import API, create_app
from tongqu.kernel.platform import Platform
from tongqu.kernel.web import route_rules


def asked(path: str, method: str = "GET") -> dict[str, Any]:
    kind = "websocket" if method == "WEBSOCKET" else "http"
    return {"type": kind, "method": method, "path": path, "root_path": "", "headers": [], "query_string": b""}


def the_long_way(app: FastAPI, path: str, method: str) -> tuple[Match, BaseRoute | None]:
    """What the application finds by asking each of its routes: the first whole match, else the first partial one."""
    partial: tuple[Match, BaseRoute | None] = (Match.NONE, None)
    for route in app.routes[1:]:
        match, _ = route.matches(asked(path, method))
        if match == Match.FULL:
            return match, route
        if match == Match.PARTIAL and partial[1] is None:
            partial = (match, route)
    return partial


def test_every_route_is_found_as_by_asking_each(platform: Platform) -> None:
    app = create_app(platform)
    rules = [rule for rule in route_rules(app.routes) if rule.path.startswith(f"{API}/")]
    assert len(rules) > 100
    for rule in rules:
        path = re.sub(r"{\w+(:\w+)?}", "1", rule.path)
        for method in rule.methods | {"PUT"}:
            match, child = app.routes[0].matches(asked(path, method))
            assert (match, child.get(INCLUDED)) == the_long_way(app, path, method), f"{method} {path}"
            assert method not in rule.methods or match == Match.FULL, f"{method} {path}"


def test_what_it_does_not_know_is_left_to_the_routes_behind(platform: Platform) -> None:
    short = create_app(platform).routes[0]
    for path in ("/", "/map", API, f"{API}/", f"{API}/nothing/here", f"{API}/{{urn}}", "/api/v2/health"):
        assert short.matches(asked(path))[0] == Match.NONE, path
    assert short.matches({"type": "lifespan"})[0] == Match.NONE


def test_no_first_part_belongs_to_two_modules() -> None:
    """Two modules that shared one would be found the long way, for every request."""
    owners: dict[str, set[str]] = {}
    for module in registry.modules():
        for router in module.routers:
            for rule in route_rules(router().routes):
                owners.setdefault(rule.path.split("/")[1], set()).add(module.id)
    assert {part: who for part, who in owners.items() if len(who) > 1} == {}
