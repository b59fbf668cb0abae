"""Names of things: `urn:tongqu:{kind}:{id}`. The namespace is private to Tongqu."""

from __future__ import annotations

import re
import secrets
from typing import NewType

Urn = NewType("Urn", str)

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_URN = re.compile(r"urn:tongqu:([a-z][a-z0-9_-]{0,40}):([A-Za-z0-9._~:@%-]{1,80})")


def new_id(length: int = 12) -> str:
    """A random id in Crockford's base 32; 12 characters carry 60 bits, enough for nodes that never met."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def urn(kind: str, local_id: str | int) -> Urn:
    """The URN of a thing.

    Raises:
        ValueError: kind or id has characters that a URN of ours cannot carry.
    """
    name = f"urn:tongqu:{kind}:{local_id}"
    if _URN.fullmatch(name) is None:
        raise ValueError(f"not a URN of Tongqu: {name!r}")
    return Urn(name)


def parse_urn(name: str) -> tuple[str, str]:
    """Kind and id of a URN.

    Raises:
        ValueError: the text is not a URN of Tongqu.
    """
    found = _URN.fullmatch(name)
    if found is None:
        raise ValueError(f"not a URN of Tongqu: {name!r}")
    return found[1], found[2]
