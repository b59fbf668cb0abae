"""The `tongqu` command."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

import tongqu
from tongqu.app.problems import RemoteProblem
from tongqu.app.progress import console
from tongqu.kit.errors import TongquError

app = typer.Typer(
    name="tongqu",
    help="Tongqu 通衢: an open smart-transport platform.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Data = Annotated[Path | None, typer.Option("--data", help="Folder of the data.")]
Host = Annotated[str | None, typer.Option("--host", help="Address to bind to; loopback by default.")]
Port = Annotated[int | None, typer.Option("--port", help="Port of page and API (8080).")]
Jt808Port = Annotated[int | None, typer.Option("--jt808-port", help="Port of JT/T 808 over TCP (6808).")]


@app.callback(invoke_without_command=True)
def top(version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False) -> None:
    if version:
        typer.echo(f"tongqu {tongqu.__version__}")
        raise typer.Exit


@app.command()
def demo(
    data: Data = None,
    host: Host = None,
    port: Port = None,
    jt808_port: Jt808Port = None,
    scale: Annotated[float, typer.Option(min=0.01, max=50, help="1 is 2,000 vehicles.")] = 1,
    seed: Annotated[int, typer.Option(help="Same seed, same province.")] = 7,
    fresh: Annotated[bool, typer.Option("--fresh", help="Throw the old demo data away first.")] = False,
) -> None:
    """Make the demo province and start everything."""
    from tongqu.app import start

    start.demo(data=data, host=host, port=port, jt808_port=jt808_port, scale=scale, seed=seed, fresh=fresh)


@app.command()
def serve(
    data: Data = None,
    host: Host = None,
    port: Port = None,
    jt808_port: Jt808Port = None,
    admission: Annotated[str, typer.Option(help="Unknown terminals: open or registered.")] = "",
) -> None:
    """Start the platform over its own data."""
    from tongqu.app import start

    options = {"equipment.admission": admission} if admission else {}
    start.serve(data=data, host=host, port=port, jt808_port=jt808_port, options=options)


@app.command()
def decode(
    name: Annotated[str, typer.Argument(metavar="FORMAT", help="Wire format, e.g. jt808 or ais.")],
    items: Annotated[
        list[str], typer.Argument(metavar="LINE...", help="Frames in hex, sentences of AIS; - for standard input.")
    ],
    explain: Annotated[bool, typer.Option("--explain", help="Every field with its offset.")] = False,
) -> None:
    """Decode frames: one JSON object each, refused ones included."""
    from tongqu.app import decode as decoding

    if name not in decoding.formats():
        raise typer.BadParameter(f"{name!r}; there are: {', '.join(decoding.formats())}", param_hint="FORMAT")
    refused = 0
    for result in decoding.decode_lines(name, decoding.source(items), explain):
        refused += not result["ok"]
        typer.echo(orjson.dumps(result, default=str).decode())
    raise typer.Exit(1 if refused else 0)


@app.command()
def export(
    target: Annotated[Path, typer.Argument(help="Folder or .parquet file to write.")],
    stream: Annotated[str, typer.Option(help="Which stream.")] = "positions",
    start: Annotated[str, typer.Option("--from", help="ISO time; +08:00 if it has no offset.")] = "",
    end: Annotated[str, typer.Option("--to", help="ISO time, exclusive.")] = "",
    region: Annotated[str, typer.Option(help="Region code.")] = "",
    data: Data = None,
    port: Port = None,
) -> None:
    """Write history as Parquet, from the running platform or from its data at rest."""
    from tongqu.app import exporting

    exporting.export(target, stream=stream, start=start, end=end, region=region, data=data, port=port)


@app.command()
def load(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files: .pbf, GTFS, AIS, GPX, .xlsx ...")],
    kind: Annotated[str, typer.Option("--as", help="Id of the loader, where recognition errs.")] = "",
    option: Annotated[list[str] | None, typer.Option("--option", help="NAME=VALUE for the loader; repeatable.")] = None,
    data: Data = None,
    port: Port = None,
) -> None:
    """Take whole files in, whatever they are: recognised, loaded, reported."""
    from tongqu.app import loading

    raise typer.Exit(loading.load(files, kind=kind, options=option or [], data=data, port=port))


@app.command()
def doctor(
    part: Annotated[str, typer.Argument(help="Only this part, e.g. modules or audit.")] = "",
    data: Data = None,
    port: Port = None,
    jt808_port: Jt808Port = None,
) -> None:
    """Say what is wrong and how to mend it."""
    from tongqu.app import doctor as surgery

    raise typer.Exit(surgery.examine(part, data=data, port=port, jt808_port=jt808_port))


@app.command()
def bundle(
    target: Annotated[Path, typer.Argument(help="Archive to write.")] = Path("tongqu-bundle.tar.gz"),
) -> None:
    """Make one archive that installs on a machine without network."""
    from tongqu.app import bundling

    bundling.bundle(target)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(context: typer.Context) -> None:
    """Run the tests; further arguments go to pytest."""
    from tongqu.app import develop

    raise typer.Exit(develop.test(context.args))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def dev(
    context: typer.Context,
    task: Annotated[
        str,
        typer.Argument(
            help="fmt, lint, types, test, page, bench, screens, migration, new-module, deletion, crash, storm."
        ),
    ],
) -> None:
    """Developers' commands."""
    from tongqu.app import develop

    raise typer.Exit(develop.run(task, context.args))


def _add_modules() -> None:
    """Commands that modules bring along stand beside ours; the rest starts without loading any of them."""
    from tongqu.app import registry

    for module in registry.modules():
        if module.cli is not None:
            app.add_typer(module.cli(), name=None)


def main() -> None:
    """Entry point: errors of ours are printed in both languages, without a stack trace."""
    try:
        if sys.argv[1:2] not in (["decode"], ["--version"], ["test"], ["dev"], ["bundle"]):
            _add_modules()
        app()
    except TongquError as error:
        complain(error.as_problem())
        sys.exit(2)
    except RemoteProblem as error:
        complain(error.body)
        sys.exit(2)


def complain(found: dict[str, Any]) -> None:
    """Print a problem in both languages."""
    console.print(f"[bold red]{found['code']}[/]  {found['detail']['zh']} / {found['detail']['en']}", markup=True)
    for problem in found["problems"]:
        console.print(f"  {problem['field'] or problem['row'] or ''}: {problem['detail']['zh']}")


if __name__ == "__main__":
    main()
