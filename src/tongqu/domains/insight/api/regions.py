"""Region codes of a query."""

from __future__ import annotations

from tongqu.kit.errors import Invalid
from tongqu.kit.regions import parse_region


def region_of(code: str | None) -> str | None:
    """The code of a query, None where it is empty.

    Raises:
        Invalid: `insight.bad_region`.
    """
    if not code:
        return None
    try:
        return parse_region(code)
    except ValueError as error:
        raise Invalid("insight.bad_region", field="region", value=code) from error
