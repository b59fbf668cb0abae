"""What a module declares to have work done outside the web process: kinds of jobs, and schedules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tongqu.kernel.jobs.context import JobContext
    from tongqu.kernel.platform import Platform

Result = dict[str, Any]


@dataclass(frozen=True)
class JobKind:
    """One kind of long work.

    Attributes:
        id: `module.verb`, unique over all modules.
        run: `(context, parameters) -> result`, both plain JSON values; runs in a process of its own. A job whose
            process died runs once more, so what it writes must bear being written twice.
        permission: needed to submit one; None where the room that submits it checks by itself.
        time_limit_s: wall time after which it is ended and reported as failed.
        memory_mb: resident memory (with its children) above which it is ended and reported as failed.
    """

    id: str
    run: Callable[[JobContext, dict[str, Any]], Result]
    permission: str | None = None
    time_limit_s: int = 3600
    memory_mb: int = 2048


@dataclass(frozen=True)
class Schedule:
    """Something that is done from time to time by the API process.

    Attributes:
        id: `module.verb`, unique over all modules.
        every_s: seconds from one due time to the next.
        run: `(platform) -> None`; short work in a thread. Long work submits a job.
    """

    id: str
    every_s: float
    run: Callable[[Platform], None]

    def __post_init__(self) -> None:
        if self.every_s <= 0:
            raise ValueError(f"schedule {self.id}: a period of {self.every_s} s is none")
