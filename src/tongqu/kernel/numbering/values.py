"""What a module declares of a series of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Series:
    """A series of document or control numbers, one per owner (`owner_of`) and period.

    Attributes:
        id: `module.name`.
        pattern: `str.format` with `organisation`, `region`, `year`, `month`, `day` and `number`:
            `{region}督〔{year}〕{number}号`.
        period: when it begins again with 1.
        gap_free: numbers are allocated in the unit of work that uses them, so an abandoned one leaves no hole.
    """

    id: str
    pattern: str
    period: Literal["year", "month", "day", "never"] = "year"
    gap_free: bool = True

    def owner_of(self, organisation: str, region: str) -> str:
        """Who counts: the organisation where the pattern prints it, else the region where it prints that, else all
        together. Whom the pattern does not tell apart must not count apart."""
        if "{organisation" in self.pattern:
            return organisation
        return region if "{region" in self.pattern else ""
