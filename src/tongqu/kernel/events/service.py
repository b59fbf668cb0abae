"""The verbs: a fact is recorded once, in the unit of work that makes or learns it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import orjson

from tongqu.kernel.events import store
from tongqu.kernel.events.values import Event, EventType
from tongqu.kernel.store import Work

_wake: list[Callable[[], None]] = []


def record(
    work: Work,
    type: EventType,
    *,
    subject: str,
    occurred_at_ms: int,
    source: str,
    key: str,
    payload: Mapping[str, Any] | None = None,
) -> Event | None:
    """Record a fact; None if its natural key (type, source, key) is recorded already: the first telling stays.

    Args:
        subject: URN of what it is about.
        occurred_at_ms: when it happened, however late it comes.
        source: who says so.
        key: what the source calls this one fact: an id with a version, a frame's offset. The same fact told again
            has the same key, another fact never.
        payload: anything JSON can carry.
    """
    body = orjson.dumps(dict(payload or {}), option=orjson.OPT_SORT_KEYS).decode()
    row: dict[str, Any] = {
        "type": type.id,
        "subject": subject,
        "occurred_at_ms": occurred_at_ms,
        "recorded_at_ms": work.now_ms,
        "source": source,
        "key": key,
        "payload": body,
    }
    seq = store.add(work, row)
    if seq is None:
        return None
    work.after_commit(wake_runners)
    return Event(**row | {"seq": seq, "payload": orjson.loads(body)})


def after(work: Work, seq: int, types: Collection[str], limit: int = 100) -> list[Event]:
    """Events of some types that were recorded after `seq`, in the order of recording. For the platform's actors."""
    return store.after(work, seq, types, limit)


def about(work: Work, subject: str, limit: int = 100) -> list[Event]:
    """Events about a subject, the latest to happen first. For the platform's actors: scope the subject before."""
    return store.about(work, subject, limit)


def wake_runners() -> None:
    for wake in tuple(_wake):
        wake()


def on_record(wake: Callable[[], None]) -> Callable[[], None]:
    """Have `wake` called after each commit that recorded events in this process; gives the function that ends it."""
    _wake.append(wake)
    return lambda: _wake.remove(wake) if wake in _wake else None
