"""`tongqu export`: history as Parquet, ordered from the running platform, or read from its data at rest."""

from __future__ import annotations

import time
from pathlib import Path

from tongqu.app.platform import open_platform
from tongqu.app.progress import console, steps
from tongqu.app.remote import Remote, runs
from tongqu.app.settings import data_folder, load, read_settings
from tongqu.kernel.platform import Settings
from tongqu.kit.errors import Invalid, NotFound
from tongqu.kit.time import DAY_MS, parse_iso


def export(
    target: Path, *, start: str, end: str, region: str, data: Path | None, port: int | None, stream: str = "positions"
) -> None:
    """Write the rows of a time to `target` (a .parquet file, or a folder that gets one).

    Raises:
        Invalid: `app.bad_time`; NotFound: `app.no_data`; Refused: `app.job_failed`.
    """
    settings = settings_of(data, port)
    now = time.time_ns() // 1_000_000
    to_ms = _instant(end, now + DAY_MS)
    from_ms = _instant(start, 0)
    target.parent.mkdir(parents=True, exist_ok=True)
    with steps("app.steps.exporting") as bar:
        if runs(settings):
            remote = Remote(settings)
            body = {"stream": stream, "from": from_ms, "to": to_ms, "region": region or None}
            job = remote.post("exports", body)["job"]
            result = remote.finished(job, lambda found: bar.step("app.steps.exporting", found["progress"], 1))
            path = _file(target, result["name"])
            remote.download(f"documents/{result['document']}", path)
            rows = int(result["rows"])
        else:
            from tongqu.kernel.telemetry import exports

            path = _file(target, f"{stream}.parquet")
            rows = exports.export(open_platform(settings), path, from_ms, to_ms, region or None)
    console.print(f"{path}  {rows} rows  {path.stat().st_size / 1e6:.1f} MB", soft_wrap=True)


def settings_of(data: Path | None, port: int | None) -> Settings:
    """Settings of the installation to read: the folder named, else the default one, else the demo's."""
    folder = data or next(
        (f for f in (data_folder("main"), data_folder("demo")) if (f / "settings.json").is_file()), None
    )
    if folder is None or not (folder / "settings.json").is_file():
        raise NotFound("app.no_data", folder=str(folder or data_folder("main")))
    stored = load(folder / "settings.json")
    return read_settings(folder, host=stored.host, port=port or stored.port, demo=stored.demo, options=stored.options)


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
