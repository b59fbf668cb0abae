"""The verbs: a message is written once, in the unit of work of the deed it tells of, and goes to each receiver once."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from tongqu.kernel import audit, identity
from tongqu.kernel.notify import store
from tongqu.kernel.notify.values import Addressee, Template, ToEndpoint, ToPerson
from tongqu.kernel.store import Work, allowed
from tongqu.kit import text
from tongqu.kit.errors import Forbidden, Invalid, NotFound
from tongqu.kit.ids import new_id
from tongqu.kit.regions import covers
from tongqu.kit.time import CHINA

ENDPOINTS = "notify.endpoints"
DAY_MIN = 1440
_wake: list[Callable[[], None]] = []


def send(
    work: Work,
    template: Template,
    *to: Addressee,
    key: str,
    params: Mapping[str, Any] | None = None,
    subject: str = "",
    link: str = "",
    organisation: str | None = None,
    region: str | None = None,
) -> str | None:
    """Tell some people, and the webhooks that listen for it there; None if it was told already.

    Args:
        to: people, roles, webhooks; whoever is in several is told once.
        key: what makes it the same news: with the template it is unique for good.
        params: what the texts name.
        subject: URN of what it is about; link: path of the page that shows it.
        organisation, region: whom it concerns; webhooks of others do not hear of it.
    """
    system = work.as_system("notify")
    row: dict[str, Any] = {
        "id": new_id(),
        "key": key,
        "template": template.id,
        "params": dict(params or {}),
        "subject": subject,
        "link": link,
        "organisation": organisation,
        "region": region,
        "created_ms": work.now_ms,
        "actor": work.actor.id,
    }
    if not store.add_message(system, row):
        return None
    people = _people(system, to) if "page" in template.channels else []
    quiet = store.quiet_hours(system, people) if not template.urgent else {}
    deliveries = [
        _delivery(row["id"], "page", person, _due(work.now_ms, quiet.get(person)), "sent") for person in people
    ]
    if "webhook" in template.channels:
        hooks = [one for one in store.endpoints_for(system) if _listens(one, template, organisation, region)]
        deliveries += [_delivery(row["id"], "webhook", one["id"], work.now_ms, "waiting") for one in hooks]
    named = {one.endpoint for one in to if isinstance(one, ToEndpoint)} - {one["recipient"] for one in deliveries}
    hooks = [one for one in store.endpoints_for(system) if one["id"] in named] if named else []
    deliveries += [_delivery(row["id"], "webhook", one["id"], work.now_ms, "waiting") for one in hooks]
    store.add_deliveries(system, deliveries)
    work.after_commit(_wake_senders)
    return str(row["id"])


def said(template: str, params: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Subject and text of a message in both languages."""
    module, _, name = template.partition(".")
    return {part: text.text(f"{module}.messages.{name}.{part}", **params) for part in ("subject", "text")}


def set_quiet_hours(work: Work, begin: int | None, end: int | None) -> None:
    """Have messages that are not urgent wait, each day from one minute of the day to another, +08:00.

    Raises:
        Invalid: `notify.bad_hours`.
    """
    if (begin is None) != (end is None) or begin == end is not None:
        raise Invalid("notify.bad_hours", field="quiet_from_min")
    for minute in (begin, end):
        if minute is not None and not 0 <= minute < DAY_MIN:
            raise Invalid("notify.bad_hours", field="quiet_from_min")
    store.set_quiet_hours(work, work.actor.id, begin, end)


def add_endpoint(
    work: Work, *, title: str, url: str, templates: list[str], organisation: str | None, region: str | None
) -> tuple[str, str]:
    """Have a webhook told what concerns an organisation or a region; gives its id and its secret, which is shown once.

    Raises:
        Forbidden: `web.no_permission`: the actor may not for that organisation or region.
        Invalid: `notify.bad_url`.
    """
    if not allowed(work.actor, ENDPOINTS, organisation=organisation, region=region):
        raise Forbidden("web.no_permission", permission=ENDPOINTS)
    _check_url(url)
    secret = "tqh_" + secrets.token_urlsafe(32)
    row: dict[str, Any] = {
        "id": new_id(),
        "title": title,
        "url": url,
        "secret": secret,
        "templates": templates,
        "organisation": organisation,
        "region": region,
        "active": True,
        "created_ms": work.now_ms,
        "created_by": work.actor.id,
    }
    store.add_endpoint(work, row)
    owner = {"organisation": organisation, "region": region}
    audit.record(work, "notify.add_endpoint", row["id"], **owner, url=url, title=title)
    return str(row["id"]), secret


