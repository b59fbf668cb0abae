"""All SQL of equipment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Table, bindparam, func, insert, or_, select, update

from tongqu.domains.equipment.tables import COMMAND, SESSION, TERMINAL, CommandState
from tongqu.kernel.store import Page, Query, Work, page, scoped

Row = dict[str, Any]
MANY = 500
"""Values in one IN list: fewer than any database's limit of parameters."""


def next_revision(work: Work, table: Table) -> int:
    """The number of the next change of a table; a unit of work that writes is alone, so the highest is the last."""
    system = work.as_system("equipment.revision")  # the counter runs over all rows, seen or not
    return int(system.scalar(select(func.max(table.c.revision)).where(scoped(system.actor, table))) or 0) + 1


# terminals


def terminal(work: Work, terminal_id: str) -> Row | None:
    return work.one(select(TERMINAL).where(TERMINAL.c.id == terminal_id, scoped(work.actor, TERMINAL)))


def terminal_by_urn(work: Work, urn: str) -> Row | None:
    return work.one(select(TERMINAL).where(TERMINAL.c.urn == urn, scoped(work.actor, TERMINAL)))


def terminal_by_key(work: Work, thing_key: int) -> Row | None:
    return work.one(select(TERMINAL).where(TERMINAL.c.thing_key == thing_key, scoped(work.actor, TERMINAL)))


def terminal_by_phone(work: Work, phone_key: str) -> Row | None:
    return work.one(select(TERMINAL).where(TERMINAL.c.phone_key == phone_key, scoped(work.actor, TERMINAL)))


def device_elsewhere(work: Work, maker: str, terminal_id: str, phone_key: str) -> Row | None:
    """A terminal with the same maker and terminal id under another identity."""
    same = (TERMINAL.c.maker == maker, TERMINAL.c.terminal_id == terminal_id, TERMINAL.c.phone_key != phone_key)
    return work.one(select(TERMINAL).where(*same, scoped(work.actor, TERMINAL)).limit(1))


def terminals_of_vehicle(work: Work, vehicle: str) -> list[Row]:
    return work.rows(select(TERMINAL).where(TERMINAL.c.vehicle == vehicle, scoped(work.actor, TERMINAL)))


def terminals_of_vehicles(work: Work, vehicles: Sequence[str]) -> list[Row]:
    found: list[Row] = []
    for at in range(0, len(vehicles), MANY):
        some = TERMINAL.c.vehicle.in_(vehicles[at : at + MANY])
        found += work.rows(select(TERMINAL).where(some, scoped(work.actor, TERMINAL)))
    return found


def phones_known(work: Work, phone_keys: Collection[str]) -> set[str]:
    """Which of these identities there are."""
    wanted = list(phone_keys)
    known: set[str] = set()
    for at in range(0, len(wanted), MANY):
        some = TERMINAL.c.phone_key.in_(wanted[at : at + MANY])
        rows = work.rows(select(TERMINAL.c.phone_key).where(some, scoped(work.actor, TERMINAL)))
        known.update(row["phone_key"] for row in rows)
    return known


def terminals_after(work: Work, revision: int) -> list[Row]:
    """Terminals changed after a revision, for the gateway."""
    statement = select(TERMINAL).where(TERMINAL.c.revision > revision, scoped(work.actor, TERMINAL))
    return work.rows(statement.order_by(TERMINAL.c.revision))


def count_terminals(work: Work) -> dict[str, int]:
    """How many terminals there are, are online, and are online without a vehicle."""
    counted = select(
        func.count().label("terminals"),
        func.count().filter(TERMINAL.c.online.is_(True)).label("online"),
        func.count().filter(TERMINAL.c.online.is_(True), TERMINAL.c.vehicle.is_(None)).label("unbound"),
    )
    found = work.one(counted.select_from(TERMINAL).where(scoped(work.actor, TERMINAL)))
    return {name: int(value) for name, value in (found or {}).items()}


def insert_terminals(work: Work, rows: Sequence[Row]) -> None:
    if rows:
        work.execute(insert(TERMINAL), rows)


def update_terminal(work: Work, terminal_id: str, values: Mapping[str, Any]) -> None:
    work.execute(update(TERMINAL).where(TERMINAL.c.id == terminal_id, scoped(work.actor, TERMINAL)).values(**values))


def list_terminals(work: Work, query: Query) -> Page:
    if query.q.strip("0") and set(query.q.lower()) <= set("0123456789abcdef"):
        query = replace(query, q=query.q.lstrip("0"))  # a phone with the zeros of a longer header
    hidden = {"auth_code", "thing_key", "phone_key", "revision"}
    shown = {column.name: column for column in TERMINAL.c if column.name not in hidden}
    searched = ("phone", "terminal_id", "vehicle_label", "imei", "maker", "model")
    statement = select(*shown.values()).where(scoped(work.actor, TERMINAL))
    return page(work, statement, query, columns=shown, key="id", search=searched, default_sort="phone")


# sessions


