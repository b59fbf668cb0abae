"""Settings of an installation: command line over environment (`TONGQU_...`) over `tongqu.toml` over the defaults."""

from __future__ import annotations

import os
import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from tongqu.kernel.platform import Settings

PLATFORM_FACTORY = "tongqu.app.platform:open_platform"


def data_folder(name: str) -> Path:
    """Where an installation of this name keeps its data unless it is told otherwise."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "tongqu" / name


def read_settings(
    data: Path | None = None,
    *,
    name: str = "main",
    host: str | None = None,
    port: int | None = None,
    jt808_port: int | None = None,
    demo: bool = False,
    options: dict[str, str] | None = None,
) -> Settings:
    """Put the settings together; the folder of the data is made if it is absent.

    Raises:
        ValueError: a setting has a value it cannot have.
    """
    environment = os.environ
    folder = (data or Path(environment.get("TONGQU_DATA") or data_folder(name))).expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / "tongqu.toml"
    stored: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    ports = {
        "equipment.jt808": int(jt808_port or environment.get("TONGQU_JT808_PORT") or stored.get("jt808_port", 6808)),
        **{str(name): int(number) for name, number in stored.get("ports", {}).items()},
        **{name: int(number) for name, _, number in _pairs(environment.get("TONGQU_PORTS", ""))},
    }
    merged = {"platform_factory": PLATFORM_FACTORY, **{str(k): str(v) for k, v in stored.get("options", {}).items()}}
    return Settings(
        data=folder,
        database=environment.get("TONGQU_DATABASE")
        or stored.get("database")
        or f"sqlite:///{folder / 'records.sqlite'}",
        host=host or environment.get("TONGQU_HOST") or stored.get("host", "127.0.0.1"),
        port=int(port or environment.get("TONGQU_PORT") or stored.get("port", 8080)),
        ports=ports,
        demo=demo or bool(stored.get("demo", False)),
        options=merged | (options or {}),
    )


def _pairs(text: str) -> list[tuple[str, str, str]]:
    """`listener=port` with commas between: ports of further listeners."""
    return [item.strip().partition("=") for item in text.split(",") if item.strip()]


def save(settings: Settings) -> Path:
    """Hand the settings to the processes of the platform through a file that only the owner reads."""
    path = settings.data / "settings.json"
    path.write_bytes(orjson.dumps({**asdict(settings), "data": str(settings.data)}, option=orjson.OPT_INDENT_2))
    path.chmod(0o600)
    return path


def load(path: Path) -> Settings:
    """The settings that `save` wrote."""
    stored = orjson.loads(path.read_bytes())
    return Settings(**{**stored, "data": Path(stored["data"])})
