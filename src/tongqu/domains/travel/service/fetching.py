"""Fetching files at addresses again and again: only what has changed, not too large, not too slowly, and beside."""

from __future__ import annotations

import ipaddress
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from tongqu.kit.errors import TongquError

log = logging.getLogger("tongqu.travel.fetching")

AT_ONCE = 4
TIMEOUT_S, WHOLE_S = 10.0, 30.0


@dataclass
class Address:
    """Where a file lies, what the server said of it last, and when it is worth asking again (monotonic seconds)."""

    url: str
    etag: str = ""
    modified: str = ""
    due: float = 0.0


@dataclass
class Attempts:
    """How fetching from one place goes, and when it is due again (monotonic seconds)."""

    failures: int = 0
    due: float = 0.0
    running: Future[None] | None = None

    def is_due(self, now: float) -> bool:
        """Whether to fetch: it is time, and the last time is over."""
        return self.due <= now and (self.running is None or self.running.done())


class Follower:
    """A thread that looks at what is wanted again and again, and threads that fetch it.

    Args:
        name: of its threads, and in the log.
        every_s: how often is looked, at least once a second.
        look: says what to fetch, by `fetch`.
    """

    def __init__(self, name: str, every_s: float, look: Callable[[], None]) -> None:
        self._name = name
        self._every_s = min(1.0, every_s)
        self._look = look
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix=f"{name}-fetch")
        # no redirection is followed, no proxy taken from the surroundings
        self._client = httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    def fetch(self, held: Attempts, what: str, work: Callable[[], None], note: Callable[[str], None]) -> None:
        """Fetch beside; `note` is told why it failed, or an empty text."""
        held.running = self._pool.submit(self._tried, held, what, work, note)

    def got(self, address: Address, most_bytes: int, accept: str) -> bytes | None:
        """As the function `got`."""
        return got(self._client, address, most_bytes, accept)

    def _run(self) -> None:
        while not self._stopping.wait(self._every_s):
            try:
                self._look()
            except Exception:
                log.exception("%s: it could not be looked at what is wanted", self._name)

    @staticmethod
    def _tried(held: Attempts, what: str, work: Callable[[], None], note: Callable[[str], None]) -> None:
        try:
            work()
            held.failures = 0
            note("")
        except (httpx.HTTPError, TongquError, OSError, ValueError) as error:
            held.failures += 1
            note(str(error)[:200] or type(error).__name__)
            log.warning("%s cannot be fetched: %s", what, type(error).__name__)
        except Exception:
            held.failures += 1
            log.exception("%s", what)


def got(asking: httpx.Client, held: Address, most_bytes: int, accept: str) -> bytes | None:
    """The file at an address; None where the server says that it has not changed.

    Raises:
        httpx.HTTPError: it cannot be had. ValueError: another status than 200 or 304, too large or too slow.
    """
    headers = {"Accept": f"{accept}, */*"}
    headers |= {"If-None-Match": held.etag} if held.etag else {}
    headers |= {"If-Modified-Since": held.modified} if held.modified else {}
    until = time.monotonic() + WHOLE_S
    with asking.stream("GET", held.url, headers=headers) as answer:
        if answer.status_code == 304:
            return None
        if answer.status_code != 200:
            raise ValueError(f"HTTP {answer.status_code}")
        data = bytearray()
        for block in answer.iter_bytes():
            data += block
            if len(data) > most_bytes or time.monotonic() > until:
                raise ValueError("too large or too slow")
    held.etag, held.modified = answer.headers.get("etag", ""), answer.headers.get("last-modified", "")
    return bytes(data)


def may_follow(told_by: str, url: str) -> bool:
    """Whether an address that a fetched file names may be fetched too.

    It leads to the same host, or at least names none of the platform's own surroundings: a loopback, private or
    link-local number, a name without a domain. What a name of a domain resolves to is not looked at.
    """
    try:
        there, home = urlsplit(url), urlsplit(told_by)
        host = (there.hostname or "").rstrip(".")
        if there.scheme not in ("http", "https") or not host:
            return False
        if (there.hostname, there.port) == (home.hostname, home.port):
            return True
    except ValueError:
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        # 127.1 and 0x7f.1 are numbers too
        domain = host.rpartition(".")[2]
        return "." in host and domain.isalpha() and domain not in ("localhost", "local", "internal")