def close_sessions(work: Work, closed: Sequence[Row]) -> None:
    """Close sessions: rows with `session`, `closed_ms`, `reason`, `frames`, `refused`."""
    if closed:
        statement = update(SESSION).where(SESSION.c.id == bindparam("session"), scoped(work.actor, SESSION))
        names = ("closed_ms", "reason", "frames", "refused")
        work.execute(statement.values({name: bindparam(f"new_{name}") for name in names}), [
            {"session": row["id"]} | {f"new_{name}": row[name] for name in names} for row in closed
        ])  # fmt: skip


def insert_sessions(work: Work, opened: Sequence[Row]) -> None:
    if opened:
        work.execute(insert(SESSION), opened)


def set_presence(work: Work, terminals: Sequence[Row]) -> None:
    """Say which session a terminal has: rows with `terminal`, `session` (or None), `seen_ms`."""
    if terminals:
        statement = update(TERMINAL).where(TERMINAL.c.id == bindparam("terminal"), scoped(work.actor, TERMINAL))
        values: Row = {name: bindparam(f"new_{name}") for name in ("session", "online", "seen_ms")}
        work.execute(statement.values(values), [
            {
                "terminal": row["terminal"],
                "new_session": row["session"],
                "new_online": row["session"] is not None,
                "new_seen_ms": row["seen_ms"],
            }
            for row in terminals
        ])  # fmt: skip


def end_all_sessions(work: Work, reason: str) -> int:
    """Close what is open, whoever opened it: the gateway has just started."""
    closing = update(SESSION).where(SESSION.c.closed_ms.is_(None), scoped(work.actor, SESSION))
    count = work.execute(closing.values(closed_ms=work.now_ms, reason=reason)).rowcount
    offline = update(TERMINAL).where(TERMINAL.c.online.is_(True), scoped(work.actor, TERMINAL))
    work.execute(offline.values(online=False, session=None))
    return count


def session(work: Work, session_id: str) -> Row | None:
    return work.one(select(SESSION).where(SESSION.c.id == session_id, scoped(work.actor, SESSION)))


def list_sessions(work: Work, query: Query, terminal_id: str | None = None, state: str | None = None) -> Page:
    statement = select(SESSION).where(scoped(work.actor, SESSION))
    if terminal_id is not None:
        statement = statement.where(SESSION.c.terminal == terminal_id)
    if state is not None:
        opened = SESSION.c.closed_ms.is_(None)
        statement = statement.where(opened if state == "open" else ~opened)
    columns = {column.name: column for column in SESSION.c}
    searched = ("phone", "remote")
    return page(work, statement, query, columns=columns, key="id", search=searched, default_sort="-opened_ms")


# commands


def insert_command(work: Work, row: Row) -> None:
    work.execute(insert(COMMAND), [row])


def command(work: Work, command_id: str) -> Row | None:
    return work.one(select(COMMAND).where(COMMAND.c.id == command_id, scoped(work.actor, COMMAND)))


def command_of_request(work: Work, request: str) -> Row | None:
    return work.one(select(COMMAND).where(COMMAND.c.request == request, scoped(work.actor, COMMAND)))


def update_command(work: Work, command_id: str, values: Mapping[str, Any], states: Iterable[str]) -> bool:
    """Change a command that is in one of some states; False if it is in none of them."""
    statement = update(COMMAND).where(
        COMMAND.c.id == command_id, COMMAND.c.state.in_(list(states)), scoped(work.actor, COMMAND)
    )
    changed = work.execute(statement.values(**values, revision=next_revision(work, COMMAND)))
    return changed.rowcount == 1


def commands_after(work: Work, revision: int, limit: int = 1000) -> list[Row]:
    """Commands changed after a revision, in order of their changes."""
    statement = select(COMMAND).where(COMMAND.c.revision > revision, scoped(work.actor, COMMAND))
    return work.rows(statement.order_by(COMMAND.c.revision).limit(limit))


def commands_waiting(work: Work) -> list[Row]:
    """Commands that are queued, oldest first."""
    statement = select(COMMAND).where(COMMAND.c.state == CommandState.QUEUED, scoped(work.actor, COMMAND))
    return work.rows(statement.order_by(COMMAND.c.queued_ms, COMMAND.c.id))


def commands_sent(work: Work) -> list[Row]:
    statement = select(COMMAND).where(COMMAND.c.state == CommandState.SENT, scoped(work.actor, COMMAND))
    return work.rows(statement.order_by(COMMAND.c.queued_ms, COMMAND.c.id))


def last_revision(work: Work, table: Table) -> int:
    return next_revision(work, table) - 1


def list_commands(work: Work, query: Query, terminal_id: str | None = None) -> Page:
    statement = select(COMMAND).where(scoped(work.actor, COMMAND))
    if terminal_id is not None:
        statement = statement.where(or_(COMMAND.c.terminal == terminal_id, COMMAND.c.urn == terminal_id))
    columns = {column.name: column for column in COMMAND.c if column.name not in ("body", "reply")}
    return page(work, statement, query, columns=columns, key="id", search=("kind",), default_sort="-queued_ms")
