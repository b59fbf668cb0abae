"""`tongqu rules replay`: whether the alarms that there are follow from the rows that there are."""

from __future__ import annotations

import time
from typing import Annotated

import orjson
import typer

from tongqu.kit.time import parse_iso


def app() -> typer.Typer:
    """`rules`, to stand beside the commands of the app."""
    rules = typer.Typer(help="Rules over the history.")

    @rules.callback()
    def top() -> None:
        """Rules over the history."""

    rules.command("replay")(replay)
    commands = typer.Typer()
    commands.add_typer(rules, name="rules")
    return commands


def replay(
    begin: Annotated[str, typer.Option("--from", help="Begin, ISO 8601; without a zone that of China.")],
    end: Annotated[str, typer.Option("--to", help="End; now if it is not given.")] = "",
    address: Annotated[str, typer.Option(help="Of the running platform.")] = "http://127.0.0.1:8080",
    token: Annotated[str, typer.Option(envvar="TONGQU_TOKEN", help="Token of somebody who may replay.")] = "",
) -> None:
    """Run all rules over the history of the running platform; ends with 1 if alarms differ."""
    import httpx

    to_ms = parse_iso(end) if end else round(time.time() * 1000)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with httpx.Client(base_url=f"{address}/api/v1/", headers=headers, timeout=60) as client:
        answer = client.post("rules/replay", json={"from_ms": parse_iso(begin), "to_ms": to_ms})
        state = answer.json()
        while answer.status_code < 300 and state["state"] == "running":
            typer.echo(f"{state['rows']}", err=True)
            time.sleep(1)
            answer = client.get("rules/replay")
            state = answer.json()
    typer.echo(orjson.dumps(state, option=orjson.OPT_INDENT_2).decode())
    raise typer.Exit(0 if state.get("agrees") else 1)
