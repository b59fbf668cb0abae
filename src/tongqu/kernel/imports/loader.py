"""What a module declares of whole files that it takes in (`tongqu load`): networks, feeds, logs, traces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tongqu.kernel.jobs import JobContext


@dataclass(frozen=True)
class Loader:
    """A kind of file. Its title stands in the module's locale under `loaders.{name}.title`.

    Attributes:
        id: `module.name`.
        recognise: `(path, head) -> float`: how sure it is, 0 to 1, that the file is its own; `head` is its first 64 KB.
            It must be quick, and never raise for a strange file.
        load: `(context, path, options) -> report`: takes it in, with progress and cancel by `context`; the report has
            `taken`, `flagged`, `refused` (counts by what) and `problems` (the first 1,000 as `kit.errors.Problem`).
        permission: who may.
        suffixes: endings of file names for the page's file chooser.
    """

    id: str
    recognise: Callable[[Path, bytes], float]
    load: Callable[[JobContext, Path, dict[str, Any]], dict[str, Any]]
    permission: str
    suffixes: tuple[str, ...] = ()
