"""Progress on the terminal: one rich bar for a list of steps, plain lines where there is no terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from tongqu.kit.text import register, text

register("app", "tongqu.app")
console = Console(stderr=True, highlight=False)


def both(key: str, **params: object) -> str:
    """Chinese and English on one line, for the terminal."""
    found = text(key, **params)
    return f"{found['zh']} / {found['en']}"


class Steps:
    """A bar that advances from step to step."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task
        self._said = ""

    def step(self, key: str, done: float, total: float) -> None:
        self._progress.update(self._task, description=both(key), completed=done, total=total)
        if not console.is_terminal and key != self._said:
            console.print(f"  {both(key)}")
        self._said = key


@contextmanager
def steps(title_key: str) -> Iterator[Steps]:
    """Show a bar under a title while the block runs."""
    bar = Progress(
        SpinnerColumn(), BarColumn(bar_width=28), TextColumn("{task.description}"), TimeElapsedColumn(), console=console
    )
    with bar:
        yield Steps(bar, bar.add_task(both(title_key), total=None))
