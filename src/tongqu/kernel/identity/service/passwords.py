"""Passwords: Argon2id (RFC 9106), checked by few at a time so that signing in cannot exhaust memory."""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tongqu.kit.errors import Invalid

SHORTEST, LONGEST = 8, 200
_hasher = PasswordHasher()
_few = threading.Semaphore(2)
_nobody: list[str] = []


def hash_password(password: str, login: str = "") -> str:
    """The hash to keep of a new password.

    Raises:
        Invalid: `identity.weak_password`: shorter than 8 or longer than 200 characters, or the login itself.
    """
    if not SHORTEST <= len(password) <= LONGEST or password.casefold() == login.casefold():
        raise Invalid("identity.weak_password", field="password", shortest=SHORTEST, longest=LONGEST)
    with _few:
        return _hasher.hash(password)


def verify(kept: str | None, password: str) -> bool:
    """Whether a password is the one of a hash; takes as long where there is none to compare with."""
    with _few:
        if kept is None and not _nobody:
            _nobody.append(_hasher.hash("nobody has this password"))
        try:
            return _hasher.verify(kept or _nobody[0], password[:LONGEST]) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with weaker settings than today's."""
    return _hasher.check_needs_rehash(kept)
