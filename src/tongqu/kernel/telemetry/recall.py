"""Rows for those who read the past anew: of some subjects, or all that came in after an offset of the log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tongqu.kernel.telemetry.directory import FOREVER, View
from tongqu.kernel.telemetry.history import EVER, History, Part, from_arrow, parts
from tongqu.kernel.telemetry.rows import COLUMNS, Column

SPARE_MS = 3_600_000
"""Sealed files whose newest row was received so long before an offset hold nothing that came after it."""


class Wanted(NamedTuple):
    """Rows of a subject: those of a source in `[from_ms, to_ms)`."""

    subject: int
    source: int
    from_ms: int
    to_ms: int


def of_subject(view: View, key: int, from_ms: int, to_ms: int = FOREVER) -> list[Wanted]:
    """Which rows are those of a subject in a time, by the bindings that are known now."""
    slot = view.slot(key)
    if slot < 0:
        return [Wanted(key, key, from_ms, to_ms)]
    return [Wanted(key, source, begin, end) for source, begin, end in view.sources_of(slot, from_ms, to_ms)]


def rows_of_subjects(history: History, wanted: Sequence[Wanted], upto: int) -> dict[str, Column]:
    """Rows of subjects that came in before an offset of the log, `subject` as wanted, in no particular order."""
    asked = pa.table({
        "subject": pa.array([one.subject for one in wanted], pa.int64()),
        "source": pa.array([one.source for one in wanted], pa.int64()),
        "from_ms": pa.array([one.from_ms for one in wanted], pa.int64()),
        "to_ms": pa.array([one.to_ms for one in wanted], pa.int64()),
    })  # fmt: skip
    if not len(asked):
        return from_arrow(None)
    begin, end = min(one.from_ms for one in wanted), max(one.to_ms for one in wanted)
    names = ", ".join("asked.subject" if name == "subject" else f"h.{name}" for name in COLUMNS)
    with history.reading() as cursor:
        pieces = [f"SELECT * FROM {history.table_of(part)}" for part in parts(cursor) if part.may_hold(begin, end)]
        cursor.register("asked", asked)
        found = cursor.execute(
            f"SELECT {names} FROM ({' UNION ALL '.join(pieces)}) AS h JOIN asked ON h.source = asked.source "
            f"AND h.time_ms >= asked.from_ms AND h.time_ms < asked.to_ms WHERE h.log_offset < {int(upto)}"
        ).to_arrow_table()
        cursor.unregister("asked")
    return from_arrow(found)


def rows_between(history: History, begin: int, end: int, received_ms: int) -> dict[str, Column]:
    """Rows of the log's offsets `[begin, end)`, in no particular order.

    Args:
        received_ms: when the first of them came in, at the earliest; sealed files without younger rows are left out.
    """
    names = ", ".join(COLUMNS)
    with history.reading() as cursor:
        pieces = [
            f"SELECT {names} FROM {history.table_of(part)} WHERE log_offset >= {int(begin)} AND log_offset < {int(end)}"
            for part in parts(cursor)
            if part.kind != "file" or part.received_ms >= received_ms - SPARE_MS
        ]
        return from_arrow(cursor.execute(" UNION ALL ".join(pieces)).to_arrow_table())


def counted(history: History) -> int:
    """How many rows there are."""
    with history.reading() as cursor:
        known = cursor.execute('SELECT coalesce(sum("rows"), 0) FROM part').fetchone()
        fresh = cursor.execute("SELECT count(*) FROM fresh").fetchone()
    return int(known[0] if known else 0) + int(fresh[0] if fresh else 0)


def by_source(
    history: History, from_ms: int, to_ms: int, at_once: int, together: Sequence[int] = ()
) -> Iterator[dict[str, Column]]:
    """All rows of a time in pieces of about so many, each with whole sources.

    Args:
        together: keys of sources that must come in one piece, the first.
    """
    with history.reading() as cursor:
        pieces = [part for part in parts(cursor) if part.may_hold(from_ms, to_ms)]
        union = " UNION ALL ".join(_timed(history, part, from_ms, to_ms, "source") for part in pieces)
        counts = cursor.execute(f"SELECT source, count(*) FROM ({union}) GROUP BY source ORDER BY source").fetchnumpy()
        sources, count = np.asarray(counts["source"]), np.asarray(counts["count_star()"])
        apart = ~np.isin(sources, np.array(together, dtype=np.int64))
        listed = ", ".join(str(int(one)) for one in together) or "-1"
        names = ", ".join(COLUMNS)

        def read(condition: str, low: int, high: int) -> dict[str, Column]:
            union = " UNION ALL ".join(
                f"{_timed(history, part, from_ms, to_ms, names)} AND {condition}"
                for part in pieces
                if part.min_source <= high and part.max_source >= low
            )
            return from_arrow(cursor.execute(union).to_arrow_table())

        if (~apart).any():
            yield read(f"source IN ({listed})", *EVER)
        for low, high in _ranges(sources[apart], np.cumsum(count[apart]), at_once):
            yield read(f"source BETWEEN {low} AND {high} AND source NOT IN ({listed})", low, high)


def _timed(history: History, part: Part, from_ms: int, to_ms: int, names: str) -> str:
    return f"SELECT {names} FROM {history.table_of(part)} WHERE time_ms >= {int(from_ms)} AND time_ms < {int(to_ms)}"


def _ranges(sources: NDArray[np.int64], total: NDArray[np.int64], at_once: int) -> Iterator[tuple[int, int]]:
    begin, before = 0, 0
    while begin < len(sources):
        end = max(int(np.searchsorted(total, before + at_once, side="right")), begin + 1)
        yield int(sources[begin]), int(sources[end - 1])
        begin, before = end, int(total[end - 1])


def newest(history: History, from_ms: int, to_ms: int, suspicious: int) -> int:
    """The newest time of rows without these flags in a time, 0 if there are none."""
    with history.reading() as cursor:
        pieces = [
            f"SELECT max(time_ms) AS t FROM {history.table_of(part)} "
            f"WHERE time_ms >= {int(from_ms)} AND time_ms < {int(to_ms)} AND flags & {int(suspicious)} = 0"
            for part in parts(cursor)
            if part.may_hold(from_ms, to_ms)
        ]
        found = cursor.execute(f"SELECT coalesce(max(t), 0) FROM ({' UNION ALL '.join(pieces)})").fetchone()
    return int(found[0]) if found else 0
