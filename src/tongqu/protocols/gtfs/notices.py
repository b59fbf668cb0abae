"""What is said about a feed: notices with the code names of the canonical validator, a severity, rows and samples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tongqu.kit.text import text

Severity = Literal["error", "warning", "info"]
SAMPLES = 50
KEPT_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Notice:
    """One kind of finding in one file and field.

    Attributes:
        code: the code name of the canonical GTFS validator.
        severity: error (riders are misled or the row is unusable), warning, info.
        file: the file as it is named in the feed, ``stops.txt``.
        field: the column, or an empty text.
        total: how often.
        rows: the rows as the author counts them (the header is row 1), the first 10,000.
        samples: the first 50 with the values that show it; each has ``row`` where there is one.
    """

    code: str
    severity: Severity
    file: str
    field: str
    total: int
    rows: tuple[int, ...]
    samples: tuple[Mapping[str, Any], ...]

    @property
    def title(self) -> dict[str, str]:
        """What it means for the publisher, in both languages."""
        return text(f"gtfs.notices.{self.code}")

    def as_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "severity": self.severity,
            "file": self.file,
            "field": self.field,
            "total": self.total,
            "rows": list(self.rows[:SAMPLES]),
            "samples": [dict(sample) for sample in self.samples],
            "detail": self.title,
        }


@dataclass
class Notices:
    """Collects findings; equal code, file and field become one notice."""

    severities: Mapping[str, Severity]
    _found: dict[tuple[str, str, str], tuple[list[int], list[dict[str, Any]], list[int]]] = field(default_factory=dict)

    def add(
        self,
        code: str,
        file: str,
        field: str = "",
        rows: Iterable[int] | NDArray[np.integer] | None = None,
        samples: Sequence[Mapping[str, Any]] | Mapping[str, Sequence[Any]] | None = None,
    ) -> None:
        """Note a finding once for each of ``rows`` (once, if there are none).

        Args:
            rows: row numbers in the file; the samples go with the first of them.
            samples: one mapping for each row, or a mapping of columns (only their first entries are read).
        """
        numbers = None if rows is None else np.asarray(list(rows) if not isinstance(rows, np.ndarray) else rows)
        if numbers is not None and not len(numbers):
            return
        kept, shown, total = self._found.setdefault((code, file, field), ([], [], [0]))
        total[0] += 1 if numbers is None else len(numbers)
        if numbers is not None:
            kept.extend(int(row) for row in numbers[: max(0, KEPT_ROWS - len(kept))])
        room = SAMPLES - len(shown)
        if room <= 0:
            return
        count = min(room, 1 if numbers is None else len(numbers))
        for index in range(count):
            sample = _sample(samples, index)
            if numbers is not None:
                sample["row"] = int(numbers[index])
            shown.append(sample)

    def extend(self, notices: Iterable[Notice]) -> None:
        """Take over notices that were made before."""
        for notice in notices:
            kept, shown, total = self._found.setdefault((notice.code, notice.file, notice.field), ([], [], [0]))
            total[0] += notice.total
            kept.extend(notice.rows[: max(0, KEPT_ROWS - len(kept))])
            shown.extend(dict(sample) for sample in notice.samples[: max(0, SAMPLES - len(shown))])

    def __iter__(self) -> Iterator[Notice]:
        for (code, file, column), (rows, shown, total) in self._found.items():
            yield Notice(code, self.severities[code], file, column, total[0], tuple(rows), tuple(shown))

    def done(self) -> tuple[Notice, ...]:
        """The notices, errors first, by code."""
        order = {"error": 0, "warning": 1, "info": 2}
        return tuple(sorted(self, key=lambda notice: (order[notice.severity], notice.code, notice.file, notice.field)))


def _sample(samples: Sequence[Mapping[str, Any]] | Mapping[str, Sequence[Any]] | None, index: int) -> dict[str, Any]:
    if samples is None:
        return {}
    if isinstance(samples, Mapping):
        return {name: _plain(column[index]) for name, column in samples.items()}
    return dict(samples[index]) if index < len(samples) else {}


def _plain(value: Any) -> Any:
    as_py = getattr(value, "as_py", None)
    if as_py is not None:
        return as_py()
    return value.item() if isinstance(value, np.generic) else value
