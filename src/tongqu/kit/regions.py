"""Region codes as in GB/T 2260: two digits a level; a code covers all codes that begin with it.

Codes are held without trailing `00` pairs (`51`, `5101`, `510104`), so that "covers" is a prefix. The form with
six digits (`510000`) is read at the edge by `parse_region`.
"""

from __future__ import annotations

import re
from typing import NewType

RegionCode = NewType("RegionCode", str)

LEVELS = {2: "province", 4: "city", 6: "county", 9: "township", 12: "village"}


def parse_region(text: str) -> RegionCode:
    """A region code from either form.

    Raises:
        ValueError: the text is no region code.
    """
    if re.fullmatch(r"\d{6}", text):
        while len(text) > 2 and text.endswith("00"):
            text = text[:-2]
    if not text.isdigit() or len(text) not in LEVELS:
        raise ValueError(f"not a region code: {text!r}")
    return RegionCode(text)


def level(code: str) -> str:
    """`province`, `city`, `county`, `township` or `village`."""
    return LEVELS[len(code)]


def covers(outer: str, inner: str | None) -> bool:
    """Whether `inner` is `outer` or lies within it."""
    return inner is not None and inner.startswith(outer)


def parent(code: str) -> RegionCode | None:
    """The code one level up, None for a province."""
    lengths = [length for length in LEVELS if length < len(code)]
    return RegionCode(code[: lengths[-1]]) if lengths else None
