"""Parameters of law and standards: dated, sourced, with a status that whoever uses them prints."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """How sure a number is."""

    VERIFIED = "verified"
    CROSS_CHECKED = "cross_checked"
    UNVERIFIED = "unverified"


@dataclass(frozen=True)
class Parameter:
    """One parameter for one jurisdiction and time.

    Attributes:
        id: `module.book.name`, `fleets.driving.continuous_driving_s`.
        value: number, text, list or table; its unit is the suffix of its name.
        jurisdiction: region code it holds in (and below), empty for the whole country.
        effective_from, effective_to: dates `YYYY-MM-DD` in China, the second exclusive; empty for open ends.
        source: instrument and clause.
        status: verified, cross-checked or unverified.
    """

    id: str
    value: Any
    jurisdiction: str
    effective_from: str
    effective_to: str
    source: str
    status: Status
