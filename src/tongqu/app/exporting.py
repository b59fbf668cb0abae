"""`tongqu export`: history as Parquet, ordered from the running platform, or read from its data at rest."""

from __future__ import annotations

import socket
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import orjson

from tongqu.app.platform import open_platform
from tongqu.app.progress import Steps, console, steps
from tongqu.app.settings import data_folder, load, read_settings
from tongqu.kernel.identity.service.local import token_file
from tongqu.kernel.platform import Settings
from tongqu.kit.errors import Invalid, NotFound, Refused
from tongqu.kit.ids import new_id
from tongqu.kit.time import DAY_MS, parse_iso

POLL_S = 0.3


def export(
    target: Path, *, start: str, end: str, region: str, data: Path | None, port: int | None, stream: str = "positions"
) -> None:
    """Write the rows of a time to `target` (a .parquet file, or a folder that gets one).

    Raises:
        Invalid: `app.bad_time`; NotFound: `app.no_data`; Refused: `app.job_failed`.
    """
    settings = _settings(data, port)
    now = time.time_ns() // 1_000_000
    to_ms = _instant(end, now + DAY_MS)
    from_ms = _instant(start, 0)
    target.parent.mkdir(parents=True, exist_ok=True)
    with steps("app.steps.exporting") as bar:
        if _runs(settings):
            remote = _Remote(settings)
            body = {"stream": stream, "from": from_ms, "to": to_ms, "region": region or None}
            result = remote.finished(remote.post("exports", body)["job"], bar)
            path = _file(target, result["name"])
            remote.download(f"documents/{result['document']}", path)
            rows = int(result["rows"])
        else:
            from tongqu.kernel.telemetry import exports

            path = _file(target, f"{stream}.parquet")
            rows = exports.export(open_platform(settings), path, from_ms, to_ms, region or None)
    console.print(f"{path}  {rows} rows  {path.stat().st_size / 1e6:.1f} MB", soft_wrap=True)


def _settings(data: Path | None, port: int | None) -> Settings:
    """Settings of the installation to read: the folder named, else the default one, else the demo's."""
    folder = data or next(
        (f for f in (data_folder("main"), data_folder("demo")) if (f / "settings.json").is_file()), None
    )
    if folder is None or not (folder / "settings.json").is_file():
        raise NotFound("app.no_data", folder=str(folder or data_folder("main")))
    stored = load(folder / "settings.json")
    return read_settings(folder, host=stored.host, port=port or stored.port, demo=stored.demo, options=stored.options)


def _runs(settings: Settings) -> bool:
    if not token_file(settings.data).is_file():
        return False
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((settings.host, settings.port)) == 0


def _instant(text: str, otherwise: int) -> int:
    if not text:
        return otherwise
    try:
        return parse_iso(text)
    except ValueError as error:
        raise Invalid("app.bad_time", value=text) from error


def _file(target: Path, name: str) -> Path:
    if target.suffix == ".parquet":
        return target
    target.mkdir(parents=True, exist_ok=True)
    return target / name


class _Remote:
    """The API of the running platform, as the command line of its own machine sees it."""

    def __init__(self, settings: Settings) -> None:
        self._base = f"http://{settings.host}:{settings.port}/api/v1/"
        self._token = token_file(settings.data).read_text().strip()

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return dict(orjson.loads(self._call(path, orjson.dumps(body), {"Idempotency-Key": new_id(20)})))

    def finished(self, job: str, bar: Steps) -> dict[str, Any]:
        """Wait for a job; gives its result."""
        while True:
            found = orjson.loads(self._call(f"jobs/{job}"))
            bar.step("app.steps.exporting", found["progress"], 1)
            if found["state"] == "done":
                return dict(found["result"])
            if found["state"] in ("failed", "cancelled"):
                raise Refused("app.job_failed", reason=str(found.get("error") or found["state"]))
            time.sleep(POLL_S)

    def download(self, path: str, target: Path) -> None:
        draft = target.with_suffix(".part")
        with urllib.request.urlopen(self._request(path)) as answer, draft.open("wb") as out:
            while piece := answer.read(1 << 20):
                out.write(piece)
        draft.replace(target)

    def _call(self, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> bytes:
        try:
            with urllib.request.urlopen(self._request(path, body, headers), timeout=60) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            raise Refused("app.job_failed", reason=error.read().decode(errors="replace")[:500]) from error

    def _request(
        self, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> urllib.request.Request:
        given = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json", **(headers or {})}
        return urllib.request.Request(self._base + path, data=body, headers=given)
