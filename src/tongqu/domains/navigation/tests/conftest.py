"""A gateway of AIS on free ports of loopback over a fresh store."""

from __future__ import annotations

import asyncio
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tongqu.domains.navigation.gateway import server
from tongqu.domains.navigation.gateway.server import Options
from tongqu.domains.navigation.module import MODULE
from tongqu.kernel import identity
from tongqu.kernel.audit.module import MODULE as AUDIT
from tongqu.kernel.events.module import MODULE as EVENTS
from tongqu.kernel.identity.module import MODULE as IDENTITY
from tongqu.kernel.layers.module import MODULE as LAYERS
from tongqu.kernel.platform import Platform, Settings
from tongqu.kernel.store import Store, migrate, system_actor
from tongqu.kernel.telemetry.log import segments
from tongqu.kernel.telemetry.record import Record, unpack
from tongqu.kernel.things.module import MODULE as THINGS
from tongqu.kit import text
from tongqu.kit.time import Instant

MODULES = (IDENTITY, THINGS, AUDIT, EVENTS, LAYERS, MODULE)
SYSTEM = system_actor("test")


class Clock:
    def now_ms(self) -> Instant:
        return Instant(time.time_ns() // 1_000_000)


def until(condition: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Wait for something that another thread does; its value."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
    return value


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record store with the rooms that navigation needs, migrated once for all tests."""
    for module in MODULES:
        text.register(module.id, module.package)
    file = tmp_path_factory.mktemp("store") / "records.sqlite"
    store = Store(f"sqlite:///{file}", Clock())
    migrate(store, [module.room for module in MODULES if module.room is not None])
    with store.write(SYSTEM) as work:
        identity.add_region(work, identity.Region("99", "澜江省", "Lanjiang", "province", None))
        identity.add_region(work, identity.Region("9902", "望汀市", "Wangting", "city", "99"))
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return file


@pytest.fixture
def platform(tmp_path: Path, template: Path) -> Iterator[Platform]:
    shutil.copy(template, tmp_path / "records.sqlite")
    settings = Settings(tmp_path, f"sqlite:///{tmp_path / 'records.sqlite'}")
    made = Platform(settings, Clock(), Store(settings.database, Clock()), MODULES)
    yield made
    made.close()


class Running:
    """A gateway in a thread of its own."""

    def __init__(self, platform: Platform, options: Options) -> None:
        self.platform = platform
        self.options = options
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._thread.start()
        assert self._ready.wait(60)

    async def _run(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        async with server.opened(self.platform, self.options, port=0) as self.opened:
            self.port = self.opened.tcp_port
            self._ready.set()
            await self._end.wait()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join(60)
            assert not self._thread.is_alive()

    def send(self, *lines: str) -> socket.socket:
        """A receiver that connects and says these lines; it stays connected."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        connection.sendall("".join(f"{line}\r\n" for line in lines).encode("latin-1"))
        return connection

    def datagram(self, *lines: str) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto("\r\n".join(lines).encode("latin-1"), ("127.0.0.1", self.opened.udp_port))

    def rows(self, table: Any) -> list[dict[str, Any]]:
        with self.platform.store.read(SYSTEM) as work:
            return work.rows(select(table))

    def log(self) -> list[Record]:
        """All that is durable in the segment log."""
        records = []
        for segment in segments(self.platform.settings.log):
            data, at = segment.path.read_bytes(), 0
            while (found := unpack(data, at, segment.first + at)) is not None:
                records.append(found[0])
                at = found[1]
        return records


@pytest.fixture
def gateway(platform: Platform) -> Iterator[Running]:
    running = Running(platform, Options())
    yield running
    running.stop()
