"""Against guessing passwords: how many attempts in how long, by login, by address, and by both together."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass

from tongqu.kit.errors import TooMany
from tongqu.kit.time import MINUTE_MS, Clock


@dataclass(frozen=True)
class Limit:
    """At most `attempts` that fail within `window_ms`, counted by what `by` names."""

    by: tuple[str, ...]
    attempts: int
    window_ms: int


LIMITS = (
    Limit(("login", "remote"), attempts=5, window_ms=5 * MINUTE_MS),
    # Wider than one address's, so that a stranger cannot lock a person out by five wrong words.
    Limit(("login",), attempts=50, window_ms=15 * MINUTE_MS),
    Limit(("remote",), attempts=100, window_ms=5 * MINUTE_MS),
)
MOST_KEYS = 100_000

Key = tuple[Limit, tuple[str, ...]]


class Guard:
    """Counts failed attempts in this process; the oldest keys are forgotten beyond a bound."""

    def __init__(self, clock: Clock, limits: tuple[Limit, ...] = LIMITS) -> None:
        self._clock = clock
        self._limits = limits
        self._failed: OrderedDict[Key, deque[int]] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, login: str, remote: str) -> None:
        """Count an attempt before it is checked, so that many at once cannot slip through.

        Raises:
            TooMany: `identity.too_many_attempts` with `retry_after_s`; the attempt then does not count.
        """
        now = self._clock.now_ms()
        with self._lock:
            wait_ms = max((self._wait(key, now) for key in self._keys(login, remote)), default=0)
            if wait_ms > 0:
                raise TooMany("identity.too_many_attempts", retry_after_s=-(-wait_ms // 1000))
            for key in self._keys(login, remote):
                self._failed.setdefault(key, deque()).append(now)
                self._failed.move_to_end(key)
            while len(self._failed) > MOST_KEYS:
                self._failed.popitem(last=False)

    def succeeded(self, login: str, remote: str) -> None:
        """Forget what went before from this address; a right password says nothing about other addresses."""
        with self._lock:
            for key in self._keys(login, remote):
                if key[0].by == ("login", "remote"):
                    self._failed.pop(key, None)
                elif attempts := self._failed.get(key):
                    attempts.pop()

    def _keys(self, login: str, remote: str) -> Iterator[Key]:
        given = {"login": login, "remote": remote}
        for limit in self._limits:
            yield limit, tuple(given[name] for name in limit.by)

    def _wait(self, key: Key, now: int) -> int:
        attempts = self._failed.get(key)
        if not attempts:
            return 0
        limit = key[0]
        while attempts and attempts[0] <= now - limit.window_ms:
            attempts.popleft()
        if len(attempts) < limit.attempts:
            return 0
        return attempts[0] + limit.window_ms - now
