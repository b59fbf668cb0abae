"""The verbs of the queue: submit, cancel, read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
import orjson

from tongqu.kernel.jobs import store
from tongqu.kernel.jobs.kinds import JobKind
from tongqu.kernel.jobs.tables import OPEN, State
from tongqu.kernel.store import Actor, Work, allowed
from tongqu.kit.errors import Forbidden, Invalid, NotFound, Refused
from tongqu.kit.ids import new_id

MAX_ATTEMPTS = 2


def input_hash(kind: str, params: Mapping[str, Any], inputs: Mapping[str, str]) -> str:
    """SHA-256 over kind, parameters and the hashes of the input files: equal hash, equal work."""
    packed = orjson.dumps([kind, dict(params), dict(inputs)], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(packed).hexdigest()


def submit(
    work: Work,
    kind: JobKind,
    params: dict[str, Any],
    *,
    title_key: str,
    title_params: dict[str, Any] | None = None,
    inputs: Mapping[str, str] | None = None,
    seed: int | None = None,
    idempotency_key: str | None = None,
    organisation: str | None = None,
    region: str | None = None,
) -> str:
    """Queue a job; it runs with the rights that its submitter has now.

    Args:
        kind: what to run.
        params: plain JSON values.
        title_key: key of its title in the catalogues, filled with `title_params`.
        inputs: name to SHA-256 of the files it reads.
        seed: of whatever is random in it; by default one that follows from the inputs.
        idempotency_key: the same key from the same actor gives the same job.
        organisation: whose job it is, besides the submitter's.
        region: the region it concerns.

    Returns:
        The id of the job.

    Raises:
        Forbidden: `web.no_permission`: the actor may not run this kind, or not there.
        Invalid: `jobs.bad_params`: the parameters are no plain JSON.
        Refused: `jobs.key_reused`: the idempotency key was used for something else.
    """
    actor = work.actor
    anywhere = organisation is None and region is None
    if kind.permission is not None and not (
        actor.may(kind.permission)
        if anywhere
        else allowed(actor, kind.permission, organisation=organisation, region=region)
    ):
        raise Forbidden("web.no_permission", permission=kind.permission)
    try:
        hashed = input_hash(kind.id, params, inputs or {})
    except TypeError as error:
        raise Invalid("jobs.bad_params", kind=kind.id, reason=str(error)) from error
    if idempotency_key is not None:
        earlier = _earlier(work, kind, idempotency_key, hashed)
        if earlier is not None:
            return earlier
    job_id = new_id()
    values = {
        "id": job_id,
        "kind": kind.id,
        "state": State.QUEUED.value,
        "title_key": title_key,
        "title_params": title_params or {},
        "progress": 0.0,
        "message_params": {},
        "parameters": params,
        "inputs": dict(inputs or {}),
        "input_hash": hashed,
        "seed": int(hashed[:12], 16) if seed is None else seed,
        "created_ms": work.now_ms,
        "attempt": 0,
        "cancel_requested": False,
        "time_limit_s": kind.time_limit_s,
        "memory_mb": kind.memory_mb,
        "idempotency_key": idempotency_key,
        "person": actor.id,
        "person_name": actor.name,
        "actor": pack_actor(actor),
        "organisation": organisation,
        "region": region,
    }
    store.add(work, values)
    return job_id


def submitted(work: Work, kind: JobKind, idempotency_key: str | None) -> str | None:
    """Id of the job that the actor has submitted with this key before, if there is one."""
    if idempotency_key is None:
        return None
    row = store.find_by_key(work, kind.id, idempotency_key)
    return None if row is None else str(row["id"])


def _earlier(work: Work, kind: JobKind, key: str, hashed: str) -> str | None:
    row = store.find_by_key(work, kind.id, key)
    if row is None:
        return None
    if row["input_hash"] != hashed:
        raise Refused("jobs.key_reused", used=key)
    return str(row["id"])


def get(work: Work, job_id: str) -> dict[str, Any]:
    """The row of a job.

    Raises:
        NotFound: `jobs.unknown`: there is none, or none that the actor may see.
    """
    row = store.get(work, job_id)
    if row is None:
        raise NotFound("jobs.unknown", job=job_id)
    return row


def cancel(work: Work, job_id: str) -> dict[str, Any]:
    """Have a job ended: its own submitter may, and who holds `jobs.cancel` where it belongs.

    A job that has ended stays as it is. A running one ends within about a second.

    Raises:
        NotFound: `jobs.unknown`.
        Forbidden: `web.no_permission`.
    """
    row = get(work, job_id)
    own = row["person"] == work.actor.id
    if not own and not allowed(work.actor, "jobs.cancel", organisation=row["organisation"], region=row["region"]):
        raise Forbidden("web.no_permission", permission="jobs.cancel")
    if row["state"] in OPEN:
        store.request_cancel(work, job_id)
    return get(work, job_id)


def pack_actor(actor: Actor) -> dict[str, Any]:
    """An actor as JSON, to act in its name in another process."""
    packed: dict[str, Any] = msgspec.to_builtins(actor)
    return packed


def unpack_actor(packed: dict[str, Any]) -> Actor:
    """The actor that `pack_actor` packed."""
    return msgspec.convert(packed, Actor)
