"""Places by what a traveller types: 汉字, pinyin, initials, another language, or a point."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tongqu.domains.travel import words
from tongqu.domains.travel.store import feeds
from tongqu.domains.travel.store import places as store
from tongqu.kernel.store import Work
from tongqu.kernel.things import normalised
from tongqu.kit.errors import NotFound
from tongqu.kit.geometry.sphere import haversine_m

Row = dict[str, Any]
MOST = 50
_METRES_OF_DEGREE = 111_320.0


def find(work: Work, text: str, limit: int = 10, *, near: tuple[float, float] | None = None) -> list[Row]:
    """Places whose name, pinyin or initials fit a text, the best first; of equals the nearest.

    Where nothing fits, names that differ in a letter or two are offered (`guess` is true).

    Args:
        text: what was typed; an empty text finds nothing.
        near: longitude and latitude that the traveller looks at.
    """
    whole, letters = normalised(text), words.plain(text)
    if not whole:
        return []
    rows = store.find(work, tuple(dict.fromkeys((whole, letters))), letters, max(limit, MOST))
    found = [_shown(row) for row in rows]
    if not found and len(letters) > 2:
        found = [_shown(row) | {"guess": True} for row in _similar(work, letters, limit)]
    if near is not None:
        order = np.lexsort((_metres(near, found), np.arange(len(found)) // 5))
        found = [found[index] for index in order]
    return _once(found)[:limit]


def get(work: Work, place_id: str) -> Row:
    """A place by its id.

    Raises:
        NotFound: `travel.unknown_place`.
    """
    row = store.get(work, place_id)
    if row is None:
        raise NotFound("travel.unknown_place", id=place_id)
    return _shown(row)


def stops_of(work: Work, place_id: str, sites: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The stops that a place is, as `FEED:ID`: one of a feed's own place, all those matched to a stop place or quay.

    Args:
        sites: stops by the ids of stop places and quays.

    Raises:
        NotFound: `travel.unknown_place`: there is no such place, or it is no stop.
    """
    row = store.get(work, place_id)
    source, _, feed_id = str(row["source"] if row else "").partition(":")
    feed = feeds.feed(work, feed_id) if source == "feed" else None
    if row is not None and feed is not None:
        return (f"{feed['code']}:{row['ref']}",)
    matched = sites.get(row["ref"], ()) if row is not None and source == "sites" else ()
    if not matched:
        raise NotFound("travel.unknown_place", id=place_id)
    return matched


def around(work: Work, lon: float, lat: float, within_m: float = 500.0, limit: int = 10) -> list[Row]:
    """Places near a point, the nearest first, with their distance."""
    degrees = within_m / _METRES_OF_DEGREE / max(0.2, math.cos(math.radians(lat)))
    rows = [_shown(row) for row in store.near(work, lon, lat, degrees, 2_000)]
    metres = _metres((lon, lat), rows).tolist()
    found = [row | {"distance_m": round(away, 1)} for row, away in zip(rows, metres, strict=True)]
    return sorted((row for row in found if row["distance_m"] <= within_m), key=lambda row: row["distance_m"])[:limit]


def _similar(work: Work, letters: str, limit: int) -> list[Row]:
    """Rows whose name or pinyin is like what was typed (rapidfuzz, ratio of at least 75)."""
    from rapidfuzz import fuzz, process

    rows = store.find(work, (letters[:2],), letters[:2], 5_000)
    names = [max(row["search"].strip("|").split("|"), key=lambda form: fuzz.ratio(form, letters)) for row in rows]
    best = process.extract(letters, names, scorer=fuzz.ratio, limit=limit, score_cutoff=75)
    return [rows[index] for _, _, index in best]


def _once(rows: list[Row]) -> list[Row]:
    """Platforms of a station that has an entry of its own stand behind it once."""
    seen: set[tuple[str, str, int, int]] = set()
    kept = []
    for row in rows:
        key = (row["kind"], row["name"], round(row["lon"] * 200), round(row["lat"] * 200))
        if key not in seen:
            seen.add(key)
            kept.append(row)
    return kept


def _shown(row: Row) -> Row:
    hidden = ("search", "initials", "weight", "source")
    return {name: value for name, value in row.items() if name not in hidden}


def _metres(point: tuple[float, float], rows: Sequence[Row]) -> NDArray[np.float64]:
    """Distance of each row from a point."""
    return haversine_m(*point, [row["lon"] for row in rows], [row["lat"] for row in rows])
