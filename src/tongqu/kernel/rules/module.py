"""Manifest of the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.kernel.module import Module, Role
from tongqu.kernel.rules.tables import METADATA
from tongqu.kernel.store import Room

if TYPE_CHECKING:
    from fastapi import APIRouter
    from typer import Typer

    from tongqu.kernel.platform import Platform


REPLAY = "rules.replay"


def _router() -> APIRouter:
    from tongqu.kernel.rules.api import router

    return router()


def _commands() -> Typer:
    from tongqu.kernel.rules import cli

    return cli.app()


def ready(platform: Platform) -> None:
    """Begin to follow the rows, once all modules have put the services into the process that their rules ask."""
    from tongqu.kernel.rules.live import RuleRunner
    from tongqu.kernel.rules.replays import Replays

    platform.provide(Replays(platform))
    runner = RuleRunner(platform)
    platform.provide(runner)
    runner.start()


def _compile(platform: Platform) -> None:
    from tongqu.kernel.rules.compiling import compile_rules

    compile_rules(platform)


MODULE = Module(
    id="rules",
    package="tongqu.kernel.rules",
    field="platform",
    needs=("alarms", "geo", "telemetry", "things"),
    permissions=(REPLAY,),
    roles=(Role("administrator", (REPLAY,)), Role("analyst", (REPLAY,))),
    routers=(_router,),
    cli=_commands,
    room=Room("rules", "tongqu.kernel.rules", METADATA),
    ready=ready,
    compiles=(_compile,),
)
