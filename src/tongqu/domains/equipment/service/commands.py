"""Commands: queued by people, sent and answered by the gateway. Offline terminals get theirs when they come back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tongqu.domains.equipment import events as facts
from tongqu.domains.equipment import kinds, store
from tongqu.domains.equipment.service import terminals
from tongqu.domains.equipment.store import Row
from tongqu.domains.equipment.tables import COMMAND, CommandState
from tongqu.kernel import audit, events
from tongqu.kernel.store import Work, allowed
from tongqu.kit.errors import Forbidden, Invalid, NotFound, Refused
from tongqu.kit.ids import new_id
from tongqu.kit.time import DAY_MS, MINUTE_MS

SEND = "equipment.command"
EXPIRES_MS = DAY_MS
LEAST_EXPIRY_MS, MOST_EXPIRY_MS = MINUTE_MS, 30 * DAY_MS


def queue(
    work: Work,
    terminal_id: str,
    kind: str,
    values: Mapping[str, Any],
    expires_in_ms: int = EXPIRES_MS,
    idempotency_key: str | None = None,
) -> Row:
    """Queue a command for a terminal.

    Args:
        kind: one of `kinds.KINDS`.
        values: its fields as a form gives them.
        expires_in_ms: it is not sent any more after this time.
        idempotency_key: the same key of the same author gives the command it queued first.

    Raises:
        NotFound: `equipment.unknown_terminal`.
        Forbidden: `equipment.no_command`.
        Invalid: `equipment.unknown_kind`, `equipment.expiry`, `equipment.command` with a problem for each field.
        Refused: `equipment.not_in_edition`: the terminal's edition of the protocol does not have it;
            `equipment.key_reused`: the key queued another command.
    """
    row = terminals.get(work, terminal_id)
    if not allowed(work.actor, SEND, organisation=row["organisation"], region=row["region"]):
        raise Forbidden("equipment.no_command")
    if kind not in kinds.KINDS:
        raise Invalid("equipment.unknown_kind", field="kind", kind=kind, known=", ".join(kinds.KINDS))
    if not LEAST_EXPIRY_MS <= expires_in_ms <= MOST_EXPIRY_MS:
        least_s, most_s = LEAST_EXPIRY_MS // 1000, MOST_EXPIRY_MS // 1000
        raise Invalid("equipment.expiry", field="expires_in_ms", least_s=least_s, most_s=most_s)
    if row["protocol"] and row["protocol"] < kinds.KINDS[kind].since:
        raise Refused("equipment.not_in_edition", field="kind", edition=row["protocol"])
    checked = kinds.checked(kind, values)
    request = None if idempotency_key is None else f"{work.actor.id}:{idempotency_key}"
    known = store.command_of_request(work, request) if request is not None else None
    if known is not None:
        if (known["terminal"], known["kind"]) != (row["id"], kind) or known["body"] | checked != known["body"]:
            raise Refused("equipment.key_reused")
        return known
    revision = store.next_revision(work, COMMAND)
    body = kinds.numbered(kind, checked, revision)
    command = {
        "id": new_id(),
        "terminal": row["id"],
        "urn": row["urn"],
        "kind": kind,
        "body": body,
        "state": CommandState.QUEUED,
        "author": work.actor.id,
        "queued_ms": work.now_ms,
        "expires_ms": work.now_ms + expires_in_ms,
        "sent_ms": None,
        "answered_ms": None,
        "tries": 0,
        "serial": None,
        "parts": 0,
        "result": None,
        "reason": None,
        "reply": None,
        "request": request,
        "revision": revision,
    }
    store.insert_command(work, command)
    events.record(
        work,
        facts.COMMAND_QUEUED,
        subject=row["urn"],
        occurred_at_ms=work.now_ms,
        source="equipment",
        key=command["id"],
        payload={"command": command["id"], "kind": kind},
    )
    audit.record(
        work,
        "equipment.command",
        row["urn"],
        organisation=row["organisation"],
        region=row["region"],
        command=command["id"],
        kind=kind,
        body=body,
    )
    return command


def cancel(work: Work, command_id: str) -> Row:
    """Take back a command that has not been sent.

    Raises:
        NotFound: `equipment.unknown_command`.
        Forbidden: `equipment.no_command`.
        Refused: `equipment.too_late`.
    """
    command = get(work, command_id)
    row = terminals.get(work, command["terminal"])
    if not allowed(work.actor, SEND, organisation=row["organisation"], region=row["region"]):
        raise Forbidden("equipment.no_command")
    values = {"state": CommandState.CANCELLED}
    if not store.update_command(work, command_id, values, (CommandState.QUEUED,)):
        raise Refused("equipment.too_late", id=command_id)
    audit.record(
        work,
        "equipment.cancel",
        command["urn"],
        organisation=row["organisation"],
        region=row["region"],
        command=command_id,
    )
    return command | values


def get(work: Work, command_id: str) -> Row:
    """A command.

    Raises:
        NotFound: `equipment.unknown_command`.
    """
    command = store.command(work, command_id)
    if command is None:
        raise NotFound("equipment.unknown_command", id=command_id)
    return command


# what the gateway reports


def sent(work: Work, command_id: str, serial: int, parts: int, tries: int) -> None:
    """It is on its way. A command cancelled at the last moment was sent all the same: the row says so."""
    values = {"state": CommandState.SENT, "serial": serial, "parts": parts, "tries": tries, "sent_ms": work.now_ms}
    states = (CommandState.QUEUED, CommandState.SENT, CommandState.CANCELLED)
    store.update_command(work, command_id, values, states)


def waits_again(work: Work, command_id: str) -> None:
    """The connection ended before an answer came: it is sent again in the next session."""
    store.update_command(work, command_id, {"state": CommandState.QUEUED}, (CommandState.SENT,))


def answered(work: Work, command_id: str, result: int | None, reply: dict[str, Any] | None) -> None:
    """The terminal answered; a result other than 0 is a failure the terminal reports."""
    state = CommandState.ANSWERED if not result else CommandState.FAILED
    values = {"state": state, "result": result, "reply": reply, "answered_ms": work.now_ms}
    if store.update_command(work, command_id, values, (CommandState.QUEUED, CommandState.SENT)):
        _ended(work, command_id, state)


def failed(work: Work, command_id: str, reason: str) -> None:
    """It never came to a result: `no_answer`, or the code of the error that kept it from being sent."""
    values = {"state": CommandState.FAILED, "reason": reason}
    if store.update_command(work, command_id, values, (CommandState.QUEUED, CommandState.SENT)):
        _ended(work, command_id, CommandState.FAILED)


def expired(work: Work, command_id: str) -> None:
    """Its time is over and it was never sent."""
    if store.update_command(work, command_id, {"state": CommandState.EXPIRED}, (CommandState.QUEUED,)):
        _ended(work, command_id, CommandState.EXPIRED)


def begin_anew(work: Work) -> None:
    """The gateway has just started: what was on its way when the one before died is sent again."""
    for command in store.commands_sent(work):
        waits_again(work, command["id"])


def _ended(work: Work, command_id: str, state: str) -> None:
    command = get(work, command_id)
    events.record(
        work,
        facts.COMMAND_ENDED,
        subject=command["urn"],
        occurred_at_ms=work.now_ms,
        source="gateway",
        key=f"{command_id}:{state}",
        payload={"command": command_id, "kind": command["kind"], "state": str(state), "result": command["result"]},
    )
