"""The way to the record store: one thread, a unit of work every second at most."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import OperationalError

from tongqu.domains.navigation import service
from tongqu.domains.navigation.values import Counts, Heard
from tongqu.kernel.store import Store, system_actor

log = logging.getLogger("tongqu.navigation")
ACTOR = system_actor("gateway")
GATHER_S = 0.05
RETRY_S = 1.0
SHIPS_AT_ONCE = 200
"""A unit of work takes no more: others wait for the record store too."""


class Clerk:
    """Registers senders and writes down what they said; `put` may be called from the loop at any time."""

    def __init__(self, store: Store, loop: asyncio.AbstractEventLoop) -> None:
        self._store = store
        self._loop = loop
        self._lock = threading.Lock()
        self._verbs: list[tuple[Callable[..., Any], Callable[..., Any] | None]] = []
        self._wake = threading.Event()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="navigation-clerk", daemon=True)

    def begin(self) -> None:
        self._thread.start()

    def put(self, verb: Callable[..., Any], done: Callable[..., Any] | None = None) -> None:
        """Carry out `verb(work)`; then, in the loop, `done(result)`, None if it was refused."""
        with self._lock:
            self._verbs.append((verb, done))
        self._wake.set()

    def write(self, heard: list[Heard], counts: list[tuple[str, Counts, bool]]) -> None:
        """Write down what is new of senders and receivers."""
        for at in range(0, len(heard), SHIPS_AT_ONCE):
            some = heard[at : at + SHIPS_AT_ONCE]
            ships = [one for one in some if not one.station]
            stations = [one for one in some if one.station]
            if ships:
                self.put(lambda work, ships=ships: service.write_ships(work, ships))
            if stations:
                self.put(lambda work, stations=stations: service.write_stations(work, stations))
        for receiver, count, online in counts:
            self.put(lambda work, r=receiver, c=count, o=online: service.count(work, r, c, o))

    async def close(self) -> None:
        """Write what is left and end the thread."""
        self._ending = True
        self._wake.set()
        await self._loop.run_in_executor(None, self._thread.join)

    def _run(self) -> None:
        while True:
            self._wake.wait(0.5)
            if self._wake.is_set() and not self._ending:
                time.sleep(GATHER_S)
            self._wake.clear()
            with self._lock:
                verbs, self._verbs = self._verbs, []
            for verb, done in verbs:
                self._one(verb, done)
            if self._ending and not self._verbs:
                return

    def _one(self, verb: Callable[..., Any], done: Callable[..., Any] | None) -> None:
        result = None
        while True:
            try:
                with self._store.write(ACTOR) as work:
                    result = verb(work)
                break
            except OperationalError as error:  # locked, full, gone: nothing was written, nothing is given up
                if self._ending:
                    break
                log.error("the record store does not take what the gateway writes, trying again: %s", error)
                time.sleep(RETRY_S)
            except Exception:
                log.exception("what was heard could not be written down")
                break
        if done is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(done, result)
