"""The manifest of a room or domain: one frozen value that says everything the rest of the house may know of it.

Built-in domains are found by scanning the folders of `tongqu.domains`, kernel rooms likewise; domains of other
distributions by the entry-point group `tongqu.modules`. All give a `Module` named `MODULE` in their `module.py`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from fastapi import APIRouter
    from typer import Typer

    from tongqu.kernel.cases import CaseType
    from tongqu.kernel.events import EventType, Subscription
    from tongqu.kernel.imports import Importer, Loader
    from tongqu.kernel.indicators import Indicator, Projection
    from tongqu.kernel.jobs import JobKind, Schedule
    from tongqu.kernel.layers import Layer
    from tongqu.kernel.notify import Template
    from tongqu.kernel.numbering import Series
    from tongqu.kernel.platform import Platform
    from tongqu.kernel.rules import Rule
    from tongqu.kernel.store import Room
    from tongqu.kernel.telemetry import Stream
    from tongqu.kernel.things import Kind, Search
    from tongqu.kernel.web import Resource

FIELDS = ("infrastructure", "production", "services", "governance", "platform")


@dataclass(frozen=True)
class Listener:
    """A long-running network service that lives in the gateway process.

    Attributes:
        id: name, unique over all modules.
        run: coroutine function `(platform) -> None`; returns when it was cancelled and has closed its sockets.
    """

    id: str
    run: Callable[..., Any]


@dataclass(frozen=True)
class Demo:
    """What a module adds to the demo province.

    Attributes:
        order: modules with a smaller one fill first.
        fill: `(platform, world) -> None`: makes the records; called once on an empty store.
        play: `(platform, world, cancelled) -> None`: runs in the demo process as long as the demo does (a simulator).
        compiles: what `play` needs of `Module.compiles`.
    """

    order: int
    fill: Callable[..., Any] | None = None
    play: Callable[..., Any] | None = None
    compiles: Callable[[Platform], None] | None = None


@dataclass(frozen=True)
class Finding:
    """What a check of `tongqu doctor` found.

    Attributes:
        level: `ok`, `warning` or `error`.
        code: `module.name`; its text, with the remedy, stands in the locale under `findings.name`.
    """

    level: Literal["ok", "warning", "error"]
    code: str
    params: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Role:
    """A role that a module brings along: its code and permissions; its title stands in the locale (`roles.{code}`)."""

    code: str
    permissions: tuple[str, ...]


@dataclass(frozen=True)
class Module:
    """The manifest.

    Attributes:
        id: name of the folder; first part of its permissions, codes and routes.
        package: dotted name of the package; its `locale` answers for `id.`.
        field: which of the four fields of work it belongs to, or `platform`.
        needs: ids of the kernel rooms it uses beyond store and identity.
        permissions: all permissions it knows.
        roles: roles it brings along.
        room: its tables and migrations.
        routers: functions that give FastAPI routers, mounted below `/api/v1`; called in the API process only.
        resources: lists and forms that the page derives from its schemas.
        kinds: kinds of things it mints URNs for.
        searches: what the search box finds in it.
        streams: telemetry streams it writes.
        layers: map layers it draws.
        events: types of events it records.
        subscriptions: what it does on events.
        importers: spreadsheets it takes in.
        loaders: whole files it takes in (`tongqu load`).
        rules: stream rules whose alarms it raises.
        case_types: state machines of its cases.
        numbers: series of numbers it gives out.
        indicators: figures it defines.
        projections: its records as tables that indicators read.
        templates: messages it sends to people and webhooks.
        jobs: kinds of jobs it runs.
        schedules: what it does from time to time.
        listeners: network services it runs in the gateway process.
        start: `(platform) -> None`: puts its services into the platform of the API process.
        ready: `(platform) -> None`: begins what needs the services of all modules; called when all have started.
        compiles: functions `(platform) -> None` that run code for numba once, over a platform with empty tables, in a
            process of their own before it is needed.
        checks: functions `(platform) -> list[Finding]` for `tongqu doctor`.
        cli: a Typer app added under its id.
        demo: its part of the demo province.
    """

    id: str
    package: str
    field: str
    needs: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ()
    room: Room | None = None
    routers: tuple[Callable[[], APIRouter], ...] = ()
    resources: tuple[Resource, ...] = ()
    kinds: tuple[Kind, ...] = ()
    searches: tuple[Search, ...] = ()
    streams: tuple[Stream, ...] = ()
    layers: tuple[Layer, ...] = ()
    events: tuple[EventType, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    importers: tuple[Importer, ...] = ()
    loaders: tuple[Loader, ...] = ()
    rules: tuple[Rule, ...] = ()
    case_types: tuple[CaseType, ...] = ()
    numbers: tuple[Series, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    projections: tuple[Projection, ...] = ()
    templates: tuple[Template, ...] = ()
    jobs: tuple[JobKind, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    listeners: tuple[Listener, ...] = ()
    start: Callable[[Platform], None] | None = None
    ready: Callable[[Platform], None] | None = None
    compiles: tuple[Callable[[Platform], None], ...] = ()
    checks: tuple[Callable[[Platform], list[Finding]], ...] = ()
    cli: Callable[[], Typer] | None = None
    demo: Demo | None = None

    def __post_init__(self) -> None:
        if self.field not in FIELDS:
            raise ValueError(f"module {self.id}: {self.field!r} is none of the fields {FIELDS}")
        for permission in self.permissions:
            if not permission.startswith(f"{self.id}."):
                raise ValueError(f"module {self.id}: permission {permission!r} does not begin with its id")
