"""The quarantine as people see it: refused frames with bytes and reason, newest first."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from tongqu.kernel.store import Actor, Page, Query
from tongqu.kernel.telemetry.service import Telemetry
from tongqu.kernel.telemetry.sight import sight_of
from tongqu.kit.errors import Invalid
from tongqu.kit.text import has, text

PERMISSION = "telemetry.quarantine"
FILTERS = ("reason", "remote", "source", "stream")
SEARCHED = ("reason", "remote")


def listed(telemetry: Telemetry, actor: Actor, query: Query) -> Page:
    """Refused frames that an actor sees.

    Those of a known source are seen by whom a grant covers the source's organisation or home region, or those of what
    it is fitted to; those of unknown sources only by whom a grant covers everything.

    Raises:
        Invalid: `store.unknown_column`, `store.bad_value` or `store.bad_cursor`.
    """
    conditions, values = _conditions(telemetry, query)
    cursor = telemetry.history.cursor
    seen = _sources(telemetry, actor)
    if seen is not None:
        cursor.register("seen", pa.table({"source": seen}))
        conditions.append("source IN (SELECT source FROM seen)")
    try:
        where = " AND ".join(conditions) or "true"
        counted = cursor.execute(f"SELECT count(*) FROM quarantine WHERE {where}", values).fetchone()
        if query.cursor:
            if not query.cursor.isdecimal() or len(query.cursor) > 19:
                raise Invalid("store.bad_cursor", field="cursor")
            where, values = f"{where} AND id < ?", [*values, int(query.cursor)]
        rows = cursor.execute(
            "SELECT id, received_ms, stream, reason, source, remote, size, raw FROM quarantine "
            f"WHERE {where} ORDER BY id DESC LIMIT {query.limit + 1}",
            values,
        ).fetchall()
    finally:
        if seen is not None:
            cursor.unregister("seen")
    following = str(rows[query.limit - 1][0]) if len(rows) > query.limit else None
    return Page([_shown(telemetry, row) for row in rows[: query.limit]], following, int(counted[0]) if counted else 0)


def _conditions(telemetry: Telemetry, query: Query) -> tuple[list[str], list[Any]]:
    conditions: list[str] = []
    values: list[Any] = []
    if query.sort not in ("", "-received_ms", "-id"):
        raise Invalid("store.unknown_column", field="sort", name=query.sort, known="-received_ms")
    for name, wanted in query.filters.items():
        if name not in FILTERS:
            raise Invalid("store.unknown_column", field=name, name=name, known=", ".join(FILTERS))
        stored = [_stored(telemetry, name, value) for value in wanted]
        conditions.append(f"{name} IN ({', '.join('?' * len(stored))})")
        values += stored
    if query.q:
        found = [f"contains(lower({name}), lower(?))" for name in SEARCHED]
        values += [query.q] * len(found)
        keys = [int(key) for key in _keys_named(telemetry, query.q)]
        if keys:
            found.append(f"source IN ({', '.join(map(str, keys))})")
        conditions.append(f"({' OR '.join(found)})")
    return conditions, values


def _stored(telemetry: Telemetry, name: str, value: str) -> Any:
    """A filter's value as the table has it: a stream and a source have names on the wire and numbers inside."""
    if name == "stream":
        return next((stream.number for stream in telemetry.streams if stream.id == value), -1)
    if name == "source":
        view = telemetry.directory.view
        return int(view.key[view.by_urn[value]]) if value in view.by_urn else -1
    return value


def _keys_named(telemetry: Telemetry, q: str, most: int = 500) -> list[int]:
    """Keys of things whose label or URN has a text in it."""
    view, wanted = telemetry.directory.view, q.casefold()
    hits = (
        int(key)
        for key, label, urn in zip(view.key, view.label, view.urn, strict=True)
        if wanted in label.casefold() or wanted == urn.casefold()
    )
    return [key for _, key in zip(range(most), hits, strict=False)]


def _sources(telemetry: Telemetry, actor: Actor) -> pa.Array | None:
    """Keys of the sources whose refused frames an actor sees; None for all."""
    view = telemetry.directory.view
    sight = sight_of(actor, view, PERMISSION)
    if sight.all:
        return None
    slots = np.arange(len(view), dtype=np.int32)
    fitted = view.subjects(slots, np.full(len(view), telemetry.clock.now_ms(), dtype=np.int64))
    return pa.array(view.key[sight.home | sight.home[fitted]], pa.int64())


def _shown(telemetry: Telemetry, row: tuple[Any, ...]) -> dict[str, Any]:
    id_, received_ms, number, reason, source, remote, size, raw = row
    view = telemetry.directory.view
    slot = view.slot(source)
    return {
        "id": str(id_),
        "frame": str(id_),
        "received_ms": received_ms,
        "stream": next((stream.id for stream in telemetry.streams if stream.number == number), str(number)),
        "reason": reason,
        "reason_label": reason_label(telemetry, number, reason),
        "source": str(view.urn[slot]) if slot >= 0 else None,
        "source_label": str(view.label[slot]) if slot >= 0 else None,
        "remote": remote or None,
        "size": size,
        "hex": raw.hex(),
    }


def reason_label(telemetry: Telemetry, number: int, reason: str) -> dict[str, str]:
    """What a reason means: in the words of the stream's own module, else in ours, else the code."""
    modules = [stream.id.split(".")[0] for stream in telemetry.streams if stream.number == number]
    for module in (*modules, "telemetry"):
        if has(f"{module}.reasons.{reason}"):
            return text(f"{module}.reasons.{reason}")
    return {"zh": reason, "en": reason}
