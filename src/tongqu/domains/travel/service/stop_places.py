"""Stop places of NeTEx files: taken in by source, found by their names, and given up again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from tongqu.domains.travel import sites, words
from tongqu.domains.travel.store import places as store
from tongqu.kernel import audit
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor, Work
from tongqu.kit.errors import NotFound
from tongqu.kit.ids import urn
from tongqu.protocols.netex import StopPlace

Row = dict[str, Any]
LONGEST_CODE = 30
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,29}")


def code_of(written: str) -> str:
    """The code of a source as it stands in addresses and file names, made of what it is called."""
    return re.sub(r"[^a-z0-9]+", "-", written.lower()).strip("-")[:LONGEST_CODE].strip("-") or "stop-places"


def folder_of(platform: Platform) -> Path:
    """Where stop places lie, a file for each source; whoever holds the timetable follows it."""
    return platform.settings.data / "travel" / "sites"


class Taken:
    """Goes through stop places and notes what there is to find and what is left out.

    Attributes:
        rows: places that a traveller can type. counts: what came; left: what of it cannot be found, and why.
    """

    def __init__(self, code: str, detail: str, region: str, today: date) -> None:
        self.code = code
        self.detail = detail
        self.region = region
        self.today = today
        self.rows: list[Row] = []
        self.counts: Counter[str] = Counter()
        self.left: Counter[str] = Counter()

    def through(self, found: Iterable[StopPlace]) -> Iterator[StopPlace]:
        """The stop places that hold today or later."""
        for place in found:
            if place.valid_to is not None and place.valid_to < self.today:
                self.left["expired"] += 1
                continue
            self.counts += Counter(stop_places=1, quays=len(place.quays), entrances=len(place.entrances))
            self._take(place)
            yield place

    def _take(self, place: StopPlace) -> None:
        where = sites.where_of(place)
        if where is None or not place.name:
            self.left["no_position" if where is None else "no_name"] += 1
            return
        others = tuple(dict.fromkeys(one.text for one in place.names))
        english = next((one.text for one in place.names if one.language.lower().startswith("en")), None)
        self._row("station", place.id, place.name, others, english, where.lon, where.lat)
        if len(place.quays) < 2:
            return
        for quay in place.quays:
            if quay.public_code and quay.point is not None:
                name = f"{place.name} {quay.public_code}"
                further = tuple(f"{other} {quay.public_code}" for other in others)
                self._row("quay", quay.id, name, further, None, quay.point.lon, quay.point.lat)

    def _row(self, kind: str, ref: str, name: str, others: tuple[str, ...], english: str | None, lon: float, lat: float
             ) -> None:  # fmt: skip
        typed = words.typed(name[:200], *others)
        self.rows.append({
            "id": f"{self.code}:{len(self.rows)}", "source": f"sites:{self.code}", "kind": kind, "ref": ref[:120],
            "name": name[:200], "name_en": english[:200] if english else None, "detail": self.detail[:300],
            "search": typed.whole, "initials": typed.initials[:200], "weight": 0, "lon": lon, "lat": lat,
            "region": self.region,
        })  # fmt: skip


def replace(work: Work, taken: Taken) -> None:
    """Let what was taken be the places of its source, and no others."""
    store.replace(work.as_system("travel"), f"sites:{taken.code}", taken.rows)


def give_up(platform: Platform, actor: Actor, code: str) -> None:
    """Forget a source: its places are no longer found, and stops are planned with as their feeds have them.

    Raises:
        NotFound: `travel.unknown_source`.
    """
    path = folder_of(platform) / f"{code}.jsonl"
    if _CODE.fullmatch(code) is None or not path.is_file():
        raise NotFound("travel.unknown_source", id=code)
    with platform.store.write(actor) as work:
        store.replace(work.as_system("travel"), f"sites:{code}", ())
        audit.record(work, "travel.stop_places_given_up", urn("stop_places", code))
    path.unlink(missing_ok=True)
