"""Places a traveller can type. They are public: what stops a city has is no secret."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import case, delete, func, insert, or_, select

from tongqu.domains.travel.tables import PLACE
from tongqu.kernel.store import Work, scoped

Row = dict[str, Any]


def replace(work: Work, source: str, rows: Sequence[Row]) -> None:
    """Let these be the places that came with a source, and no others."""
    work.execute(delete(PLACE).where(scoped(work.actor, PLACE), PLACE.c.source == source))
    for start in range(0, len(rows), 2_000):
        work.execute(insert(PLACE), list(rows[start : start + 2_000]))


def get(work: Work, place_id: str) -> Row | None:
    return work.one(select(PLACE).where(scoped(work.actor, PLACE), PLACE.c.id == place_id))


def served(work: Work) -> list[Row]:
    """Stops and stations of live feeds that anything leaves from: name, departures a day (`weight`), where."""
    which = PLACE.c.kind.in_(("stop", "station")), PLACE.c.source.startswith("feed:"), PLACE.c.weight > 0
    columns = (PLACE.c.name, PLACE.c.weight, PLACE.c.lon, PLACE.c.lat)
    return work.rows(select(*columns).where(scoped(work.actor, PLACE), *which).order_by(PLACE.c.id))


def find(work: Work, forms: Sequence[str], letters: str, limit: int, kinds: Sequence[str] = ()) -> list[Row]:
    """Places whose name, pinyin or initials match, the best first.

    Args:
        forms: how the typed text may be read, normalised; any of them may match.
        letters: the same without accents; matches initials if it is letters and digits only.
    """
    whole = [PLACE.c.search.contains(f"|{form}|", autoescape=True) for form in forms]
    begins = [PLACE.c.search.contains(f"|{form}", autoescape=True) for form in forms]
    inside = [PLACE.c.search.contains(form, autoescape=True) for form in forms]
    initials = (
        PLACE.c.initials.startswith(letters, autoescape=True) if letters.isascii() and letters.isalnum() else None
    )
    rank = case(
        (or_(*whole), 0),
        *(((PLACE.c.initials == letters), 1),) if initials is not None else (),
        (or_(*begins), 2),
        *((initials, 3),) if initials is not None else (),
        else_=4,
    )
    wanted = or_(*inside) if initials is None else or_(*inside, initials)
    mine = [scoped(work.actor, PLACE), wanted]
    if kinds:
        mine.append(PLACE.c.kind.in_(list(kinds)))
    # of what fits alike a platform comes behind stations and stops: it is named with its station
    order = (
        rank,
        case((PLACE.c.kind == "quay", 1), else_=0),
        PLACE.c.weight.desc(),
        func.length(PLACE.c.name),
        PLACE.c.name,
        PLACE.c.id,
    )
    return work.rows(select(PLACE).where(*mine).order_by(*order).limit(limit))


def near(work: Work, lon: float, lat: float, degrees: float, limit: int) -> list[Row]:
    """Places in a box around a point, in no particular order."""
    inside = (PLACE.c.lon.between(lon - degrees, lon + degrees), PLACE.c.lat.between(lat - degrees, lat + degrees))
    return work.rows(select(PLACE).where(scoped(work.actor, PLACE), *inside).limit(limit))