def amend_endpoint(work: Work, endpoint_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Change title, url, templates or whether it is in use.

    Raises:
        NotFound: `notify.unknown_endpoint`.
        Invalid: `notify.bad_url`.
    """
    row = endpoint(work, endpoint_id)
    if "url" in changes:
        _check_url(changes["url"])
    wanted = {name: value for name, value in changes.items() if value is not None and value != row[name]}
    if wanted:
        store.change_endpoint(work, endpoint_id, wanted)
        owner = {"organisation": row["organisation"], "region": row["region"]}
        audit.record(work, "notify.amend_endpoint", endpoint_id, **owner, changes=wanted)
    return row | wanted


def endpoint(work: Work, endpoint_id: str) -> dict[str, Any]:
    """A webhook, without its secret.

    Raises:
        NotFound: `notify.unknown_endpoint`.
    """
    found = store.endpoint(work, endpoint_id)
    if found is None:
        raise NotFound("notify.unknown_endpoint", endpoint=endpoint_id)
    return found


def on_send(wake: Callable[[], None]) -> Callable[[], None]:
    """Have `wake` called after each commit that wrote messages; gives the function that ends it."""
    _wake.append(wake)
    return lambda: _wake.remove(wake) if wake in _wake else None


def _wake_senders() -> None:
    for wake in tuple(_wake):
        wake()


def _people(system: Work, to: tuple[Addressee, ...]) -> list[str]:
    found: dict[str, None] = {}
    for one in to:
        if isinstance(one, ToPerson):
            found[one.person] = None
            continue
        if isinstance(one, ToEndpoint):
            continue
        holders = identity.holders(system, one.role, organisation=one.organisation, region=one.region)
        found |= dict.fromkeys(_nearest(system, one.role, holders) if one.nearest else holders)
    return list(found)


def _nearest(system: Work, role: str, holders: list[str]) -> list[str]:
    """The first of them with those whose grant is just as narrow."""
    if not holders:
        return []

    def place(person: str) -> tuple[str | None, str | None]:
        held = [one for one in identity.grants_of(system, person) if one.role == role]
        return max(
            ((one.organisation, one.region) for one in held), key=lambda pair: (pair[0] or "", len(pair[1] or ""))
        )

    first = place(holders[0])
    return [person for person in holders if place(person) == first]


def _listens(hook: Mapping[str, Any], template: Template, organisation: str | None, region: str | None) -> bool:
    wanted = not hook["templates"] or template.id in hook["templates"]
    if hook["organisation"] is not None:
        return wanted and hook["organisation"] == organisation
    if hook["region"] is not None:
        return wanted and covers(hook["region"], region)
    return wanted


def _delivery(message: str, channel: str, recipient: str, due_ms: int, state: str) -> dict[str, Any]:
    return {
        "id": new_id(),
        "message": message,
        "channel": channel,
        "recipient": recipient,
        "person": recipient if channel == "page" else None,
        "endpoint": recipient if channel == "webhook" else None,
        "state": state,
        "attempts": 0,
        "due_ms": due_ms,
        "ended_ms": due_ms if channel == "page" else None,
        "read_ms": None,
    }


def _due(now_ms: int, quiet: tuple[int, int] | None) -> int:
    """Now, or the end of the quiet hours that now lies in."""
    if quiet is None:
        return now_ms
    begin, end = quiet
    now = datetime.fromtimestamp(now_ms / 1000, CHINA)
    minute = now.hour * 60 + now.minute
    within = begin <= minute < end if begin < end else minute >= begin or minute < end
    if not within:
        return now_ms
    ends = now.replace(hour=end // 60, minute=end % 60, second=0, microsecond=0)
    return round((ends + timedelta(days=1 if ends <= now else 0)).timestamp() * 1000)


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        good = good and (parts.port is None or 0 < parts.port < 65536)
    except ValueError:
        good = False
    if not good:
        raise Invalid("notify.bad_url", field="url", url=url[:200])
