"""What a loader reports, in one shape whatever it loads."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tongqu.kit.errors import Problem

MOST_PROBLEMS = 1_000


@dataclass
class Report:
    """Counts by what, and the first problems; a loader fills one and gives `as_dict()`.

    Attributes:
        taken: what was taken in: `{"fixes": 1200}`.
        flagged: what was taken in and carries a mark.
        refused: what was left out.
        problems: the first of them, with row or field.
    """

    taken: Counter[str] = field(default_factory=Counter)
    flagged: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    about: dict[str, Any] = field(default_factory=dict)

    def note(self, problem: Problem) -> None:
        """Keep a problem, if there are not too many already."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)

    def refuse(self, what: str, problem: Problem, count: int = 1) -> None:
        self.refused[what] += count
        self.note(problem)

    def flag(self, what: str, problem: Problem, count: int = 1) -> None:
        self.flagged[what] += count
        self.note(problem)

    def as_dict(self) -> dict[str, Any]:
        return {
            "taken": dict(self.taken),
            "flagged": dict(self.flagged),
            "refused": dict(self.refused),
            "problems": self.problems,
            **self.about,
        }


def plain(report: dict[str, Any]) -> dict[str, Any]:
    """A loader's report as JSON: problems with their texts in both languages."""
    problems = [one.as_dict() if isinstance(one, Problem) else one for one in report.get("problems", ())]
    counts = {name: {k: int(v) for k, v in report.get(name, {}).items()} for name in ("taken", "flagged", "refused")}
    return {**report, **counts, "problems": problems[:MOST_PROBLEMS]}
