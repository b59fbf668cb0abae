"""The listeners of AIS: TCP and UDP for receivers that send, and calls to receivers that are asked."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from tongqu.domains.navigation import service, store
from tongqu.domains.navigation.gateway.clerk import ACTOR, Clerk
from tongqu.domains.navigation.gateway.desk import Desk, Receiver
from tongqu.domains.navigation.values import Counts
from tongqu.kernel.platform import Platform, Settings
from tongqu.kernel.telemetry import front_door

log = logging.getLogger("tongqu.navigation")
LISTENER: Final = "navigation.ais"
PORT: Final = 10110
"""IANA: nmea-0183."""
WRITE_S: Final = 1.0
GATHER_S: Final = 0.05
"""How long the first unknown sender waits for others, to be registered with them."""
RETRY_S: Final = 10.0
LONGEST_LINE: Final = 4096
"""Bytes without an end of line after which they are taken as a line, and refused."""


@dataclass(frozen=True)
class Options:
    """Settings (`navigation.*` of the installation's options).

    Attributes:
        region: `navigation.region`: home region of receivers, and so of the ships they hear first.
        dial: `navigation.dial`: receivers to call, `host:port` with commas between.
        connections: `navigation.connections`: connections at most.
    """

    region: str | None = None
    dial: tuple[tuple[str, int], ...] = ()
    connections: int = 1000

    @classmethod
    def of(cls, settings: Settings) -> Options:
        """Read them.

        Raises:
            ValueError: a setting is not what it should be.
        """
        given = settings.options
        dial = []
        for item in given.get("navigation.dial", "").split(","):
            if item.strip():
                host, colon, port = item.strip().rpartition(":")
                if not colon or not port.isdecimal() or not 0 < int(port) < 65536:
                    raise ValueError(f"navigation.dial has {item.strip()!r}: it must be host:port")
                dial.append((host.strip("[]"), int(port)))
        return cls(given.get("navigation.region") or None, tuple(dial), int(given.get("navigation.connections", 1000)))


class Gateway:
    """All that the sockets share."""

    def __init__(self, platform: Platform, options: Options, commit: Any, loop: asyncio.AbstractEventLoop) -> None:
        self.platform = platform
        self.options = options
        self.loop = loop
        self.commit = commit
        self.now_ms = platform.clock.now_ms
        self.clerk = Clerk(platform.store, loop)
        with platform.store.write(ACTOR) as work:
            service.all_offline(work)
            keys = store.keys(work)
            self.home = options.region or service.home_of(work)
        self.desk = Desk(commit, keys, self._meet)
        self.receivers: dict[tuple[str, str], Receiver] = {}
        self.connections = 0
        self._changed: set[tuple[str, str]] = set()
        self._paused: list[asyncio.Transport] = []
        self._to_meet: dict[str, list[int]] = {}

    def receiver(self, transport: str, address: str) -> Receiver:
        """The receiver at an address; its row is made when it is heard for the first time."""
        known = self.receivers.get((transport, address))
        if known is None:
            with self.platform.store.write(ACTOR) as work:  # once for each address, a few milliseconds
                row = service.receiver(work, transport, address, region=self.home)
            known = self.receivers[transport, address] = Receiver(row["id"], f"{transport} {address}")
        return known

    def arrived(self, transport: str, address: str) -> Receiver:
        receiver = self.receiver(transport, address)
        talker = Receiver(receiver.id, receiver.remote)
        receiver.talkers.append(talker)
        self.connections += 1
        self._changed.add((transport, address))
        return talker

    def left(self, transport: str, address: str, talker: Receiver) -> None:
        receiver = self.receiver(transport, address)
        self.desk.ended(talker, self.now_ms())
        receiver.counts.add(talker.counts)
        receiver.talkers = [one for one in receiver.talkers if one is not talker]
        self.connections -= 1
        self._changed.add((transport, address))

    def take(self, receiver: Receiver, lines: list[bytes], transport: asyncio.Transport | None = None) -> None:
        self.desk.lines(receiver, lines, self.now_ms())
        if transport is not None and self.commit.full:
            if not self._paused:
                self.commit.after(self._resume)
            transport.pause_reading()
            self._paused.append(transport)

    def _resume(self) -> None:
        paused, self._paused = self._paused, []
        for transport in paused:
            if not transport.is_closing():
                transport.resume_reading()

    def _meet(self, mmsi: int, receiver_id: str) -> None:
        if not self._to_meet:
            self.loop.call_later(GATHER_S, self._meet_now)
        self._to_meet.setdefault(receiver_id, []).append(mmsi)

    def _meet_now(self) -> None:
        wanted, self._to_meet = self._to_meet, {}
        for receiver_id, mmsis in wanted.items():
            self.clerk.put(partial(service.meet, mmsis=mmsis, receiver_id=receiver_id), partial(self._met, mmsis))

    def _met(self, mmsis: list[int], keys: dict[int, int] | None) -> None:
        self.desk.met(keys, mmsis)

    def write_down(self) -> None:
        """Hand what is new to the clerk, which registers ships before it writes down what they said."""
        now_ms = self.now_ms()
        counts = []
        for name, receiver in self.receivers.items():
            for talker in (receiver, *receiver.talkers):
                self.desk.due(talker, now_ms)
            for talker in receiver.talkers:
                receiver.counts.add(talker.counts)
                talker.counts = Counts()
            if receiver.counts or name in self._changed:
                counts.append((receiver.id, receiver.counts, bool(receiver.talkers) or name[0] == "udp"))
                receiver.counts = Counts()
        self._changed.clear()
        self._meet_now()
        self.clerk.write(self.desk.take_heard(), counts)

    async def keep_time(self) -> None:
        while True:
            await asyncio.sleep(WRITE_S)
            try:
                self.write_down()
            except Exception:
                log.exception("the gateway's clock stumbled")


class Connection(asyncio.Protocol):
    """A receiver on TCP: it connected to us, or we to it."""

    def __init__(self, gateway: Gateway, way: str = "tcp", address: str = "") -> None:
        self.gateway = gateway
        self.way = way
        self.address = address
        self.lost = gateway.loop.create_future()
        self._held = b""
        self._transport: Any = None
        self._receiver: Receiver | None = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        if self.gateway.connections >= self.gateway.options.connections:
            log.warning("connection limit of %d reached", self.gateway.options.connections)
            transport.abort()
            return
        peer = transport.get_extra_info("peername") or ("?", 0)
        self.address = self.address or str(peer[0])
        self._receiver = self.gateway.arrived(self.way, self.address)

    def data_received(self, data: bytes) -> None:
        if self._receiver is None:
            return
        *lines, self._held = (self._held + data).split(b"\n")
        if len(self._held) > LONGEST_LINE:
            lines, self._held = [*lines, self._held], b""
        if lines:
            self.gateway.take(self._receiver, lines, self._transport)

    def connection_lost(self, _: Exception | None) -> None:
        if self._receiver is not None:
            if self._held.strip():
                self.gateway.take(self._receiver, [self._held])
            self.gateway.left(self.way, self.address, self._receiver)
        if not self.lost.done():
            self.lost.set_result(None)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class Datagrams(asyncio.DatagramProtocol):
    """Receivers that send datagrams of one line or more."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self.gateway.take(self.gateway.receiver("udp", str(addr[0])), data.split(b"\n"))


async def _call(gateway: Gateway, host: str, port: int) -> None:
    """Keep a connection to a receiver that waits to be called."""
    while True:
        try:
            connection = Connection(gateway, "dial", f"{host}:{port}")
            await gateway.loop.create_connection(lambda c=connection: c, host, port)  # type: ignore[misc]
            log.info("connected to the receiver at %s:%d", host, port)
            await connection.lost
        except OSError as error:
            log.warning("the receiver at %s:%d does not answer: %s", host, port, error)
        await asyncio.sleep(RETRY_S)


@dataclass
class Opened:
    """A gateway that is listening, and on which ports."""

    gateway: Gateway
    tcp_port: int = 0
    udp_port: int = 0


@contextlib.asynccontextmanager
async def opened(platform: Platform, options: Options | None = None, port: int | None = None) -> Any:
    """Listen on TCP and UDP.

    Raises:
        OSError: the port is taken.
    """
    loop = asyncio.get_running_loop()
    options = options or Options.of(platform.settings)
    wanted = platform.settings.ports.get(LISTENER, PORT) if port is None else port
    async with front_door(platform) as commit:
        gateway = Gateway(platform, options, commit, loop)
        host = platform.settings.host
        connections: set[Connection] = set()

        def made() -> Connection:
            connection = Connection(gateway)
            connections.add(connection)
            connection.lost.add_done_callback(lambda _: connections.discard(connection))
            return connection

        server = await loop.create_server(made, host, wanted)
        tcp_port = server.sockets[0].getsockname()[1]
        try:
            datagrams, _ = await loop.create_datagram_endpoint(
                partial(Datagrams, gateway), local_addr=(host, tcp_port if wanted == 0 else wanted)
            )
        except OSError:
            server.close()
            raise
        gateway.clerk.begin()
        tasks = [loop.create_task(gateway.keep_time())]
        tasks += [loop.create_task(_call(gateway, *address)) for address in options.dial]
        try:
            yield Opened(gateway, tcp_port, datagrams.get_extra_info("sockname")[1])
        finally:
            server.close()
            datagrams.close()
            for task in tasks:
                task.cancel()
            for connection in list(connections):
                connection.close()
            await asyncio.sleep(0)
            gateway.write_down()
            await gateway.clerk.close()


async def run(platform: Platform) -> None:
    """The listener: serves until it is cancelled. A port that is taken is tried again: the other listeners go on."""
    while True:
        try:
            async with opened(platform) as found:
                log.info("AIS on tcp and udp %d, %d ships known", found.tcp_port, len(found.gateway.desk.keys))
                await asyncio.get_running_loop().create_future()
        except OSError as error:
            log.error("AIS cannot listen, trying again in %d s: %s", RETRY_S, error)
            await asyncio.sleep(RETRY_S)
