"""Layers in the record store: what is stored."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import delete, insert, select, update

from tongqu.kernel.layers.tables import FEATURE, IMAGE, LAYER
from tongqu.kernel.store import Work, scoped

_AT_ONCE = 500
_PAGE = 5_000
Item = TypeVar("Item")


def versions(work: Work) -> dict[str, int]:
    """Version of each layer that has ever had a feature or picture."""
    rows = work.rows(select(LAYER.c.layer, LAYER.c.version).where(scoped(work.actor, LAYER)))
    return {row["layer"]: row["version"] for row in rows}


def next_version(work: Work, layer: str) -> int:
    """Count a change of a layer; gives its new version."""
    which = scoped(work.actor, LAYER), LAYER.c.layer == layer
    before = work.scalar(select(LAYER.c.version).where(*which))
    values = {"version": (before or 0) + 1, "changed_ms": work.now_ms}
    if before is None:
        work.execute(insert(LAYER), [{"layer": layer, **values}])
    else:
        work.execute(update(LAYER).where(*which).values(**values))
    return int(values["version"])


def put_features(work: Work, rows: list[dict[str, Any]]) -> None:
    """Write features; one with the same layer, id and begin of validity is replaced."""
    may = scoped(work.actor, FEATURE)
    keys = sorted({(row["layer"], row["valid_from_ms"]) for row in rows})
    for layer, valid_from_ms in keys:
        names = [row["feature"] for row in rows if (row["layer"], row["valid_from_ms"]) == (layer, valid_from_ms)]
        which = may, FEATURE.c.layer == layer, FEATURE.c.valid_from_ms == valid_from_ms
        for some in _parts(names):
            work.execute(delete(FEATURE).where(*which, FEATURE.c.feature.in_(some)))
    for part in _parts(rows):
        work.execute(insert(FEATURE), part)


def remove_features(work: Work, layer: str, names: Collection[str] | None, within: str = "") -> None:
    """Remove features by id, or all of a layer whose id begins with `within` where `names` is None."""
    which = scoped(work.actor, FEATURE), FEATURE.c.layer == layer
    if names is None:
        begins = (FEATURE.c.feature.startswith(within, autoescape=True),) if within else ()
        work.execute(delete(FEATURE).where(*which, *begins))
        return
    for some in _parts(sorted(names)):
        work.execute(delete(FEATURE).where(*which, FEATURE.c.feature.in_(some)))


def features(work: Work, layer: str) -> Iterator[dict[str, Any]]:
    """All features of a layer in the order in which they were written, a page at a time."""
    last = -1
    while True:
        which = scoped(work.actor, FEATURE), FEATURE.c.layer == layer, FEATURE.c.seq > last
        rows = work.rows(select(FEATURE).where(*which).order_by(FEATURE.c.seq).limit(_PAGE))
        yield from rows
        if len(rows) < _PAGE:
            return
        last = rows[-1]["seq"]


def names(work: Work, layer: str, prefix: str) -> set[str]:
    """Ids of features that begin with a prefix."""
    which = scoped(work.actor, FEATURE), FEATURE.c.layer == layer, FEATURE.c.feature.startswith(prefix, autoescape=True)
    return {row["feature"] for row in work.rows(select(FEATURE.c.feature).where(*which))}


def put_image(work: Work, row: dict[str, Any]) -> None:
    which = scoped(work.actor, IMAGE), IMAGE.c.layer == row["layer"], IMAGE.c.theme == row["theme"]
    work.execute(delete(IMAGE).where(*which))
    work.execute(insert(IMAGE), [row])


def images(work: Work) -> list[dict[str, Any]]:
    return work.rows(select(IMAGE).where(scoped(work.actor, IMAGE)))


def image(work: Work, layer: str, theme: str) -> dict[str, Any] | None:
    which = scoped(work.actor, IMAGE), IMAGE.c.layer == layer, IMAGE.c.theme == theme
    return work.one(select(IMAGE).where(*which))


def _parts(items: Sequence[Item]) -> Iterator[list[Item]]:
    for start in range(0, len(items), _AT_ONCE):
        yield list(items[start : start + _AT_ONCE])
