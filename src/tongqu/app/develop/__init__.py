"""Developers' commands: every habit of the house is one."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tongqu.app import compiling, page
from tongqu.app.develop import scope_lint
from tongqu.app.progress import console
from tongqu.kit.errors import Refused

Task = Callable[[list[str]], int]


def checkout() -> Path:
    """The root of the source tree.

    Raises:
        Refused: `app.not_a_checkout`.
    """
    root = page.root()
    if root is None:
        raise Refused("app.not_a_checkout")
    return root


def test(arguments: list[str]) -> int:
    """Everything that must hold: style, types, import rules, scope, the page's own tests, then pytest.

    With arguments only pytest runs, with them.
    """
    if arguments:
        return _pytest(arguments)
    compile_ahead()  # beside the checks, which leave a core idle
    failed = [name for name, task in CHECKS.items() if _timed(name, task)]
    code = _pytest(["-n", "2", "--dist", "loadgroup"])
    if failed:
        console.print(f"failed: {', '.join(failed)}", style="bold red")
    return code or (1 if failed else 0)


def compile_ahead() -> None:
    """Begin to compile what the tests will need, so that none of them waits for it."""
    compiling.begin(checkout() / ".tongqu", demo=True, hurry=True)


def run(task: str, arguments: list[str]) -> int:
    """One developers' command; gives its exit code."""
    found = TASKS.get(task)
    if found is None:
        console.print(f"{task!r}; there are: {', '.join(sorted(TASKS))}", style="red")
        return 2
    return found(arguments)


def _timed(name: str, task: Task) -> int:
    began = time.monotonic()
    code = task([])
    console.print(f"{name}: {'ok' if code == 0 else 'FAILED'} ({time.monotonic() - began:.1f} s)")
    return code


def _call(*command: str, cwd: Path | None = None) -> int:
    return subprocess.run(command, cwd=cwd or checkout(), check=False).returncode


def _python(*arguments: str) -> int:
    return _call(sys.executable, "-m", *arguments)


def _fmt(_: list[str]) -> int:
    return _python("ruff", "check", "--fix", ".") or _python("ruff", "format", ".")


def _style(_: list[str]) -> int:
    return _python("ruff", "check", "-q", ".") or _python("ruff", "format", "-q", "--check", ".")


def _types(_: list[str]) -> int:
    return _python("mypy")


def _imports(_: list[str]) -> int:
    return _call(str(Path(sys.executable).with_name("lint-imports")), "--no-cache")


def _scope(_: list[str]) -> int:
    findings = scope_lint.examine(checkout() / "src" / "tongqu")
    for finding in findings:
        console.print(finding, style="red")
    return 1 if findings else 0


def _lint(arguments: list[str]) -> int:
    return max(_style(arguments), _imports(arguments), _scope(arguments))


def _page(_: list[str]) -> int:
    """Build the page if a source is newer, then its types and unit tests."""
    root = checkout()
    log = root / ".tongqu" / "page-build.log"
    log.parent.mkdir(exist_ok=True)
    if not page.is_built():
        try:
            page.build(log, lambda name: console.print(f"page: {name}"))
        except RuntimeError as error:
            console.print(str(error), style="red")
            return 1
    for script in ("types", "test"):
        if page.npm(["run", script], root):
            return 1
    return 0


def _pytest(arguments: list[str]) -> int:
    return _python("pytest", *arguments)


def _bench(arguments: list[str]) -> int:
    """Run one bench by name, or all."""
    folder = checkout() / "benches"
    names = [name for name in arguments if not name.startswith("-")]
    options = [name for name in arguments if name.startswith("-")]
    chosen = [folder / f"{name}.py" for name in names] or sorted(folder.glob("*.py"))
    return max((_call(sys.executable, str(path), *options) for path in chosen if path.name != "bench.py"), default=0)


def _screens(arguments: list[str]) -> int:
    """Look at every page, in each size with each language and theme."""
    looking = ["tests/browser/test_screens.py", "tests/browser/test_travel.py"]
    return _pytest([*looking, "-k", "every_ or wall", "-q", "--every-round", *arguments])


def _deletion(arguments: list[str]) -> int:
    from tongqu.app.develop import deletion

    return deletion.prove(checkout(), arguments)


def _crash(arguments: list[str]) -> int:
    """Rounds of kill -9 under load, compared with the sender's journal."""
    return _call(sys.executable, str(checkout() / "tests" / "crash" / "campaign.py"), *arguments)


def _storm(arguments: list[str]) -> int:
    """10,000 reconnects of 1,500 terminals."""
    return _call(sys.executable, str(checkout() / "tests" / "crash" / "storm.py"), *arguments)


def _migration(arguments: list[str]) -> int:
    from tongqu.app.develop import migration

    return migration.draft(*arguments)


def _new_module(arguments: list[str]) -> int:
    from tongqu.app.develop import new_module

    root = checkout()
    code = new_module.make(root, *arguments[:3])
    # How lines break depends on how long the name is.
    return code or _python("ruff", "format", "-q", str(root / "src" / "tongqu" / "domains" / arguments[0]))


CHECKS: dict[str, Task] = {"style": _style, "types": _types, "imports": _imports, "scope": _scope, "page": _page}
TASKS: dict[str, Task] = {
    "fmt": _fmt,
    "lint": _lint,
    "types": _types,
    "test": test,
    "page": _page,
    "bench": _bench,
    "screens": _screens,
    "migration": _migration,
    "new-module": _new_module,
    "deletion": _deletion,
    "crash": _crash,
    "storm": _storm,
}
