"""Brings messages to webhooks: signed, tried again ever more seldom, each try written down.

A try is counted before it is made and its outcome afterwards, so a crash between the two repeats a message, never loses
one; the receiver knows the repetition by its `Idempotency-Key`, which is the delivery's id in every try.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import threading
from typing import Any

import httpx
import orjson

from tongqu.kernel.notify import store
from tongqu.kernel.notify.service import on_send, said
from tongqu.kernel.platform import Platform
from tongqu.kit.time import HOUR_MS, SECOND_MS

log = logging.getLogger("tongqu.notify")
POLL_S = 1.0
AT_ONCE = 10
TIMEOUT_S = 10.0
HELD_MS = 60 * SECOND_MS
FIRST_WAIT_MS = 5 * SECOND_MS
LONGEST_WAIT_MS = HOUR_MS
MOST_ATTEMPTS = 14
RECEIPT = 300


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA-256 (RFC 2104) over `timestamp.body`, in hex: what a receiver computes to know who wrote."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def wait_ms(attempts: int) -> int:
    """How long to wait after so many failed tries: 5 s, 10 s, 20 s ... an hour."""
    return int(min(FIRST_WAIT_MS << min(attempts - 1, 20), LONGEST_WAIT_MS))


class Sender:
    """One thread of the API process."""

    def __init__(self, platform: Platform, transport: httpx.BaseTransport | None = None) -> None:
        self._store = platform.store
        self._client = httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, transport=transport, trust_env=False)
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._off = on_send(self._wake.set)
        self._thread = threading.Thread(target=self._run, name="notify", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End after the try at hand."""
        self._off()
        self._ending.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=TIMEOUT_S + 2)
        self._client.close()

    def run_once(self) -> int:
        """Try what is due; gives the number of tries."""
        with self._store.read(store.PLATFORM) as work:
            if not store.any_due(work):
                return 0
        with self._store.write(store.PLATFORM) as work:
            claimed = store.claim(work, AT_ONCE, work.now_ms + HELD_MS)
        for row in claimed:
            if self._ending.is_set():
                break
            self._try(row)
        return len(claimed)

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                tried = self.run_once()
            except Exception:  # a locked or full disk now must not end sending for good
                log.exception("messages could not be sent; trying again")
                tried = 0
            if tried == 0:
                self._wake.wait(POLL_S)
                self._wake.clear()

    def _try(self, row: dict[str, Any]) -> None:
        number = row["attempts"] + 1
        status, receipt = self._post(row)
        with self._store.write(store.PLATFORM) as work:
            store.tried(work, row["id"], number, status, receipt, _outcome(status, number, work.now_ms))

    def _post(self, row: dict[str, Any]) -> tuple[int | None, str]:
        body = body_of(row)
        timestamp = str(self._store.clock.now_ms() // 1000)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "tongqu",
            "Idempotency-Key": row["id"],
            "X-Tongqu-Timestamp": timestamp,
            "X-Tongqu-Signature": f"sha256={signature(row['secret'], timestamp, body)}",
        }
        try:
            with self._client.stream("POST", row["url"], content=body, headers=headers) as answer:
                beginning = next(answer.iter_bytes(RECEIPT), b"")
                return answer.status_code, beginning[:RECEIPT].decode("utf-8", "replace").replace("\0", "")
        except httpx.HTTPError as error:
            return None, f"{type(error).__name__}: {error}"[:RECEIPT]


def body_of(row: dict[str, Any]) -> bytes:
    """What is posted: the same bytes in every try."""
    body = {
        "id": row["id"],
        "message": row["message_id"],
        "template": row["template"],
        **said(row["template"], row["params"]),
        "params": row["params"],
        "about": row["subject"],
        "link": row["link"],
        "region": row["region"],
        "organisation": row["organisation"],
        "created_ms": row["created_ms"],
    }
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


def _outcome(status: int | None, attempts: int, now_ms: int) -> dict[str, Any]:
    """A 2xx is a receipt; 410 Gone is a no for good; anything else is tried again, up to a number of times."""
    if status is not None and 200 <= status < 300:
        return {"state": "sent", "ended_ms": now_ms}
    if status == 410 or attempts >= MOST_ATTEMPTS:
        return {"state": "failed", "ended_ms": now_ms}
    return {"due_ms": now_ms + wait_ms(attempts)}
