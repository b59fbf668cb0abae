"""A small platform for tests of rooms: real store, given actors, the rooms' own routes, no app above them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, cast

from fastapi import FastAPI
from starlette.requests import HTTPConnection

from tongqu.kernel.jobs import JobContext, JobKind, store
from tongqu.kernel.jobs.module import MODULE as JOBS
from tongqu.kernel.jobs.worker import Worker
from tongqu.kernel.module import Module
from tongqu.kernel.platform import Platform, Settings
from tongqu.kernel.store import Actor, Grant, Room, Store, migrate
from tongqu.kernel.web import install_problems
from tongqu.kernel.web.caller import Authenticate
from tongqu.kit import text
from tongqu.kit.errors import Refused
from tongqu.kit.time import Instant

if TYPE_CHECKING:
    from starlette.testclient import TestClient


class RealClock:
    def now_ms(self) -> Instant:
        return Instant(time.time_ns() // 1_000_000)


def add_up(context: JobContext, params: dict[str, Any]) -> dict[str, Any]:
    total = 0
    for done, number in enumerate(params["numbers"], 1):
        context.check()
        total += number
        context.progress(done / len(params["numbers"]), "jobs.options.State.running")
    context.log(f"added {len(params['numbers'])} numbers")
    (context.folder / "scratch").write_text("x")
    return {"total": total, "actor": context.actor.id, "seed": context.seed, "random": context.random().random()}


def wait_politely(context: JobContext, params: dict[str, Any]) -> dict[str, Any]:
    context.progress(0.5)
    until = time.monotonic() + params["seconds"]
    while time.monotonic() < until:
        context.check()
        time.sleep(0.02)
    return {}


def wait_deafly(context: JobContext, params: dict[str, Any]) -> dict[str, Any]:
    """Never asks whether it should end, and has a child process of its own."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as child:
        context.log(f"child {child.pid}")
        context.progress(0.5)
        time.sleep(params["seconds"])
    return {}


def refuse(_: JobContext, __: dict[str, Any]) -> dict[str, Any]:
    raise Refused("jobs.key_reused", used="k")


def crash(_: JobContext, __: dict[str, Any]) -> dict[str, Any]:
    raise ZeroDivisionError("one over nothing")


def die(context: JobContext, params: dict[str, Any]) -> dict[str, Any]:
    """Dies as the kernel's out-of-memory killer would have it, on all attempts up to `last`."""
    if context.attempt <= params["last"]:
        print("about to die", flush=True)  # noqa: T201
        os.kill(os.getpid(), signal.SIGKILL)
    return {"attempt": context.attempt}


def swell(_: JobContext, params: dict[str, Any]) -> dict[str, Any]:
    held = []
    for _ in range(params["mb"] // 10):
        held.append(bytearray(b"\x01") * (10 << 20))
        time.sleep(0.02)
    time.sleep(5)
    return {"held": len(held)}


ADD = JobKind("test.add", add_up)
WAIT = JobKind("test.wait", wait_politely)
DEAF = JobKind("test.deaf", wait_deafly)
REFUSE = JobKind("test.refuse", refuse)
CRASH = JobKind("test.crash", crash)
DIE = JobKind("test.die", die)
SLOW = JobKind("test.slow", wait_politely, time_limit_s=1)
SWELL = JobKind("test.swell", swell, memory_mb=400)
GUARDED = JobKind("test.guarded", add_up, permission="test.run")

TEST = Module(
    id="test",
    package="tongqu.kernel.jobs.tests",
    field="platform",
    jobs=(ADD, WAIT, DEAF, REFUSE, CRASH, DIE, SLOW, SWELL, GUARDED),
)


def person(name: str, *permissions: str, organisations: Sequence[str] = (), region: str | None = None) -> Actor:
    grant = Grant("test", frozenset(permissions), frozenset(organisations) or None, region)
    return Actor(id=name, name=name, grants=(grant,), organisation=next(iter(organisations), None))


def make_platform(settings: Settings, *modules: Module) -> Platform:
    """A platform of the jobs room, the test's kinds and further modules; nothing started, nothing migrated."""
    clock = RealClock()
    found = (JOBS, TEST, *modules)
    for prefix in ("web", "store"):
        text.register(prefix, f"tongqu.kernel.{prefix}")
    for module in found:
        text.register(module.id, module.package)
    return Platform(settings, clock, Store(settings.database, clock), found)


FACTORY = f"{__name__}:make_platform"


def fresh_platform(folder: Path, *modules: Module, factory: str = FACTORY, **options: str) -> Platform:
    """The same over an empty store."""
    database = folder / "records.sqlite"
    rooms = tuple(module.room for module in (JOBS, TEST, *modules) if module.room is not None)
    database.write_bytes(_empty_store(rooms))
    settings = Settings(data=folder, database=f"sqlite:///{database}", options={"platform_factory": factory, **options})
    return make_platform(settings, *modules)


@cache
def _empty_store(rooms: tuple[Room, ...]) -> bytes:
    """A migrated store without rows: made once per set of rooms, for migrating takes longer than most tests."""
    with TemporaryDirectory() as folder:
        database = Path(folder) / "records.sqlite"
        store = Store(f"sqlite:///{database}", RealClock())
        migrate(store, list(rooms))
        with store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.rollback()
        store.close()
        return database.read_bytes()


@dataclass
class SignIn:
    """Signs in by the name in the header; knows the actors it was given."""

    actors: dict[str, Actor]

    def __call__(self, connection: HTTPConnection) -> Actor | None:
        return self.actors.get(connection.headers.get("authorization", "").removeprefix("Bearer "))


def application(platform: Platform, *actors: Actor) -> FastAPI:
    app = FastAPI()
    app.state.platform = platform
    install_problems(app)
    platform.provide(SignIn({actor.id: actor for actor in actors}), cast(Any, Authenticate))
    for module in platform.modules:
        for router in module.routers:
            app.include_router(router(), prefix="/api/v1")
    return app


def as_person(app: FastAPI, actor: Actor | str) -> TestClient:
    """A client that calls in a person's name."""
    from starlette.testclient import TestClient  # not needed in the process of a job

    name = actor if isinstance(actor, str) else actor.id
    headers = {"Authorization": f"Bearer {name}"}
    return TestClient(app, base_url="http://test/api/v1/", headers=headers, raise_server_exceptions=False)


def job_row(platform: Platform, job_id: str) -> dict[str, Any]:
    with platform.store.read(store.PLATFORM) as work:
        row = store.get(work, job_id)
    assert row is not None
    return row


def run_until(worker: Worker, done: Any, seconds: float = 60) -> float:
    """Let the worker work until a condition holds; gives the seconds it took."""
    begun = time.monotonic()
    while not done():
        if time.monotonic() - begun > seconds:
            raise AssertionError("the condition did not come to hold")
        if not worker.step():
            time.sleep(0.05)
    return time.monotonic() - begun


@contextmanager
def working(platform: Platform) -> Iterator[Worker]:
    worker = Worker(platform)
    try:
        yield worker
    finally:
        worker.give_back()
