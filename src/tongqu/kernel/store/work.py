"""Engine and units of work.

A writing unit of work takes its turn in the process's fair queue and then BEGIN IMMEDIATE, so that writers neither
starve nor fail half way on a lock. Verbs get a `Work` and never commit; whoever opened it does, by leaving the block.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, Executable, create_engine, event

from tongqu.kernel.store.scope import Actor, system_actor
from tongqu.kit.time import Clock, Instant

log = logging.getLogger("tongqu.store")


class FairLock:
    """A lock that is given in the order in which it was asked for.

    Raises:
        RuntimeError: the thread that holds it asks for it again: it would wait for itself.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._held = False
        self._holder: int | None = None

    def __enter__(self) -> None:
        me = threading.get_ident()
        with self._guard:
            if self._holder == me:
                raise RuntimeError("a writing unit of work was opened inside another one of the same thread")
            if not self._held:
                self._held, self._holder = True, me
                return
            turn = threading.Event()
            self._waiting.append(turn)
        try:
            turn.wait()
        except BaseException:  # an interrupt while waiting must not leave a turn that nobody takes
            self._give_up(turn)
            raise
        self._holder = me

    def __exit__(self, *_: object) -> None:
        with self._guard:
            self._pass_on()

    def _pass_on(self) -> None:
        self._holder = None
        if self._waiting:
            self._waiting.popleft().set()
        else:
            self._held = False

    def _give_up(self, turn: threading.Event) -> None:
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)
            else:
                self._pass_on()


class Work:
    """One unit of work: a connection in a transaction, who acts, and when.

    Attributes:
        actor: who does it; every query is scoped to it.
        connection: the SQLAlchemy connection; only `store.py` files use it.
        now_ms: the one instant at which everything in this unit of work happens.
    """

    def __init__(self, connection: Connection, actor: Actor, now_ms: Instant, writing: bool) -> None:
        self.connection = connection
        self.actor = actor
        self.now_ms = now_ms
        self.writing = writing
        self._after_commit: list[Callable[[], None]] = []

    def as_system(self, name: str) -> Work:
        """The same unit of work with the platform itself as actor.

        For checks that must see every row (is a plate taken?) and for rows that only the platform touches. Whoever
        uses it answers for what leaves the verb.
        """
        elevated = Work(self.connection, system_actor(name), self.now_ms, self.writing)
        elevated._after_commit = self._after_commit
        return elevated

    @contextmanager
    def broken_text(self) -> Iterator[None]:
        """Within it, text that is no longer UTF-8 is read with surrogate escapes (PEP 383) instead of failing.

        For checks that must name a damaged row. PostgreSQL refuses such text when it is written.
        """
        driver: Any = self.connection.connection.driver_connection
        if self.connection.dialect.name != "sqlite":
            yield
            return
        driver.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        try:
            yield
        finally:
            driver.text_factory = str

    def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        if not self.writing and getattr(statement, "is_dml", False):
            raise RuntimeError("a reading unit of work was asked to write")
        return self.connection.execute(statement, parameters)

    def rows(self, statement: Executable) -> list[dict[str, Any]]:
        """All rows of a query as dictionaries."""
        result = self.connection.execute(statement)
        names = [str(name) for name in result.keys()]  # noqa: SIM118 (a result); plain text, where SQLAlchemy has a subclass of it
        return [dict(zip(names, row, strict=True)) for row in result]

    def one(self, statement: Executable) -> dict[str, Any] | None:
        """The first row of a query, or None."""
        row = self.connection.execute(statement).mappings().first()
        return None if row is None else {str(name): value for name, value in row.items()}

    def scalar(self, statement: Executable) -> Any:
        return self.connection.execute(statement).scalar()

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run something, once, when the work is durable: wake a subscriber, never change records."""
        if action not in self._after_commit:
            self._after_commit.append(action)

    def committed(self) -> None:
        """Called by the store after the commit; what goes wrong here cannot undo the work, so it is only logged."""
        for action in self._after_commit:
            try:
                action()
            except Exception:
                log.exception("after commit: %r", action)


class Store:
    """The record store of one process.

    Args:
        url: SQLAlchemy URL; `sqlite:///path` or `postgresql+psycopg://...`.
        clock: gives each unit of work its instant.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        self.url = url
        self.clock = clock
        self.engine = _engine(url)
        self._queue = FairLock()

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self, actor: Actor) -> Iterator[Work]:
        """A unit of work that only reads; it sees one state of the store throughout."""
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with self.engine.connect().execution_options(**options) as connection, connection.begin():
            yield Work(connection, actor, self.clock.now_ms(), writing=False)

    @contextmanager
    def write(self, actor: Actor) -> Iterator[Work]:
        """A unit of work that writes: all of it or nothing. Keep it short: others are waiting."""
        with (
            self._queue,
            self.engine.connect().execution_options(writing=True) as connection,
            connection.begin(),
        ):
            if not self.is_sqlite:  # SQLite has one writer; counters and sequences rely on it there too
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(808)")
            work = Work(connection, actor, self.clock.now_ms(), writing=True)
            yield work
        work.committed()

    def close(self) -> None:
        self.engine.dispose()


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False}, pool_size=20, max_overflow=60)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's own BEGIN below, not the driver's
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=30000",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine
