"""Stop places that a NeTEx file brought, matched to the stops of feeds: by identifier, else by name and distance.

A stop that is matched to a quay gets the quay's sign and position, its own sign first. Nothing else of a feed changes.
"""

from __future__ import annotations

import csv
import io
import math
import shutil
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tongqu.domains.travel import words
from tongqu.kit.geometry.sphere import haversine_m
from tongqu.protocols.gtfs.source import open_source
from tongqu.protocols.netex import Point, Quay, StopPlace

NEAR_M = 400.0
"""A stop belongs to a stop place of its name no further away than this; stations are large."""
QUAY_M = 15.0
"""A stop stands at the nearest quay within this, if the next is twice as far."""
FAR_M = 1_000.0
"""A quay further from its stop than this is not where the stop is, whatever the identifiers say."""
_CELL = 0.01  # degrees; NEAR_M is less than one, up to 68° of latitude
STOP, STATION = "0", "1"


@dataclass(frozen=True, slots=True)
class FeedStop:
    """A stop as the feed has it; `names` are its own and that of its station."""

    id: str
    names: tuple[str, ...]
    lon: float
    lat: float
    kind: str
    platform: str

    @property
    def placed(self) -> bool:
        return math.isfinite(self.lon) and math.isfinite(self.lat) and bool(self.lon or self.lat)


@dataclass(frozen=True, slots=True)
class Match:
    """A stop and what it is: a stop place, and a quay of it where that is known; `by`: `id` or `name`."""

    stop: FeedStop
    place: StopPlace
    quay: Quay | None
    by: str


# kept as files: one stop place a line


def keep(path: Path, places: Iterable[StopPlace]) -> int:
    """Keep stop places in a file; a reader never sees half of it. Gives how many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft, count = path.with_suffix(".draft"), 0
    try:
        with draft.open("wb") as out:
            for place in places:
                out.write(msgspec.json.encode(place) + b"\n")
                count += 1
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return count


def move(made: Path, target: Path) -> None:
    """Put a file that was kept elsewhere in its place, whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".draft")
    shutil.copyfile(made, draft)  # the folder of a job may lie on another disk
    draft.replace(target)
    made.unlink()


def kept(paths: Iterable[Path]) -> Iterator[StopPlace]:
    """The stop places of files."""
    decoder = msgspec.json.Decoder(StopPlace)
    for path in paths:
        with path.open("rb") as lines:
            yield from (decoder.decode(line) for line in lines)


# matching


class Sites:
    """Stop places, found by identifier or by where they are."""

    def __init__(self, places: Iterable[StopPlace]) -> None:
        self.places = tuple(places)
        self._by_id: dict[str, list[tuple[StopPlace, Quay | None]]] = defaultdict(list)
        self._cells: dict[tuple[int, int], list[StopPlace]] = defaultdict(list)
        for place in self.places:
            for form in _forms_of_place(place):
                self._by_id[form].append((place, None))
            for quay in place.quays:
                for form in _forms_of_quay(place, quay):
                    self._by_id[form].append((place, quay))
            where = where_of(place)
            if where is not None:
                self._cells[_cell(where.lon, where.lat)].append(place)

    def match(self, stop: FeedStop) -> Match | None:
        """What a stop is; None where no stop place fits."""
        found, by = self._by_identifier(stop), "id"
        if found is None:
            near, by = self._by_name(stop), "name"
            found = None if near is None else (near, None)
        if found is None:
            return None
        place, quay = found
        if quay is None and stop.kind == STOP:
            quay = _quay_at(place, stop)
        return Match(stop, place, quay, by)

    def _by_identifier(self, stop: FeedStop) -> tuple[StopPlace, Quay | None] | None:
        found = self._by_id.get(stop.id, [])
        if len(found) > 1:  # sectors of a platform may share an identifier: meant is the one that it ends in
            found = [one for one in found if one[1] is not None and stop.id.endswith(f":{one[1].public_code}")]
        if len(found) != 1:
            return None
        place, quay = found[0]
        where = quay.point if quay is not None and quay.point is not None else where_of(place)
        if where is not None and stop.placed and _metres(stop, where) > FAR_M:
            return None
        return place, quay

    def _by_name(self, stop: FeedStop) -> StopPlace | None:
        """The nearest stop place of the stop's name."""
        if not stop.placed:
            return None
        names = {words.plain(name) for name in stop.names} - {""}
        x, y = _cell(stop.lon, stop.lat)
        around = [place for i in (x - 1, x, x + 1) for j in (y - 1, y, y + 1) for place in self._cells.get((i, j), ())]
        away = [(_nearest_m(stop, place), place.id, place) for place in around if names & _names_of(place)]
        return next((place for metres, _, place in sorted(away, key=lambda one: one[:2]) if metres <= NEAR_M), None)


def _quay_at(place: StopPlace, stop: FeedStop) -> Quay | None:
    """The quay of the stop's sign; else the one it stands at, if no other is nearly as near."""
    signed = [quay for quay in place.quays if stop.platform and quay.public_code == stop.platform]
    if len(signed) == 1:
        return signed[0]
    if stop.platform or not stop.placed:
        return None
    away = sorted(
        ((_metres(stop, quay.point), quay.id, quay) for quay in place.quays if quay.point is not None),
        key=lambda one: one[:2],
    )
    if not away or away[0][0] > QUAY_M or (len(away) > 1 and away[1][0] < 2 * away[0][0]):
        return None
    return away[0][2]


def where_of(place: StopPlace) -> Point | None:
    """Where a stop place is: its own position, else the middle of its quays."""
    points = [quay.point for quay in place.quays if quay.point is not None]
    if place.point is not None or not points:
        return place.point
    return Point(sum(one.lon for one in points) / len(points), sum(one.lat for one in points) / len(points))


def _forms_of_place(place: StopPlace) -> set[str]:
    """How feeds may call a stop place: by its id whole or behind its kind, by other systems' identifiers, and as the
    Swiss feed names stations (`Parent8503000`)."""
    forms = {place.id, place.id.rpartition(":StopPlace:")[2], place.private_code, *(value for _, value in place.keys)}
    return (forms | ({f"Parent{place.private_code}"} if place.private_code else set())) - {""}


def _forms_of_quay(place: StopPlace, quay: Quay) -> set[str]:
    """As of a stop place; and as the Swiss feed names platforms (`8503000:0:10`)."""
    forms = {quay.id, quay.id.rpartition(":Quay:")[2], quay.private_code, *(value for _, value in quay.keys)}
    if place.private_code and quay.public_code:
        forms.add(f"{place.private_code}:0:{quay.public_code}")
    return forms - {""}


def _names_of(place: StopPlace) -> set[str]:
    return {words.plain(name) for name in (place.name, *(one.text for one in place.names))} - {""}


def _cell(lon: float, lat: float) -> tuple[int, int]:
    return math.floor(lon / _CELL), math.floor(lat / _CELL)


def _metres(stop: FeedStop, point: Point) -> float:
    return float(haversine_m(stop.lon, stop.lat, point.lon, point.lat))


def _nearest_m(stop: FeedStop, place: StopPlace) -> float:
    """To the stop place or the nearest of its quays."""
    points = [where_of(place), *(quay.point for quay in place.quays)]
    return min(_metres(stop, point) for point in points if point is not None)


# feeds


def stops_of(rows: Sequence[dict[str, str]]) -> list[FeedStop]:
    """The stops of a feed's stops.txt."""
    by_id = {row.get("stop_id", ""): row for row in rows}
    return [
        FeedStop(
            row.get("stop_id", ""),
            tuple(name for name in (row.get("stop_name", ""), _parent(row, by_id).get("stop_name", "")) if name),
            _number(row.get("stop_lon", "")),
            _number(row.get("stop_lat", "")),
            row.get("location_type") or STOP,
            row.get("platform_code", ""),
        )
        for row in rows
    ]


def _parent(row: dict[str, str], by_id: dict[str, dict[str, str]]) -> dict[str, str]:
    return by_id.get(row.get("parent_station", ""), {})


def _number(written: str) -> float:
    try:
        return float(written)
    except ValueError:
        return math.nan


@dataclass(frozen=True)
class Enriched:
    """A feed's stops.txt and what is known of it: `text` is None where nothing of it changes."""

    matches: tuple[Match, ...]
    text: str | None


def enrich(written: bytes, sites: Sites) -> Enriched:
    """Match the stops of a stops.txt, and write signs and positions of quays into it.

    Raises:
        ValueError: it is no UTF-8 or has no header that names stops.
    """
    reader = csv.reader(io.StringIO(written.decode("utf-8-sig"), newline=""))
    header = [name.strip() for name in next(reader, [])]
    if "stop_id" not in header:
        raise ValueError("stops.txt without stop_id")
    rows = [dict(zip(header, [cell.strip() for cell in row], strict=False)) for row in reader if any(row)]
    found = [match for stop in stops_of(rows) if stop.kind in (STOP, STATION) and (match := sites.match(stop))]
    quays = {match.stop.id: match.quay for match in found if match.quay is not None}
    if not quays:
        return Enriched(tuple(found), None)
    columns = [*header, *(name for name in ("platform_code", "stop_lon", "stop_lat") if name not in header)]
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        quay = quays.get(row.get("stop_id", ""))
        if quay is not None:
            row["platform_code"] = row.get("platform_code") or quay.public_code
            if quay.point is not None:
                row |= {"stop_lon": f"{quay.point.lon}", "stop_lat": f"{quay.point.lat}"}
        writer.writerow(row)
    return Enriched(tuple(found), out.getvalue())


def enriched(source: Path, target: Path, sites: Sites) -> tuple[Match, ...]:
    """Write a feed's zip anew with the signs and positions of its quays; gives what its stops are.

    Nothing is written where no quay is known, or `target` is there already.

    Raises:
        TongquError: the zip is none. ValueError: as `enrich`.
    """
    opened = open_source(source)
    if "stops.txt" not in opened.names:
        return ()
    made = enrich(opened.read("stops.txt"), sites)
    if made.text is None or target.is_file():
        return made.matches
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".draft")
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
            for name in opened.names:
                data = made.text.encode() if name == "stops.txt" else opened.read(name)
                out.writestr(zipfile.ZipInfo(name), data, compress_type=zipfile.ZIP_DEFLATED)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return made.matches


def doors_of(matches: Iterable[Match]) -> list[tuple[str, str, float, float]]:
    """Entrances of the stop places that stops were matched to: sign, station, longitude, latitude."""
    places = {match.place.id: match.place for match in matches}
    return [
        (one.public_code, place.name, one.point.lon, one.point.lat)
        for _, place in sorted(places.items())
        for one in place.entrances
        if one.point is not None
    ]
