"""The live view: each client gets what changed in its view, once a second, and never more than it takes.

A tick works out once what everybody shares (records of all movers, masks of each scope and region) and for each client
only its view and the difference to what it has. A client that has not taken its last frame is left out of the tick;
its next difference holds the newest state of everything that changed meanwhile. One that was left out for long, or
whose view moved, starts again from a snapshot.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec
import numpy as np
from numpy.typing import NDArray
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor
from tongqu.kernel.telemetry import kernels
from tongqu.kernel.telemetry.movers import STALE, MoversView, Shown, clip
from tongqu.kernel.telemetry.service import Telemetry
from tongqu.kernel.telemetry.sight import READ
from tongqu.kernel.telemetry.wire import DELTA, SNAPSHOT, density_frame, movers_frame, records
from tongqu.kernel.web import authenticator
from tongqu.kit.errors import TongquError

log = logging.getLogger("tongqu.telemetry")

TICK_S = 1.0
LEAST_S = 0.5
DENSITY_FROM = 20_000
LEFT_OUT_S = 10.0
LOOK_AGAIN_S = 30.0
MOST_TEXT = 4_000
SENT = '{"type":"sent"}'
UNAUTHENTICATED, FORBIDDEN, BAD_VIEW = 4401, 4403, 4400


class Look(msgspec.Struct, frozen=True):
    """What a client looks at, as it says in JSON."""

    bbox: tuple[float, float, float, float] | None = None
    zoom: float = 0.0
    region: str | None = None
    kinds: tuple[str, ...] | None = None

    def fits(self) -> bool:
        box_fits = self.bbox is None or (
            -180 <= self.bbox[0] <= 180 and -180 <= self.bbox[2] <= 180 and -90 <= self.bbox[1] <= self.bbox[3] <= 90
        )
        region_fits = self.region is None or (self.region.isdecimal() and len(self.region) <= 12)
        return box_fits and region_fits and len(self.kinds or ()) <= 20


class Socket(Protocol):
    """What a client needs of its connection."""

    async def send_bytes(self, data: bytes) -> None: ...

    async def send_text(self, data: str) -> None: ...


class Client:
    """One connection: what it looks at, what it has, what it is being sent."""

    def __init__(self, actor: Actor, socket: Socket) -> None:
        self.actor = actor
        self.look: Look | None = None
        self.known = np.zeros(0, dtype=np.bool_)
        self.since = -1
        self.fresh = True
        self.dense = False
        self.taken_at = time.monotonic()
        self.busy = False
        self.bytes = 0
        self._socket = socket

    def look_at(self, look: Look) -> None:
        """Another view: what the client has is kept if only the box moved."""
        if self.look is None or (look.region, look.kinds) != (self.look.region, self.look.kinds):
            self.fresh = True
        self.look = look

    async def give(self, frame: bytes) -> None:
        """Send a frame; while it is under way the client is busy.

        The server lets a message wait until what was sent before is on its way. So the short message behind the frame
        goes out when the frame has: no frame is made for a client that has not taken its last one.
        """
        self.busy = True
        try:
            await self._socket.send_bytes(frame)
            self.bytes += len(frame)
            await self._socket.send_text(SENT)
        finally:
            self.busy = False
            self.taken_at = time.monotonic()

    def frame(self, tick: Tick) -> bytes | None:
        """What the client must be sent to be as the tick says; None if nothing."""
        if self.look is None:
            return None
        box = self.look.bbox
        members = clip(tick.shown, tick.candidates(self.actor, self.look), box)
        if len(members) > DENSITY_FROM:
            self.fresh = self.dense = True
            return density_frame(tick.shown, members, box)
        size = len(tick.records)
        if self.fresh or self.dense or time.monotonic() - self.taken_at > LEFT_OUT_S:
            self.known = np.zeros(size, dtype=np.bool_)
            self.known[members] = True
            self.since, self.fresh, self.dense = tick.version, False, False
            return movers_frame(SNAPSHOT, tick.shown.at_ms, tick.records[members], np.zeros(0, np.int64))
        if size > len(self.known):
            self.known = np.concatenate([self.known, np.zeros(size - len(self.known), dtype=np.bool_)])
        changed, gone = kernels.difference(members, tick.shown.snapshot.changed_at, self.since, self.known)
        self.since = tick.version
        return movers_frame(DELTA, tick.shown.at_ms, tick.records[changed], tick.shown.view.key[gone])


class Tick:
    """What all clients of one tick share."""

    def __init__(self, movers: MoversView) -> None:
        self._movers = movers
        self.shown: Shown = movers.shown()
        self.records = records(self.shown)
        self.version = self.shown.snapshot.version
        self._found: dict[Any, NDArray[np.int64]] = {}

    def candidates(self, actor: Actor, look: Look) -> NDArray[np.int64]:
        """Slots that an actor sees in a region; worked out once for all with the same rights."""
        key = (actor.grants, look.region, look.kinds)
        if key not in self._found:
            sight = self._movers.sight(actor, self.shown.view)
            self._found[key] = self._movers.candidates(self.shown, sight, look.region, look.kinds or ())
        return self._found[key]


class Live:
    """All clients of this process, and the clock that serves them.

    Attributes:
        work_s: processor time that ticks took, for benches.
    """

    def __init__(self, movers: MoversView, tick_s: float = TICK_S) -> None:
        self._movers = movers
        self._tick_s = max(tick_s, LEAST_S)
        self._clients: set[Client] = set()
        self._task: asyncio.Task[None] | None = None
        self._hand = ThreadPoolExecutor(1, thread_name_prefix="live")
        self._states = np.zeros(0, dtype=np.uint8)
        self._woken = asyncio.Event()
        self.work_s = 0.0

    def add(self, client: Client) -> None:
        self._clients.add(client)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    def remove(self, client: Client) -> None:
        self._clients.discard(client)

    def wake(self) -> None:
        """A view moved: serve soon, not only at the next tick."""
        self._woken.set()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        sending: set[asyncio.Task[None]] = set()
        try:
            while self._clients:
                started = loop.time()
                ready = [client for client in self._clients if not client.busy]
                self._woken.clear()
                try:
                    made = await loop.run_in_executor(self._hand, self._make, ready)
                except Exception:
                    log.exception("a tick of the live view failed")
                    made = []
                for client, frame in made:
                    task = loop.create_task(_quietly(client, frame))
                    sending.add(task)
                    task.add_done_callback(sending.discard)
                await self._pause(started)
        finally:
            self._task = None

    async def _pause(self, started: float) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, started + LEAST_S - loop.time()))
        rest = started + self._tick_s - loop.time()
        if rest > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), rest)

    def _make(self, clients: list[Client]) -> list[tuple[Client, bytes]]:
        began = time.thread_time()
        self._note_stale()
        tick = Tick(self._movers)
        made = [(client, frame) for client in clients if (frame := client.frame(tick)) is not None]
        self.work_s += time.thread_time() - began
        return made

    def _note_stale(self) -> None:
        """Count movers as changed that became stale since the last tick: nothing came in for them."""
        state = self._movers.shown().state
        common = min(len(state), len(self._states))
        became = np.flatnonzero((state[:common] == STALE) & (self._states[:common] != STALE))
        self._states = state
        if len(became):
            self._movers.latest.touch(became)


async def _quietly(client: Client, frame: bytes) -> None:
    with contextlib.suppress(RuntimeError, WebSocketDisconnect, OSError):  # it is gone; its own task takes it out
        await client.give(frame)


async def serve(socket: WebSocket) -> None:
    """One connection, from its opening to its end."""
    platform: Platform = socket.app.state.platform
    actor = await _admitted(socket)
    if actor is None:
        return
    await socket.accept()
    live = _live(platform)
    client = Client(actor, socket)
    await socket.send_json({"type": "hello", "tick_ms": round(live._tick_s * 1000), "density_from": DENSITY_FROM})
    live.add(client)
    watch = asyncio.create_task(_look_again(socket, client))
    try:
        await _listen(socket, client, live)
    finally:
        watch.cancel()
        live.remove(client)


async def _listen(socket: WebSocket, client: Client, live: Live) -> None:
    while True:
        try:
            text = await socket.receive_text()
        except (WebSocketDisconnect, KeyError, RuntimeError):
            return
        try:
            look = msgspec.json.decode(text[:MOST_TEXT], type=Look)
        except msgspec.MsgspecError:
            look = None
        if look is None or not look.fits():
            await _close(socket, BAD_VIEW, "telemetry.bad_view")
            return
        client.look_at(look)
        live.wake()


async def _look_again(socket: WebSocket, client: Client) -> None:
    """Rights end while a connection is open: ask again from time to time."""
    while True:
        await asyncio.sleep(LOOK_AGAIN_S)
        actor = await run_in_threadpool(_actor, socket)
        if actor is None or not actor.may(READ):
            await _close(socket, UNAUTHENTICATED, "web.sign_in")
            return
        if actor.grants != client.actor.grants:
            client.actor, client.fresh = actor, True


async def _admitted(socket: WebSocket) -> Actor | None:
    """Who connects, if they may; a refusal is closed with its reason."""
    if not _same_origin(socket):
        await _refuse(socket, FORBIDDEN, "web.cross_site")
        return None
    actor = await run_in_threadpool(_actor, socket)
    if actor is None:
        await _refuse(socket, UNAUTHENTICATED, "web.sign_in")
        return None
    if not actor.may(READ):
        await _refuse(socket, FORBIDDEN, "web.no_permission")
        return None
    return actor


def _actor(socket: WebSocket) -> Actor | None:
    try:
        return authenticator(socket)
    except TongquError:
        return None


def _same_origin(socket: WebSocket) -> bool:
    """A browser says where the page is from; only ours may use the session's cookie. Others say nothing."""
    origin = socket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == socket.headers.get("host")


async def _refuse(socket: WebSocket, code: int, reason: str) -> None:
    """Accept first: a browser learns the reason of a close, but not of a refused handshake."""
    await socket.accept()
    await _close(socket, code, reason)


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    if socket.application_state is not WebSocketState.DISCONNECTED:
        with contextlib.suppress(RuntimeError):
            await socket.close(code, reason)


def _live(platform: Platform) -> Live:
    """The live view of this process, made when the first client comes."""
    if not platform.has(Live):
        platform.provide(Live(platform.service(Telemetry).movers))
    return platform.service(Live)
