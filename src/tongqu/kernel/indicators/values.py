"""What a module declares of an indicator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Indicator:
    """A figure that can be defended. Its title, formula and note stand in the module's locale under
    `indicators.{name}.title`, `.formula`, `.note`.

    Attributes:
        id: `module.name`.
        unit: `%`, `km/h`, `1/1000 km`, `vehicles`.
        version: counts up when the formula changes; observations of different versions are not drawn as one line.
        expression: `(tables, window) -> ibis.Table`: grain columns and `value`, with `numerator` and `denominator`
            where it is a ratio. `tables` gives the streams and projections by name as Ibis tables.
        rows: `(tables, window, key) -> ibis.Table`: the rows that one value came from.
        grain: columns of a value besides its period: `("region",)`, `("road", "hour")`.
        periods: what it is computed for: `hour`, `day`.
        parameters: ids of rulebook parameters used; their status is printed beside the figure.
        better: `higher`, `lower` or empty.
        read: permission.
    """

    id: str
    unit: str
    version: int
    expression: Callable[..., Any]
    rows: Callable[..., Any]
    grain: tuple[str, ...] = ("region",)
    periods: tuple[str, ...] = ("hour", "day")
    parameters: tuple[str, ...] = ()
    better: str = ""
    read: str = ""
