"""Commands of equipment: `tongqu simulate` and `tongqu replay`."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tongqu.domains.equipment.simulator import capture, replay
from tongqu.domains.equipment.simulator.circles import Circles
from tongqu.domains.equipment.simulator.fleet import Fleet, play, system_ms
from tongqu.domains.equipment.simulator.values import Identity
from tongqu.kit.text import text

Host = Annotated[str, typer.Option("--host", help="Where the platform listens.")]
Port = Annotated[int, typer.Option("--port", help="Port of JT/T 808 over TCP.")]
MIDDLE = (121.6, 29.9)
console = Console(stderr=True, highlight=False)


def app() -> typer.Typer:
    """Both commands, to stand beside those of the app."""
    commands = typer.Typer()
    commands.command("simulate")(simulate)
    commands.command("replay")(replay_capture)
    return commands


def simulate(
    host: Host = "127.0.0.1",
    port: Port = 6808,
    number: Annotated[int, typer.Option("-n", "--number", min=1, max=200_000, help="Terminals.")] = 10,
    rate: Annotated[float, typer.Option(min=0.001, max=10, help="Positions a second, each terminal.")] = 1.0,
    seconds: Annotated[float, typer.Option(min=0, help="How long; 0 until interrupted.")] = 60.0,
    edition: Annotated[int, typer.Option(help="2013 or 2019; 0 for both.")] = 0,
    first_phone: Annotated[int, typer.Option(help="SIM number of the first terminal.")] = 10_070_000_001,
    lon: Annotated[float, typer.Option(min=-180, max=180)] = MIDDLE[0],
    lat: Annotated[float, typer.Option(min=-89, max=89)] = MIDDLE[1],
    spread_km: Annotated[float, typer.Option(min=0.1, max=1000)] = 30.0,
    outage_every: Annotated[
        float, typer.Option(min=0, help="Mean seconds between outages of a terminal; 0: none.")
    ] = 0,
    dials: Annotated[float, typer.Option(min=0.1, help="Connections opened a second.")] = 200.0,
    seed: int = 7,
) -> None:
    """Play a fleet of terminals against a JT/T 808 platform; prints what came of it as one JSON object."""
    if edition not in (0, 2013, 2019):
        raise typer.BadParameter("2013, 2019 or 0", param_hint="--edition")
    began, until = system_ms(), time.monotonic() + (seconds or float("inf"))
    identities = [_identity(first_phone + index, edition or (2019 if index % 4 else 2013)) for index in range(number)]
    source = Circles(number, lon, lat, spread_km=spread_km, interval_ms=round(1000 / rate), begin_ms=began, seed=seed)
    with _bar() as bar:
        task = bar.add_task(_both("dialing"), total=seconds or None)

        def show(fleet: Fleet) -> None:
            counts = fleet.counts
            said = (
                f"{_both('online')} {counts.online}  {_both('sent')} {counts.sent}  "
                f"{_both('acknowledged')} {counts.acknowledged}"
            )
            bar.update(task, description=said, completed=(system_ms() - began) / 1000)

        try:
            fleet = play(
                lambda: Fleet(
                    identities, source, host, port, dials_per_s=dials, outage_every_s=outage_every, seed=seed
                ),
                lambda: time.monotonic() >= until,
                show,
            )
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
    counts = fleet.counts
    if counts.refused:
        console.print(_both("refused", count=counts.refused, reason=fleet.first_refusal), style="yellow")
    elif counts.failed_dials and not counts.acknowledged:
        console.print(_both("no_connection", host=host, port=port, reason=fleet.first_refusal), style="bold red")
    typer.echo(orjson.dumps({"terminals": number, **counts.as_dict()}).decode())
    raise typer.Exit(0 if counts.acknowledged == counts.sent else 1)


def replay_capture(
    file: Annotated[Path, typer.Argument(help="Session .json, hex lines, .bin stream or .gpx track; also .gz.")],
    speed: Annotated[float, typer.Option(min=0, help="How much faster than recorded; 0: as fast as possible.")] = 1.0,
    host: Host = "127.0.0.1",
    port: Port = 6808,
    phone: Annotated[str, typer.Option(help="SIM number of the terminal that drives a track.")] = "10070000000",
    edition: Annotated[int, typer.Option(help="Edition in which a track is told: 2013 or 2019.")] = 2019,
    now: Annotated[bool, typer.Option("--now", help="A track begins now instead of when it was recorded.")] = False,
) -> None:
    """Play a capture through a real socket; prints what came of it as one JSON object."""
    steps = capture.read(file, phone=phone, version=edition, begin_ms=system_ms() if now else None)
    with _bar() as bar:
        task = bar.add_task(file.name, total=len(steps))

        def show(played: replay.Played) -> None:
            bar.update(task, completed=played.sent)

        played = asyncio.run(replay.play(steps, host, port, speed, show))
    typer.echo(
        orjson.dumps(
            {
                "file": file.name,
                "sent": played.sent,
                "answered": played.answered,
                "refused": played.refused,
                "phones": played.phones,
            }
        ).decode()
    )
    raise typer.Exit(0 if not played.refused else 1)


def _identity(phone: int, version: int) -> Identity:
    digits = str(phone)
    return Identity(digits, version, terminal_id=f"S{phone % 1_000_000:06d}", imei=f"86{phone % 10**13:013d}")


def _bar() -> Progress:
    columns = (BarColumn(bar_width=24), TextColumn("{task.description}"), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=not console.is_terminal)


def _both(name: str, **params: Any) -> str:
    found = text(f"equipment.cli.{name}", **params)
    return f"{found['zh']} / {found['en']}"
