"""How often strangers may ask: so many requests a minute from one address, some of them at once."""

from __future__ import annotations

import ipaddress
import math
import threading
from collections import OrderedDict

MINUTE_MS = 60_000
AT_ONCE = 20
"""Requests that may come together before the pace counts."""
MOST_ADDRESSES = 100_000


class Pace:
    """Counts requests by address in this process (generic cell rate algorithm, ITU-T I.371 annex A).

    Args:
        per_minute: requests of one address that are answered a minute.
    """

    def __init__(self, per_minute: int) -> None:
        self._apart_ms = MINUTE_MS / per_minute
        self._due: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, address: str, now_ms: int) -> int:
        """Count a request; gives 0, or the milliseconds until the next one is answered, which is then not counted."""
        with self._lock:
            due = max(self._due.get(address, 0.0), now_ms)
            wait = due - now_ms - (AT_ONCE - 1) * self._apart_ms
            if wait > 0:
                return math.ceil(wait)
            self._due[address] = due + self._apart_ms
            self._due.move_to_end(address)
            while len(self._due) > MOST_ADDRESSES:
                self._due.popitem(last=False)
            return 0


def is_loopback(address: str) -> bool:
    """Whether a request comes from this machine: a proxy in front keeps the pace of those behind it by itself."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
