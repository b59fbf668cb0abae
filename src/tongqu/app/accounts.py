"""Accounts that an installation begins with: the first administrator, and the logins of the demo."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from tongqu.kernel import identity, things
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Work, system_actor
from tongqu.kit.text import text

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
SHOWN_PLATE = "澜AD12345 green"


@dataclass(frozen=True)
class Account:
    """A login of the demo.

    Attributes:
        roles: codes of its roles; a role that no module brings along is left out.
        region: code of the region they hold over; empty for everywhere.
        carrier: they hold over the carrier of the plate that the README names.
    """

    login: str
    roles: tuple[str, ...]
    region: str | None = None
    carrier: bool = False


DEMO = (
    Account("admin", ("administrator",)),
    Account("duty-province", ("duty_officer", "analyst"), "99"),
    Account("duty-lanzhou", ("duty_officer",), "9901"),
    Account("duty-wangting", ("duty_officer",), "9902"),
    Account("duty-linxiu", ("duty_officer",), "9903"),
    Account("monitor", ("monitor",), carrier=True),
    Account("analyst", ("analyst",), "99"),
    Account("integrator", ("integrator",), "99"),
)


def password() -> str:
    """Twelve letters and digits that can be read aloud, in groups of four."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


def first_administrator(platform: Platform) -> tuple[str, str] | None:
    """Make the administrator of a new installation; login and password, None if there are people already."""
    secret = password()
    hashed = identity.hash_password(secret, "admin")
    with platform.store.write(system_actor("setup")) as work:
        identity.sync_roles(work, platform.modules)
        if identity.find_person(work, "admin") is not None:
            return None
        person = identity.add_person(work, login="admin", name=text("app.accounts.admin")["zh"], password_hash=hashed)
        identity.grant(work, person.id, "administrator")
    return "admin", secret


def demo_accounts(platform: Platform) -> list[dict[str, str]]:
    """Make the logins of the demo; each as login, password and title."""
    known = {role.code for module in platform.modules for role in module.roles}
    made = []
    for account in DEMO:
        secret = password()
        hashed = identity.hash_password(secret, account.login)
        title = text(f"app.accounts.{account.login.replace('-', '_')}")["zh"]
        with platform.store.write(system_actor("demo")) as work:
            carrier = _carrier(work) if account.carrier else None
            if account.carrier and carrier is None:
                continue
            person = identity.add_person(
                work,
                login=account.login,
                name=title,
                organisation=carrier,
                region=account.region,
                password_hash=hashed,
            )
            for role in account.roles:
                if role in known:
                    identity.grant(work, person.id, role, organisation=carrier, region=account.region)
        made.append({"login": account.login, "password": secret, "title": title})
    return made


def _carrier(work: Work) -> str | None:
    """The organisation that runs the vehicle which the README names."""
    found = things.find(work, "vehicle", "plate", SHOWN_PLATE)
    return found.organisation if found else None
