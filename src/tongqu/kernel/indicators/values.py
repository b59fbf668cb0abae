"""What a module declares of an indicator, and the tables of records that indicators read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from tongqu.kernel.platform import Platform
    from tongqu.kernel.store import Work

Period = Literal["hour", "day"]
PERIODS: tuple[Period, ...] = ("hour", "day")
READ, COMPUTE = "indicators.read", "indicators.compute"
SCOPE_COLUMNS = ("organisation", "region")
"""Columns of every row: whose it is. An observation stands for one pair of them (and the grain's other columns)."""


@dataclass(frozen=True)
class Window:
    """The time that a value is for: `from_ms <= t < to_ms`, an hour or a day of China (+08:00)."""

    period: Period
    from_ms: int
    to_ms: int

    @property
    def length_ms(self) -> int:
        return self.to_ms - self.from_ms


@dataclass(frozen=True)
class Tables:
    """The tables that `rows` may read, as unbound Ibis tables; sources.py lists their columns.

    Attributes:
        positions: fixes of the window with `thing`, the key of what their source was fitted to then.
        things: the registry as it is now.
        bindings: which source was fitted to what, and when.
        parameters: values of the rulebook parameters that the indicator names, as in force at the window's beginning.
        others: projections by id (`alarms.alarms`).
    """

    positions: ibis.Table
    things: ibis.Table
    bindings: ibis.Table
    parameters: dict[str, Any] = field(default_factory=dict)
    others: dict[str, ibis.Table] = field(default_factory=dict)

    def __getitem__(self, projection: str) -> ibis.Table:
        return self.others[projection]


@dataclass(frozen=True)
class Projection:
    """Records of a module as a table for indicators.

    DuckDB never opens the records: whoever computes reads the rows of a time once and hands them over as Arrow.

    Attributes:
        id: `module.name`.
        schema: Arrow schema. With a column `time_ms` a row counts in the window that holds that time; without one all
            rows are there in every window, and the indicator says by their own times which count.
        read: `(work, from_ms, to_ms) -> pyarrow.Table` of the rows with `from_ms <= time_ms < to_ms` (without such a
            column: of all rows), whoever they belong to: the actor is the platform.
        of_positions: what makes the table where it is no records but something reckoned for each fix (the road it is
            on): `(platform, fixes) -> pyarrow.Table` of the schema, called wherever figures or their rows are computed,
            with the good fixes of a window in batches (columns `sources.FIXES`). `read` then gives what the answer
            depends on besides the fixes (a revision of the network), so that a change computes the window anew.
    """

    id: str
    schema: Callable[[], pa.Schema]
    read: Callable[[Work, int, int], pa.Table]
    of_positions: Callable[[Platform, pa.Table], pa.Table] | None = None


@dataclass(frozen=True)
class Indicator:
    """A figure that can be defended. Its title, formula and note stand in the module's locale under
    `indicators.{name}.title`, `.formula`, `.note`; names of further columns of its rows under `fields.{column}`.

    A value is `scale * sum(numerator) / sum(denominator)` over its rows, or `scale * sum(numerator)` without a
    denominator. So values of many regions and fleets add up to the value of all of them, whoever asks, and each value
    opens the rows it is the sum of.

    Attributes:
        id: `module.name`.
        unit: `%`, `km/h`, `1/1000 km`, `vehicles`.
        version: counts up when the formula changes; observations of different versions are not drawn as one line.
        rows: `(tables, window) -> ibis.Table`: one row for each thing that counts, with the columns `organisation` and
            `region` (text or null), those of `grain`, `numerator` and, for a ratio, `denominator`, and whatever a
            reader needs to see what the row is (`urn`, `label` ...).
        scale: 100 for a percentage.
        ratio: whether there is a denominator.
        grain: columns that observations are kept by, besides `organisation` and `region`: `("category",)`.
        periods: what it is computed for.
        projections: ids of the projections it reads.
        parameters: ids of rulebook parameters used; their status is printed beside the figure.
        order: column that rows are shown by, `-` before it for descending.
        better: `higher`, `lower` or empty.
        decimals: how many are shown.
        read: permission to see figures and rows, `indicators.read` besides.
    """

    id: str
    unit: str
    version: int
    rows: Callable[[Tables, Window], Any]
    scale: float = 1.0
    ratio: bool = False
    grain: tuple[str, ...] = ()
    periods: tuple[Period, ...] = PERIODS
    projections: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    order: str = "urn"
    better: Literal["higher", "lower", ""] = ""
    decimals: int = 1
    read: str = READ

    def value(self, numerator: float | None, denominator: float | None) -> float | None:
        """The figure of summed parts; None where nothing was there to count."""
        if numerator is None:
            return None
        if not self.ratio:
            return self.scale * numerator
        return self.scale * numerator / denominator if denominator else None

    @property
    def module(self) -> str:
        return self.id.partition(".")[0]

    def text_key(self, what: str) -> str:
        return f"{self.module}.indicators.{self.id.partition('.')[2]}.{what}"
