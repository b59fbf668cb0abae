"""`tongqu demo` and `tongqu serve`: prepare, start the processes, say where to look, wait until told to end."""

from __future__ import annotations

import shutil
import signal
import socket
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import orjson
from rich.table import Table

from tongqu.app import compiling, page
from tongqu.app import demo as demo_module
from tongqu.app.platform import open_platform, prepare
from tongqu.app.progress import both, console, steps
from tongqu.app.settings import read_settings
from tongqu.app.supervisor import ENOUGH_FILES, Supervisor, raise_file_limit
from tongqu.kernel.platform import Settings
from tongqu.kit.errors import Refused


def serve(*, data: Path | None, host: str | None, port: int | None, jt808_port: int | None, options: Any) -> None:
    """Run the platform over its own data until it is told to end."""
    settings = read_settings(data, host=host, port=port, jt808_port=jt808_port, options=options)
    _check_ports(settings)
    compiling.begin(settings.data)
    with steps("app.steps.starting") as bar:
        bar.step("app.steps.migrate", 0, 1)
        platform = open_platform(settings)
        prepare(platform)
        _first_administrator(platform)
        platform.close()
    _run(settings, ("api", "gateway", "worker"), logins=None)


def demo(
    *,
    data: Path | None,
    host: str | None,
    port: int | None,
    jt808_port: int | None,
    scale: float,
    seed: int,
    fresh: bool,
) -> None:
    """Make the demo province if it is not there, and run the platform with its simulated terminals."""
    settings = read_settings(
        data,
        name="demo" if scale == 1 else f"demo-{scale:g}",
        host=host,
        port=port,
        jt808_port=jt808_port,
        demo=True,
        options=demo_module.demo_options(seed, scale),
    )
    _check_ports(settings)
    if fresh or not demo_module.is_filled(settings):
        _empty(settings.data)
    compiling.begin(settings.data, demo=True)
    building = _build_page(settings)
    with steps("app.steps.starting") as bar:
        world = demo_module.load_world(settings, lambda name: bar.step(f"app.steps.{name}", 0, 1))
        west, south, east, north = world.land_bounds
        settings.options["map.bounds"] = f"{west},{south},{east},{north}"
        platform = open_platform(settings)
        bar.step("app.steps.migrate", 0, 1)
        prepare(platform)
        if demo_module.is_filled(settings):
            logins = demo_module.read_logins(settings)
        else:
            logins = demo_module.fill(
                platform, world, lambda name, done, total: bar.step(f"app.fill.{name}", done, total)
            )
        platform.close()
        del world
    _run(settings, ("api", "gateway", "worker", "demo"), logins=logins, building=building)


def _run(
    settings: Settings,
    roles: tuple[str, ...],
    *,
    logins: list[dict[str, str]] | None,
    building: threading.Thread | None = None,
) -> None:
    limit = raise_file_limit()
    if limit < ENOUGH_FILES:
        console.print(both("app.say.few_files", limit=limit, enough=ENOUGH_FILES), style="yellow")
    supervisor = Supervisor(settings, roles)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: supervisor.stop())
    supervisor.start()
    threading.Thread(target=_welcome, args=(settings, logins, building, supervisor), daemon=True).start()
    try:
        supervisor.run()
    finally:
        supervisor.close()
        console.print(both("app.say.ended"))


def _welcome(
    settings: Settings,
    logins: list[dict[str, str]] | None,
    building: threading.Thread | None,
    supervisor: Supervisor,
) -> None:
    """Say where to look as soon as there is something to see."""
    _print_address(settings, logins)
    health: dict[str, Any] = {}
    with steps("app.steps.waiting") as bar:
        began = time.monotonic()
        while health.get("status") not in ("ok", "degraded") and not supervisor._ending.is_set():
            time.sleep(0.5)
            try:
                with urllib.request.urlopen(f"{_address(settings)}/api/v1/health", timeout=5) as answer:
                    health = orjson.loads(answer.read())
            except (OSError, orjson.JSONDecodeError):
                health = {}
            page_waits = building is not None and building.is_alive()
            bar.step("app.steps.page" if page_waits else "app.steps.waiting", 0, 1)
            if time.monotonic() - began > 120 and not health:
                break
    if supervisor._ending.is_set():
        return
    if health:
        console.print(both("app.say.ready", address=_address(settings)), style="bold green")
    else:
        console.print(both("app.say.not_ready", log=str(supervisor.log_file)), style="bold red")


def _address(settings: Settings) -> str:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::", "localhost") else settings.host
    return f"http://{host}:{settings.port}"


def _print_address(settings: Settings, logins: list[dict[str, str]] | None) -> None:
    console.print(f"\n[bold]通衢 Tongqu[/]  {_address(settings)}   JT/T 808 tcp {settings.ports['equipment.jt808']}")
    if logins:
        table = Table(title=both("app.say.logins"), title_justify="left")
        for key in ("login", "password", "title"):
            table.add_column(both(f"app.say.{key}"))
        for one in logins:
            table.add_row(one["login"], one["password"], one["title"])
        console.print(table)


def _build_page(settings: Settings) -> threading.Thread | None:
    """Build the page beside everything else if this checkout lacks it."""
    if page.is_built():
        return None
    log = settings.data / "page-build.log"

    def run() -> None:
        try:
            page.build(log, lambda _: None)
        except (RuntimeError, OSError) as error:
            console.print(both("app.say.page_failed", reason=str(error)), style="bold red")

    thread = threading.Thread(target=run, name="page", daemon=False)
    thread.start()
    return thread


def _check_ports(settings: Settings) -> None:
    """Refuse early, with the remedy, if a port is taken.

    Raises:
        Refused: `app.port_taken`.
    """
    for name, port in {"http": settings.port, **settings.ports}.items():
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.host, port))
            except OSError as error:
                raise Refused("app.port_taken", port=port, name=name) from error


def _empty(folder: Path) -> None:
    """Throw away what an earlier or interrupted demo left, but for the world and the settings."""
    for path in folder.iterdir():
        if path.suffix == ".pickle" or path.name == "tongqu.toml":
            continue
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _first_administrator(platform: Any) -> None:
    """A new installation gets one administrator, whose password is printed once."""
    from tongqu.app import accounts

    made = accounts.first_administrator(platform)
    if made is not None:
        login, password = made
        console.print(both("app.say.first_administrator", login=login, password=password), style="bold")
        sys.stderr.flush()
