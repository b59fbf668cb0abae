"""Feeds of public transport: registered, received in versions, checked, made live, taken back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from tongqu.domains.travel import events
from tongqu.domains.travel.store import feeds as store
from tongqu.domains.travel.tables import Condition, VersionState
from tongqu.kernel import audit, documents, identity
from tongqu.kernel import events as facts
from tongqu.kernel.events import EventType
from tongqu.kernel.store import Work
from tongqu.kit.errors import Invalid, NotFound, Refused
from tongqu.kit.ids import new_id, urn

Row = dict[str, Any]
EDIT = "travel.edit"
SOURCE = "travel"
REALTIME = ("trip_updates", "vehicle_positions", "alerts", "situations", "gbfs")
_CODE = re.compile(r"[a-z][a-z0-9-]{1,39}")
_ADDRESS = re.compile(r"https?://[^\s]{1,500}")


def register(
    work: Work,
    code: str,
    name: str,
    *,
    region: str,
    organisation: str | None = None,
    publisher: str | None = None,
    condition: Condition = Condition.NOT_OPEN,
    licence: str | None = None,
    note: str | None = None,
    realtime: Mapping[str, str] | None = None,
    operated: bool = False,
) -> Row:
    """A new feed without a version.

    Args:
        code: its name in addresses: small letters, digits, hyphens; unique.
        condition: of sharing; `licence` is needed unless it is not open.
        operated: city buses of this platform run it, those of its region (and of its organisation, if it has one).

    Raises:
        Forbidden: `identity.not_here`.
        Invalid: `travel.bad_code`, `travel.licence_needed`, `travel.bad_address`.
        Refused: `travel.code_taken`.
    """
    region = identity.region_code(region)
    identity.require(work, EDIT, organisation, region)
    if _CODE.fullmatch(code) is None:
        raise Invalid("travel.bad_code", field="code", value=code)
    if store.feed_by_code(work.as_system("travel.unique"), code) is not None:
        raise Refused("travel.code_taken", field="code", value=code)
    feed_id = new_id()
    row = {
        "id": feed_id,
        "urn": urn("feed", feed_id),
        "code": code,
        "name": name,
        "publisher": publisher,
        "organisation": organisation,
        "region": region,
        "condition": condition.value,
        "licence": licence,
        "note": note,
        "realtime": _addresses(realtime or {}),
        "operated": operated,
        "version": None,
        "active": True,
        "created_ms": work.now_ms,
        "updated_ms": work.now_ms,
        "revision": 1,
    }
    _licensed(row)
    store.add_feed(work, row)
    _write_down(work, events.FEED_REGISTERED, row)
    return row


def get(work: Work, feed_id: str) -> Row:
    """A feed by id.

    Raises:
        NotFound: `travel.unknown_feed`.
    """
    row = store.feed(work, feed_id)
    if row is None:
        raise NotFound("travel.unknown_feed", id=feed_id)
    return row


def by_code(work: Work, code: str) -> Row:
    """A feed by its code.

    Raises:
        NotFound: `travel.unknown_feed`.
    """
    row = store.feed_by_code(work, code)
    if row is None:
        raise NotFound("travel.unknown_feed", id=code)
    return row


def amend(work: Work, feed_id: str, **given: Any) -> Row:
    """Change what is given; nothing happens where nothing differs.

    Raises:
        NotFound, Forbidden, Invalid: as `get` and `register`.
        Refused: `travel.feed_retired`.
    """
    old = _living(work, feed_id)
    if given.get("region") is not None:
        given["region"] = identity.region_code(given["region"])
    if given.get("realtime") is not None:
        given["realtime"] = _addresses(given["realtime"])
    changes = {name: value for name, value in given.items() if old[name] != value}
    if not changes:
        return old
    row = old | changes | {"updated_ms": work.now_ms, "revision": old["revision"] + 1}
    for place in {(old["organisation"], old["region"]), (row["organisation"], row["region"])}:
        identity.require(work, EDIT, *place)
    _licensed(row)
    store.change_feed(work.as_system("travel"), feed_id, {name: row[name] for name in (*changes, *_TOUCHED)})
    _write_down(work, events.FEED_AMENDED, row, fields=sorted(changes))
    return row


def retire(work: Work, feed_id: str) -> Row:
    """End a feed; its versions stay on record, and are live nowhere.

    Raises:
        NotFound: `travel.unknown_feed`.
        Forbidden: `identity.not_here`.
        Refused: `travel.feed_retired`.
    """
    old = _living(work, feed_id)
    identity.require(work, EDIT, old["organisation"], old["region"])
    changes = {"active": False, "version": None, "updated_ms": work.now_ms, "revision": old["revision"] + 1}
    store.change_feed(work.as_system("travel"), feed_id, changes)
    if old["version"]:
        _set_state(work, old["version"], VersionState.SUPERSEDED)
    row = old | changes
    _write_down(work, events.FEED_RETIRED, row)
    return row


def receive(work: Work, feed_id: str, document_id: str, *, mended_from: str | None = None) -> Row:
    """A new version from a file that was uploaded; it is to be checked. The same content again gives the same version.

    Raises:
        NotFound: `travel.unknown_feed`, `documents.unknown`.
        Forbidden: `identity.not_here`.
        Refused: `travel.feed_retired`.
    """
    feed = _living(work, feed_id)
    identity.require(work, EDIT, feed["organisation"], feed["region"])
    document = documents.get(work, document_id)
    known = store.version_of_content(work, feed_id, document["sha256"])
    if known is not None:
        return known
    row = {
        "id": new_id(),
        "feed": feed_id,
        "number": store.last_number(work, feed_id) + 1,
        "state": VersionState.CHECKING.value,
        "document": document_id,
        "mended": None,
        "name": document["name"],
        "sha256": document["sha256"],
        "size": document["size"],
        "valid_from": None,
        "valid_to": None,
        "errors": 0,
        "warnings": 0,
        "figures": {},
        "notices": [],
        "difference": {},
        "reason": None,
        "received_ms": work.now_ms,
        "received_by": work.actor.name,
        "checked_ms": None,
        "activated_ms": None,
        "job": None,
        "revision": 1,
    }
    store.add_version(work, row)
    _write_down(work, events.VERSION_RECEIVED, feed, row)
    return row


def converted(work: Work, version_id: str, document_id: str) -> None:
    """A version came as a spreadsheet: the feed that was made of it stands in its place."""
    store.change_version(work.as_system("travel"), version_id, {"document": document_id})


def version(work: Work, version_id: str) -> Row:
    """A version by id.

    Raises:
        NotFound: `travel.unknown_version`.
    """
    row = store.version(work, version_id)
    if row is None:
        raise NotFound("travel.unknown_version", id=version_id)
    return row


def belongs_to_job(work: Work, version_id: str, job: str) -> None:
    """Note which job checks a version."""
    store.change_version(work.as_system("travel"), version_id, {"job": job})


def checked(
    work: Work,
    version_id: str,
    *,
    valid: tuple[date | None, date | None],
    notices: list[dict[str, Any]],
    figures: dict[str, Any],
    difference: dict[str, Any],
    mended: str | None = None,
) -> Row:
    """What the check of a version found."""
    old = version(work, version_id)
    feed = get(work, old["feed"])
    counts = {
        severity: sum(notice["total"] for notice in notices if notice["severity"] == severity)
        for severity in ("error", "warning")
    }
    changes = {
        "state": VersionState.CHECKED.value if old["state"] == VersionState.CHECKING.value else old["state"],
        "valid_from": valid[0],
        "valid_to": valid[1],
        "errors": counts["error"],
        "warnings": counts["warning"],
        "notices": notices,
        "figures": figures,
        "difference": difference,
        "mended": mended,
        "checked_ms": work.now_ms,
        "revision": old["revision"] + 1,
    }
    store.change_version(work.as_system("travel"), version_id, changes)
    row = old | changes
    _write_down(work, events.VERSION_CHECKED, feed, row)
    return row


def failed(work: Work, version_id: str, reason: str) -> None:
    """The file of a version is no feed: nothing of it is taken."""
    old = version(work, version_id)
    changes = {"state": VersionState.FAILED.value, "reason": reason, "revision": old["revision"] + 1}
    store.change_version(work.as_system("travel"), version_id, changes)


def require_can_go_live(work: Work, version_id: str) -> Row:
    """The version, if it may be made live.

    Raises:
        NotFound: `travel.unknown_version`.
        Forbidden: `identity.not_here`.
        Refused: `travel.not_checked`: its check has not ended, or ended badly; `travel.feed_retired`.
    """
    row = version(work, version_id)
    feed = _living(work, row["feed"])
    identity.require(work, EDIT, feed["organisation"], feed["region"])
    if row["state"] in (VersionState.CHECKING.value, VersionState.FAILED.value):
        raise Refused("travel.not_checked", number=row["number"], state=row["state"])
    return row


def activate(work: Work, version_id: str) -> Row:
    """Make a version the live one; the one before it is superseded. Doing it again changes nothing.

    Raises:
        As `require_can_go_live`.
    """
    row = require_can_go_live(work, version_id)
    feed = get(work, row["feed"])
    if feed["version"] == version_id:
        return row
    if feed["version"]:
        _set_state(work, feed["version"], VersionState.SUPERSEDED)
    changes = {"state": VersionState.ACTIVE.value, "activated_ms": work.now_ms, "revision": row["revision"] + 1}
    system = work.as_system("travel")
    store.change_version(system, version_id, changes)
    touched = {"version": version_id, "updated_ms": work.now_ms, "revision": feed["revision"] + 1}
    store.change_feed(system, feed["id"], touched)
    row |= changes
    _write_down(work, events.VERSION_ACTIVATED, feed | touched, row)
    return row


def refuse(work: Work, version_id: str, reason: str) -> Row:
    """Send a version back to its publisher, with the reason.

    Raises:
        NotFound: `travel.unknown_version`.
        Forbidden: `identity.not_here`.
        Refused: `travel.is_live`.
    """
    row = version(work, version_id)
    feed = get(work, row["feed"])
    identity.require(work, EDIT, feed["organisation"], feed["region"])
    if feed["version"] == version_id:
        raise Refused("travel.is_live", number=row["number"])
    changes = {"state": VersionState.REFUSED.value, "reason": reason, "revision": row["revision"] + 1}
    store.change_version(work.as_system("travel"), version_id, changes)
    row |= changes
    _write_down(work, events.VERSION_REFUSED, feed, row, reason=reason)
    return row


_TOUCHED = ("updated_ms", "revision")


def _living(work: Work, feed_id: str) -> Row:
    row = get(work, feed_id)
    if not row["active"]:
        raise Refused("travel.feed_retired", name=row["name"])
    return row


def _licensed(row: Row) -> None:
    if row["condition"] != Condition.NOT_OPEN.value and not row["licence"]:
        raise Invalid("travel.licence_needed", field="licence")


def _addresses(given: Mapping[str, str]) -> dict[str, str]:
    for name, address in given.items():
        if name not in REALTIME or _ADDRESS.fullmatch(address) is None:
            raise Invalid("travel.bad_address", field="realtime", name=name, value=address)
    return dict(given)


def _set_state(work: Work, version_id: str, state: VersionState) -> None:
    system = work.as_system("travel")
    row = store.version(system, version_id)
    if row is not None:
        store.change_version(system, version_id, {"state": state.value, "revision": row["revision"] + 1})


def _write_down(work: Work, type_: EventType, feed: Row, version: Row | None = None, **payload: Any) -> None:
    told = {"organisation": feed["organisation"], "region": feed["region"], "feed": feed["id"], "code": feed["code"]}
    key = f"{feed['id']}:{feed['revision']}"
    if version is not None:
        told |= {"version": version["id"], "number": version["number"], "sha256": version["sha256"]}
        key = f"{version['id']}:{version['revision']}"
    facts.record(
        work, type_, subject=feed["urn"], occurred_at_ms=work.now_ms, source=SOURCE, key=key, payload=told | payload
    )
    owner = {"organisation": feed["organisation"], "region": feed["region"]}
    audit.record(work, type_.id, feed["urn"], **owner, **({"version": version["number"]} if version else {}), **payload)
