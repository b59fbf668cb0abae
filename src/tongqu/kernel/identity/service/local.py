"""The token of the command line: whoever can read the data folder may administer, from this machine only."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path

from tongqu.kernel.store import Actor, Grant
from tongqu.kit.ids import new_id

PREFIX = "tql_"


def token_file(data: Path) -> Path:
    """Where the token stands while the platform runs."""
    return data / "local-token"


def make_local_token(data: Path) -> str:
    """A fresh token in a file that only its owner can read; an older one is no longer valid."""
    secret = PREFIX + new_id(40)
    draft = token_file(data).with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(secret)
    draft.replace(token_file(data))
    return secret


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def local_administrator(permissions: frozenset[str]) -> Actor:
    """The actor of the command line."""
    grant = Grant(role="system", permissions=permissions, all=True)
    return Actor(id="system:local", name="local", kind="system", grants=(grant,))
