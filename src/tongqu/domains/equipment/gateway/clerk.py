"""The gateway's way to the record store: one thread, one unit of work for all that has gathered.

The loop puts verbs in and goes on; results come back into the loop after the commit, in the order of asking. What
other processes change (terminals, commands) is looked for every `POLL_S`. No frame waits for SQL; a registration does,
at most a few hundred milliseconds.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import OperationalError

from tongqu.domains.equipment import store
from tongqu.domains.equipment.service import sessions
from tongqu.domains.equipment.service.sessions import Changes
from tongqu.domains.equipment.tables import COMMAND
from tongqu.kernel.store import Store, Work, system_actor
from tongqu.kit.errors import TongquError

log = logging.getLogger("tongqu.equipment")
POLL_S = 0.2
GATHER_S = 0.02
"""How long the first of a batch waits for more: a storm of logins becomes a few units of work, not thousands."""
VERBS_AT_ONCE = 64
"""A unit of work takes no more verbs: others wait for the record store too."""
RETRY_S = 1.0
PATIENCE = 30
"""Tries of a batch before one verb that the store does not take is given up, so that the others get through."""
ACTOR = system_actor("gateway")

Verb = Callable[..., Any]
Done = Callable[[Any], None]
Learn = Callable[[list[dict[str, Any]], list[dict[str, Any]]], None]


class Clerk:
    """Carries out verbs in batches.

    Args:
        store_: the record store.
        loop: where results are delivered.
        learn: called in the loop with terminals and commands that have changed.

    """

    def __init__(self, store_: Store, loop: asyncio.AbstractEventLoop, learn: Learn) -> None:
        self._sessions = Changes()
        self._store = store_
        self._loop = loop
        self._learn = learn
        self._verbs: list[tuple[Verb, Done | None]] = []
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._ending = False
        self._terminals = self._commands = 0
        self._thread = threading.Thread(target=self._run, name="clerk", daemon=True)

    def begin(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Load terminals and waiting commands; called once, before the loop serves anybody."""
        with self._store.read(ACTOR) as work:
            terminals = store.terminals_after(work, 0)
            waiting = store.commands_waiting(work)
            self._terminals = max((row["revision"] for row in terminals), default=0)
            self._commands = store.last_revision(work, COMMAND)
        self._thread.start()
        return terminals, waiting

    def put(self, verb: Verb, done: Done | None = None) -> None:
        """Carry out `verb(work)` in the next unit of work; then, in the loop, `done(result)`, None if it failed."""
        with self._lock:
            self._verbs.append((verb, done))
        self._wake.set()

    def opened(self, row: dict[str, Any]) -> None:
        """A session began; see `Changes.open`."""
        with self._lock:
            self._sessions.open(row)

    def closed(self, row: dict[str, Any]) -> None:
        """A session ended; see `Changes.close`."""
        with self._lock:
            self._sessions.close(row)

    async def close(self) -> None:
        """Write what is left and end the thread."""
        self._ending = True
        self._wake.set()
        await self._loop.run_in_executor(None, self._thread.join)

    # in the thread

    def _run(self) -> None:
        polled = 0.0
        while True:
            ending = self._ending
            self._wake.wait(POLL_S)
            if self._wake.is_set() and not ending:
                time.sleep(GATHER_S)
            self._wake.clear()
            self._write()
            if time.monotonic() - polled >= POLL_S and not ending:
                polled = time.monotonic()
                self._poll()
            if ending and not self._verbs and not self._sessions:
                return

    def _take(self) -> tuple[list[tuple[Verb, Done | None]], Changes]:
        with self._lock:
            verbs, self._verbs = self._verbs[:VERBS_AT_ONCE], self._verbs[VERBS_AT_ONCE:]
            if self._verbs:
                self._wake.set()
            changes, self._sessions = self._sessions, Changes()
        return verbs, changes

    def _write(self) -> None:
        verbs, changes = self._take()
        tries = 0
        while verbs or changes:
            tries += 1
            try:
                results = self._unit(verbs, changes, patient=tries < PATIENCE)
            except OperationalError as error:  # locked, full, gone: nothing was written, nothing is given up
                log.error("the record store does not take what the gateway writes, trying again: %s", error)
                time.sleep(RETRY_S)
                continue
            except Exception:
                log.exception("sessions could not be written; their rows are lost, the connections go on")
                changes = Changes()
                continue
            self._deliver(results)
            return

    def _unit(self, verbs: list[tuple[Verb, Done | None]], changes: Changes, patient: bool) -> list[tuple[Done, Any]]:
        results: list[tuple[Done, Any]] = []
        with self._store.write(ACTOR) as work:
            for verb, done in verbs:
                result = self._one(work, verb, patient)
                if done is not None:
                    results.append((done, result))
            if changes:
                sessions.write(work, changes)
        return results

    @staticmethod
    def _one(work: Work, verb: Verb, patient: bool) -> Any:
        """One verb in a savepoint: what it refuses or breaks on does not take the others with it."""
        savepoint = work.connection.begin_nested()
        try:
            result = verb(work)
        except Exception as error:
            if patient and isinstance(error, OperationalError):
                raise
            savepoint.rollback()
            if isinstance(error, TongquError):
                log.warning("%s: %s", getattr(verb, "func", verb).__name__, error)
            else:
                log.exception("%s failed", getattr(verb, "func", verb))
            return None
        savepoint.commit()
        return result

    def _deliver(self, results: list[tuple[Done, Any]]) -> None:
        if results:
            self._in_loop(self._call_all, results)

    @staticmethod
    def _call_all(results: list[tuple[Done, Any]]) -> None:
        for done, result in results:
            try:
                done(result)
            except Exception:
                log.exception("after a unit of work: %r", done)

    def _poll(self) -> None:
        try:
            with self._store.read(ACTOR) as work:
                terminals = store.terminals_after(work, self._terminals)
                commands = store.commands_after(work, self._commands)
        except OperationalError as error:
            log.error("the record store cannot be read: %s", error)
            return
        self._terminals = max((row["revision"] for row in terminals), default=self._terminals)
        self._commands = max((row["revision"] for row in commands), default=self._commands)
        if terminals or commands:
            self._in_loop(self._learn, terminals, commands)

    def _in_loop(self, call: Callable[..., None], *args: Any) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *args)
