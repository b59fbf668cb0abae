"""A gateway on a free port of loopback over a fresh store, and a device that speaks to it byte by byte."""

from __future__ import annotations

import asyncio
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tongqu.domains.equipment.gateway import server
from tongqu.domains.equipment.gateway.server import Options
from tongqu.domains.equipment.module import MODULE
from tongqu.kernel import identity, things
from tongqu.kernel.audit.module import MODULE as AUDIT
from tongqu.kernel.events.module import MODULE as EVENTS
from tongqu.kernel.identity.module import MODULE as IDENTITY
from tongqu.kernel.platform import Platform, Settings
from tongqu.kernel.store import Actor, Grant, Store, Work, migrate, system_actor
from tongqu.kernel.telemetry.log import segments
from tongqu.kernel.telemetry.record import Record, unpack
from tongqu.kernel.things.module import MODULE as THINGS
from tongqu.kit import text
from tongqu.kit.time import Instant
from tongqu.protocols import jt808

MODULES = (IDENTITY, THINGS, AUDIT, EVENTS, MODULE)
VEHICLE = things.Kind("vehicle", moving=True, unique=("plate",))
SYSTEM = system_actor("test")
QUICK = Options(reply_ms=5_000, refusals=3)


class Clock:
    """The machine's clock, which a test may set forward."""

    ahead_ms = 0

    def now_ms(self) -> Instant:
        return Instant(time.time_ns() // 1_000_000 + self.ahead_ms)


def until(condition: Callable[[], Any], seconds: float = 40.0) -> Any:
    """Wait for something that another thread does; its value."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)
    return value


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record store with the rooms that equipment needs, migrated once for all tests."""
    for module in MODULES:
        text.register(module.id, module.package)
    file = tmp_path_factory.mktemp("store") / "records.sqlite"
    store = Store(f"sqlite:///{file}", Clock())
    migrate(store, [module.room for module in MODULES if module.room is not None])
    with store.write(SYSTEM) as work:
        identity.add_region(work, identity.Region("99", "澜江省", "Lanjiang", "province", None))
        identity.add_region(work, identity.Region("9901", "澜州市", "Lanzhou", "city", "99"))
        identity.add_region(work, identity.Region("9902", "望汀市", "Wangting", "city", "99"))
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return file


@pytest.fixture
def platform(tmp_path: Path, template: Path) -> Iterator[Platform]:
    """A platform with those rooms, empty."""
    clock = Clock()
    settings = Settings(tmp_path, f"sqlite:///{tmp_path / 'records.sqlite'}")
    shutil.copy(template, tmp_path / "records.sqlite")
    made = Platform(settings, clock, Store(settings.database, clock), MODULES)
    yield made
    made.close()


@dataclass
class Running:
    """A gateway in a thread of its own."""

    platform: Platform
    options: Options
    port: int = 0
    gateway: Any = None
    _loop: Any = None
    _thread: threading.Thread | None = None
    _ready: threading.Event = field(default_factory=threading.Event)
    _end: Any = None

    def start(self) -> Running:
        self._ready.clear()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._thread.start()
        assert self._ready.wait(60)
        return self

    async def _run(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        async with server.opened(self.platform, self.options, port=0) as (self.gateway, listening):
            self.port = listening.sockets[0].getsockname()[1]
            self._ready.set()
            await self._end.wait()

    def stop(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join(20)
            assert not self._thread.is_alive()

    def restart(self) -> None:
        self.stop()
        self.start()

    def rows(self, statement: Any) -> list[dict[str, Any]]:
        with self.platform.store.read(SYSTEM) as work:
            return work.rows(statement)

    def write(self, verb: Callable[[Work], Any]) -> Any:
        with self.platform.store.write(SYSTEM) as work:
            return verb(work)

    def log(self) -> list[Record]:
        """All that is durable in the segment log."""
        records = []
        for segment in segments(self.platform.settings.log):
            data, at = segment.path.read_bytes(), 0
            while (found := unpack(data, at, segment.first + at)) is not None:
                records.append(found[0])
                at = found[1]
        return records

    def refused(self) -> list[Record]:
        return [record for record in self.log() if record.reason]


@pytest.fixture
def gateways(platform: Platform) -> Iterator[Callable[..., Running]]:
    """Starts gateways with options; all end with the test."""
    started: list[Running] = []

    def start(**options: Any) -> Running:
        running = Running(platform, replace(QUICK, **options)).start()
        started.append(running)
        return running

    yield start
    for running in started:
        running.stop()


@pytest.fixture
def gateway(gateways: Callable[..., Running]) -> Running:
    """A gateway that admits everybody."""
    return gateways()


class Device:
    """A terminal under a test's control: what it says is what the test says."""

    def __init__(self, running: Running, phone: str = "13800138000", version: int = 2019) -> None:
        self.phone, self.version = phone, version
        self.serial = 0
        self.code = ""
        self.socket = socket.create_connection(("127.0.0.1", running.port), timeout=40)
        self.splitter = jt808.Splitter()
        self.waiting: list[jt808.Message] = []

    def frames(self, message_id: int, body: dict[str, Any] | bytes | None = None) -> list[bytes]:
        """The frames of a message with the next serial numbers."""
        first = self.serial + 1
        made = jt808.encode(
            message_id, {} if body is None else body, phone=self.phone, serial=first, version=self.version
        )
        self.serial = first + len(made) - 1
        return made

    def send(self, message_id: int, body: dict[str, Any] | bytes | None = None) -> int:
        """Send a message; gives its (last) serial number."""
        for frame in self.frames(message_id, body):
            self.raw(frame)
        return self.serial

    def raw(self, data: bytes) -> None:
        self.socket.sendall(data)

    def read(self) -> jt808.Message:
        """The next message of the platform."""
        while not self.waiting:
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionError("closed by the platform")
            self.waiting += [jt808.decode(chunk.raw) for chunk in self.splitter.feed(data)]
        return self.waiting.pop(0)

    def ask(self, message_id: int, body: dict[str, Any] | bytes | None = None) -> jt808.Message:
        self.send(message_id, body)
        return self.read()

    def result(self, message_id: int, body: dict[str, Any] | bytes | None = None) -> int:
        """Result of the general reply to a message."""
        serial = self.send(message_id, body)
        reply = self.read()
        assert reply.head.message_id == 0x8001, reply
        assert (reply.body["reply_serial"], reply.body["reply_message_id"]) == (serial, message_id)
        return int(reply.body["result"])

    def is_closed(self, seconds: float = 20.0) -> bool:
        """Whether the platform closes the connection, whatever it still says before."""
        self.socket.settimeout(seconds)
        try:
            while self.socket.recv(65536):
                pass
        except TimeoutError:
            return False
        except ConnectionError:
            pass
        return True

    def registration(self, **changes: Any) -> dict[str, Any]:
        said = {
            "province": 99,
            "city": 100,
            "maker": "99001",
            "model": "TQ-808",
            "terminal_id": self.phone[-7:],
            "plate_colour": 1,
            "plate": "测A00000",
        }
        return said | changes

    def register(self, **changes: Any) -> int:
        """Register; the result."""
        reply = self.ask(0x0100, self.registration(**changes))
        assert reply.head.message_id == 0x8100
        self.code = reply.body.get("auth_code", self.code)
        return int(reply.body["registered"])

    def authenticate(self, code: str | None = None) -> int:
        body: dict[str, Any] = {"auth_code": self.code if code is None else code}
        if self.version == 2019:
            body |= {"imei": "860000000000001", "software_version": "1.0"}
        return self.result(0x0102, body)

    def log_in(self) -> Device:
        assert self.register() == 0
        assert self.authenticate() == 0
        return self

    def report(self, **changes: Any) -> int:
        return self.result(0x0200, position(**changes))

    def close(self) -> None:
        self.socket.close()


def position(**changes: Any) -> dict[str, Any]:
    """Body of a 0x0200."""
    body = {
        "alarm": 0,
        "status": 0x000C0003,
        "latitude_deg": 31.25,
        "longitude_deg": 121.5,
        "altitude_m": 12,
        "speed_kmh": 61.5,
        "heading_deg": 90,
        "time_ms": 1_790_000_000_000,
        "extras": {"mileage_km": 1234.5},
    }
    return body | changes


@pytest.fixture
def devices() -> Iterator[Callable[..., Device]]:
    """Makes devices; all are closed with the test."""
    made: list[Device] = []

    def make(running: Running, phone: str = "13800138000", version: int = 2019) -> Device:
        made.append(Device(running, phone, version))
        return made[-1]

    yield make
    for device in made:
        device.close()


@pytest.fixture
def vehicle(platform: Platform) -> Callable[..., things.Thing]:
    """Mints vehicles as fleets does: plate and colour are their alias."""

    def mint(plate: str, colour: str = "yellow", region: str = "9901", organisation: str | None = None) -> things.Thing:
        with platform.store.write(SYSTEM) as work:
            return things.mint(
                work,
                VEHICLE,
                plate,
                region=region,
                organisation=organisation,
                aliases=(("plate", f"{plate} {colour}"), ("vin", f"VIN{plate[-5:]}")),
            )

    return mint


@pytest.fixture
def wait() -> Callable[..., Any]:
    return until


@pytest.fixture
def fix() -> Callable[..., dict[str, Any]]:
    return position


@dataclass
class Caller:
    """An HTTP client that acts as somebody of a test's making."""

    client: Any
    actor: Any = SYSTEM

    def __call__(self, method: str, path: str, **options: Any) -> Any:
        return self.client.request(method, f"/api/v1/equipment/{path}", **options)

    def as_grant(self, *permissions: str, region: str | None = None) -> None:
        """From now on a person with these permissions over a region."""
        grant = Grant("test", frozenset(f"equipment.{name}" for name in permissions), region=region)
        self.actor = Actor("person", "person", grants=(grant,))


@pytest.fixture
def http(platform: Platform) -> Iterator[Caller]:
    """The routes of equipment, called as the system unless the test says otherwise."""
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from tongqu.domains.equipment import api
    from tongqu.kernel.web import install_problems
    from tongqu.kernel.web.caller import Authenticate

    app = FastAPI()
    app.state.platform = platform
    install_problems(app)
    app.include_router(api.router(), prefix="/api/v1")
    with TestClient(app, headers={"X-Tongqu": "1"}) as client:
        caller = Caller(client)
        platform.provide(lambda _: caller.actor, Authenticate)
        yield caller
