"""The API of the running platform, as the command line of its own machine sees it: by the local token."""

from __future__ import annotations

import hashlib
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from tongqu.app.problems import RemoteProblem
from tongqu.kernel.identity.service.local import token_file
from tongqu.kernel.platform import Settings
from tongqu.kit.errors import Refused
from tongqu.kit.ids import new_id

POLL_S = 0.3
PIECE_BYTES = 8 << 20


def runs(settings: Settings) -> bool:
    """Whether the platform runs over this data."""
    if not token_file(settings.data).is_file():
        return False
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((settings.host, settings.port)) == 0


class Remote:
    """Calls routes below `/api/v1/`.

    Raises:
        RemoteProblem: by every method, where the platform refuses.
    """

    def __init__(self, settings: Settings) -> None:
        self._base = f"http://{settings.host}:{settings.port}/api/v1/"
        self._token = token_file(settings.data).read_text().strip()

    def get(self, path: str) -> Any:
        return orjson.loads(self._call("GET", path))

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return dict(orjson.loads(self._call("POST", path, orjson.dumps(body), {"Idempotency-Key": new_id(20)})))

    def finished(self, job: str, watch: Callable[[dict[str, Any]], None] = lambda _: None) -> dict[str, Any]:
        """Wait for a job; gives its result.

        Raises:
            RemoteProblem: it failed, with its error. Refused: `app.job_failed`: it was cancelled.
        """
        while True:
            found = self.get(f"jobs/{job}")
            watch(found)
            if found["state"] == "done":
                return dict(found["result"])
            if found["state"] == "failed" and found.get("error"):
                raise RemoteProblem(found["error"])
            if found["state"] in ("failed", "cancelled"):
                raise Refused("app.job_failed", reason=found["state"])
            time.sleep(POLL_S)

    def upload(self, path: Path, name: str, watch: Callable[[int, int], None] = lambda *_: None) -> str:
        """Send a file in pieces; gives the id of the document it became."""
        size = path.stat().st_size
        with path.open("rb") as opened:
            sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
        body = {"name": name, "media_type": "application/octet-stream", "size": size, "sha256": sha256}
        upload = self.post("documents/uploads", body)["id"]
        with path.open("rb") as opened:
            sent = 0
            while piece := opened.read(PIECE_BYTES):
                self._call("PATCH", f"documents/uploads/{upload}", piece, {"Upload-Offset": str(sent)})
                sent += len(piece)
                watch(sent, size)
        return str(self.post(f"documents/uploads/{upload}/complete", {})["id"])

    def download(self, path: str, target: Path) -> None:
        draft = target.with_suffix(".part")
        with urllib.request.urlopen(self._request("GET", path)) as answer, draft.open("wb") as out:
            while piece := answer.read(1 << 20):
                out.write(piece)
        draft.replace(target)

    def _call(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> bytes:
        try:
            with urllib.request.urlopen(self._request(method, path, body, headers), timeout=120) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            raise RemoteProblem(_problem(error.read())) from error

    def _request(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> urllib.request.Request:
        given = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json", **(headers or {})}
        return urllib.request.Request(self._base + path, data=body, headers=given, method=method)


def _problem(raw: bytes) -> dict[str, Any]:
    try:
        return dict(orjson.loads(raw))
    except (orjson.JSONDecodeError, ValueError):
        text = raw.decode(errors="replace")[:500]
        return {"code": "app.job_failed", "detail": {"zh": text, "en": text}, "problems": []}
