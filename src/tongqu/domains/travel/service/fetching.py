"""Fetching a file at an address again and again: only what has changed, not too large, not too slowly."""

from __future__ import annotations

import ipaddress
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

TIMEOUT_S, WHOLE_S = 10.0, 30.0


@dataclass
class Address:
    """Where a file lies, what the server said of it last, and when it is worth asking again (monotonic seconds)."""

    url: str
    etag: str = ""
    modified: str = ""
    due: float = 0.0


def client() -> httpx.Client:
    """Follows no redirection and takes no proxy from the surroundings."""
    return httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False)


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
