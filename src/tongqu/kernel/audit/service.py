"""Who did what to what, and why: written in the unit of work that does it, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson

from tongqu.kernel.audit import store
from tongqu.kernel.store import Work

_wake: list[Callable[[], None]] = []


def canonical(details: Mapping[str, Any]) -> str:
    """JSON with sorted keys and no spaces: one value, one text."""
    return orjson.dumps(details, option=orjson.OPT_SORT_KEYS, default=str).decode()


def record(
    work: Work,
    verb: str,
    subject: str,
    *,
    organisation: str | None = None,
    region: str | None = None,
    **details: Any,
) -> None:
    """Append what the actor of this unit of work does to a subject.

    Args:
        verb: `room.verb`, e.g. `identity.grant`.
        subject: URN or id of what it is done to.
        organisation, region: whose subject it is; the actor's organisation where neither is given. They decide
            who may read the entry.
        details: anything JSON can carry; `reason` is shown. No secret and no unmasked personal data belongs here.
    """
    record_many(work, verb, [subject], organisation=organisation, region=region, **details)


def record_many(
    work: Work,
    verb: str,
    subjects: Iterable[str],
    *,
    organisation: str | None = None,
    region: str | None = None,
    **details: Any,
) -> None:
    """As `record`, the same act done to several subjects: one entry each."""
    actor = work.actor
    if organisation is None and region is None:
        organisation = actor.organisation
    shared = {
        "at_ms": work.now_ms,
        "actor": actor.id,
        "actor_name": actor.name,
        "actor_kind": actor.kind,
        "verb": verb,
        "organisation": organisation,
        "region": region,
        "details": canonical(details),
    }
    rows = [shared | {"subject": subject} for subject in subjects]
    if rows:
        store.append(work, rows)
        work.after_commit(wake_sealers)


def wake_sealers() -> None:
    for wake in tuple(_wake):
        wake()


def on_record(wake: Callable[[], None]) -> Callable[[], None]:
    """Have `wake` called after each commit that wrote entries in this process; gives the function that ends it."""
    _wake.append(wake)
    return lambda: _wake.remove(wake) if wake in _wake else None
