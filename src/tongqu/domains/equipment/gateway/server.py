"""The gateway: listens, keeps count of connections, looks after time, and holds the parts together."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from tongqu.domains.equipment.gateway.clerk import ACTOR, Clerk
from tongqu.domains.equipment.gateway.connection import Connection
from tongqu.domains.equipment.gateway.desk import PLAIN, Desk
from tongqu.domains.equipment.gateway.entrance import Entrance
from tongqu.domains.equipment.gateway.orders import Orders
from tongqu.domains.equipment.gateway.parts import Parts
from tongqu.domains.equipment.gateway.registry import Registry
from tongqu.domains.equipment.gateway.states import State
from tongqu.domains.equipment.service import admission, commands, sessions
from tongqu.domains.equipment.streams import PARTS_NUMBER, POSITIONS_NUMBER
from tongqu.kernel.platform import Platform, Settings
from tongqu.kernel.telemetry import GroupCommit, front_door
from tongqu.protocols import jt808

log = logging.getLogger("tongqu.equipment")
LISTENER = "equipment.jt808"
PORT = 6808
BACKLOG = 4096
TICK_S = 0.1
SWEEP_S = 1.0
TIME_REPLY, MEDIA_REPLY = 0x8004, 0x8800
ABORT_MS = 5_000
"""How long a connection that was told to close may take to read its last reply."""


@dataclass(frozen=True)
class Options:
    """Settings of the gateway (`equipment.*` of the installation's options).

    Attributes:
        open_admission: `equipment.admission` is `open`: unknown terminals are taken in; else `registered`.
        home_region: code of the region for terminals that name none of ours; None: the largest province there is.
        idle_ms: a session without a word for so long is over.
        login_ms: a connection that is not authenticated after so long is closed.
        refusals: refused frames before authentication that end a connection.
        connections: connections at most.
        reply_ms: T(0), the wait for an answer before a repetition.
        repeats: repetitions of an unanswered command.
    """

    open_admission: bool = True
    home_region: str | None = None
    idle_ms: int = 300_000
    login_ms: int = 60_000
    refusals: int = 5
    connections: int = 100_000
    reply_ms: int = 10_000
    repeats: int = 3

    @classmethod
    def of(cls, settings: Settings) -> Options:
        """Read them.

        Raises:
            ValueError: a setting is not what it should be.
        """
        given = {
            name.removeprefix("equipment."): value
            for name, value in settings.options.items()
            if name.startswith("equipment.")
        }
        mode = given.get("admission", "open")
        if mode not in ("open", "registered"):
            raise ValueError(f"equipment.admission is {mode!r}: it must be open or registered")
        seconds = {"idle_ms": "idle_s", "login_ms": "login_s", "reply_ms": "reply_s"}
        numbers: dict[str, int] = {
            name: round(float(given[key]) * 1000) for name, key in seconds.items() if key in given
        }
        numbers |= {name: int(given[name]) for name in ("refusals", "connections", "repeats") if name in given}
        return cls(open_admission=mode == "open", home_region=given.get("region") or None, **numbers)


class Gateway:
    """All that the connections share. Everything here runs in the loop's thread."""

    plain = PLAIN
    stream = POSITIONS_NUMBER
    part_stream = PARTS_NUMBER

    def __init__(
        self, platform: Platform, options: Options, commit: GroupCommit, loop: asyncio.AbstractEventLoop
    ) -> None:
        self.platform = platform
        self.options = options
        self.loop = loop
        self.now_ms = platform.clock.now_ms
        self.commit = commit
        self.registry = Registry()
        self.connections: set[Connection] = set()
        self.desk = Desk(self)
        self.entrance = Entrance(self)
        self.orders = Orders(self)
        self.parts = Parts(self, options.reply_ms / 1000)
        self.clerk = Clerk(platform.store, loop, self.learn)
        self._speaking: list[Connection] = []
        self._held_back: list[Connection] = []

    # connections

    def made(self, connection: Connection) -> None:
        """A connection was accepted."""
        peer = connection.transport.get_extra_info("peername") or ("?", 0)
        connection.remote = f"{peer[0]}:{peer[1]}"
        connection.opened_ms = connection.seen_ms = self.now_ms()
        if len(self.connections) >= self.options.connections:
            log.warning("connection limit of %d reached, %s refused", self.options.connections, connection.remote)
            connection.state = State.CLOSED
            connection.transport.abort()
            return
        self.connections.add(connection)

    def lost(self, connection: Connection) -> None:
        """A connection is gone."""
        self.connections.discard(connection)
        self.end_session(connection, "closed")
        connection.state = State.CLOSED

    def end(self, connection: Connection, reason: str, at_once: bool = False) -> None:
        """End a connection with a reason; its last reply still leaves unless it ends at once."""
        self.end_session(connection, reason)
        connection.state = State.CLOSED
        transport = connection.transport
        if transport is None:
            return
        connection.flush()
        if at_once:
            transport.abort()
        elif not connection.closing_ms:
            connection.closing_ms = self.now_ms()
            transport.close()

    def end_when_durable(self, connection: Connection, reason: str) -> None:
        """Take nothing more from a connection, and end it once what it said last is on disk and answered."""
        connection.state = State.CLOSED
        if connection.transport is not None:
            connection.transport.pause_reading()
        self.commit.after(self.end, connection, reason)

    def end_session(self, connection: Connection, reason: str) -> None:
        """Close the session on a connection, if there is one."""
        terminal = connection.terminal
        if terminal is None:
            return
        self.orders.lost(connection)
        if terminal.connection is connection:
            terminal.connection = None
        self.clerk.closed(
            {
                "id": connection.session,
                "terminal": terminal.id,
                "closed_ms": self.now_ms(),
                "reason": reason,
                "frames": connection.frames,
                "refused": connection.refused,
            }
        )
        connection.terminal, connection.session, connection.key = None, None, 0

    # replies

    def speaks(self, connection: Connection) -> None:
        """A connection has something to send: all leave together at the end of this turn."""
        if not self._speaking:
            self.loop.call_soon(self._flush)
        self._speaking.append(connection)

    def _flush(self) -> None:
        speaking, self._speaking = self._speaking, []
        for connection in speaking:
            connection.flush()

    def say(self, connection: Connection, message_id: int, body: dict[str, Any]) -> None:
        """Send a message that nobody needs to answer."""
        for frame in connection.framed(message_id, jt808.encode_body(message_id, body, version=connection.version))[1]:
            connection.send(frame)

    def tell_time(self, connection: Connection) -> None:
        self.say(connection, TIME_REPLY, {"time_ms": self.now_ms()})

    def confirm_media(self, connection: Connection, media_id: int) -> None:
        self.say(connection, MEDIA_REPLY, {"media_id": media_id})

    # too much at once

    def hold_back(self, connection: Connection) -> None:
        """Read no more from a connection until the disk has caught up."""
        if not self._held_back:
            self.commit.after(self._let_go)
        if connection.transport is not None:
            connection.transport.pause_reading()
            self._held_back.append(connection)

    def _let_go(self) -> None:
        held_back, self._held_back = self._held_back, []
        for connection in held_back:
            if connection.transport is not None and connection.state is not State.DECIDING:
                connection.transport.resume_reading()

    # records

    def learn(self, terminals: list[dict[str, Any]], changed: list[dict[str, Any]]) -> None:
        """Terminals and commands that were changed elsewhere; a blocked terminal is shown out at once."""
        for terminal in self.registry.learn(terminals):
            if terminal.blocked and terminal.connection is not None:
                self.end(terminal.connection, "blocked")
        self.orders.learn(changed)

    # time

    async def keep_time(self) -> None:
        """Repetitions, missing parts, silent connections."""
        swept_ms = 0
        while True:
            await asyncio.sleep(TICK_S)
            now_ms = self.now_ms()
            try:
                self.orders.tick(now_ms)
                self.parts.tick(now_ms)
                if now_ms - swept_ms >= SWEEP_S * 1000 or now_ms < swept_ms:
                    swept_ms = now_ms
                    self._sweep(now_ms)
            except Exception:
                log.exception("the gateway's clock stumbled")

    def _sweep(self, now_ms: int) -> None:
        options = self.options
        for connection in list(self.connections):
            if connection.closing_ms:
                if now_ms - connection.closing_ms > ABORT_MS:
                    connection.transport.abort()
            elif connection.terminal is not None:
                if now_ms - connection.seen_ms > options.idle_ms:
                    self.end(connection, "idle", at_once=True)
            elif connection.state is not State.DECIDING and now_ms - connection.opened_ms > options.login_ms:
                self.end(connection, "no_login", at_once=True)


@contextlib.asynccontextmanager
async def opened(platform: Platform, options: Options | None = None, port: int | None = None) -> Any:
    """A gateway that is listening; gives it and its asyncio server."""
    loop = asyncio.get_running_loop()
    settings = platform.settings
    options = options or Options.of(settings)
    if options.home_region is None:
        with platform.store.read(ACTOR) as work:
            options = replace(options, home_region=admission.home_of(work))
    async with front_door(platform) as commit:
        gateway = Gateway(platform, options, commit, loop)
        async with _listening(gateway, port) as server:
            yield gateway, server


@contextlib.asynccontextmanager
async def _listening(gateway: Gateway, port: int | None) -> Any:
    platform, loop, settings = gateway.platform, gateway.loop, gateway.platform.settings
    with platform.store.write(ACTOR) as work:
        sessions.begin_anew(work)
        commands.begin_anew(work)
    terminals, waiting = gateway.clerk.begin()
    gateway.learn(terminals, waiting)
    gateway.parts.recover(settings.log, gateway.now_ms())
    wanted = settings.ports.get(LISTENER, PORT) if port is None else port
    server = await loop.create_server(partial(Connection, gateway), settings.host, wanted, backlog=BACKLOG)
    timekeeper = loop.create_task(gateway.keep_time())
    try:
        yield server
    finally:
        server.close()
        timekeeper.cancel()
        for connection in list(gateway.connections):
            gateway.end(connection, "gateway_stopped")
        await gateway.commit.durable()
        await gateway.clerk.close()


async def run(platform: Platform) -> None:
    """The listener: serves until it is cancelled."""
    async with opened(platform) as (gateway, server):
        log.info(
            "JT/T 808 on %s, %d terminals known, admission %s",
            ", ".join("{}:{}".format(*socket.getsockname()[:2]) for socket in server.sockets),
            len(gateway.registry),
            "open" if gateway.options.open_admission else "registered",
        )
        await asyncio.get_running_loop().create_future()
