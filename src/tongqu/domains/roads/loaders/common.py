"""What all loaders of roads share: the report, the options, regions of numbers, and the guard against unlabelled
GCJ-02."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tongqu.domains.roads.service import network
from tongqu.domains.roads.values import Network
from tongqu.kernel.geo import Locator, RegionIndex
from tongqu.kernel.jobs import JobContext
from tongqu.kit import crs
from tongqu.kit.errors import Invalid, Problem
from tongqu.kit.geometry import geolines
from tongqu.kit.regions import parse_region

Floats = NDArray[np.float64]
MOST_PROBLEMS = 1_000
SHIFT_NEAR_M, SHIFT_FAR_M, SHIFT_SAMPLE = 40.0, 150.0, 400
"""Unlabelled GCJ-02 shows itself where roads that are known already lie: as it stands the file misses them by more than
the second, taken for GCJ-02 it meets them within the first. GCJ-02 is some 300 to 700 m off; ours, not a standard's."""

_LEVEL = {"G": 2, "S": 2, "X": 6, "Y": 6, "C": 6, "Z": 6}
"""Within how many digits of the region code a number counts, by its letter: 国道 and 省道 the province, others the
county."""


@dataclass
class Report:
    """Counts by what, and the first problems."""

    taken: Counter[str] = field(default_factory=Counter)
    flagged: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)

    def flag(self, what: str, problem: Problem, count: int = 1) -> None:
        self.flagged[what] += count
        self._note(problem)

    def refuse(self, what: str, problem: Problem, count: int = 1) -> None:
        self.refused[what] += count
        self._note(problem)

    def as_dict(self) -> dict[str, Any]:
        counts = {name: dict(getattr(self, name)) for name in ("taken", "flagged", "refused")}
        return {**counts, "problems": self.problems}

    def _note(self, problem: Problem) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)


@dataclass(frozen=True)
class Options:
    """What whoever loads a file may say of it.

    Attributes:
        region: where numbers count whose place says nothing; datum: how coordinates are to be read.
        encoding: of texts, where the file is wrong about it; layer: of a GeoPackage.
    """

    region: str | None = None
    datum: crs.Datum = crs.Datum.WGS84
    encoding: str | None = None
    layer: str | None = None

    @classmethod
    def read(cls, given: dict[str, Any]) -> Options:
        """Raises:
        Invalid: `roads.bad_option`, naming the option.
        """
        try:
            region = parse_region(str(given["region"])) if given.get("region") else None
            datum = crs.Datum(given.get("datum") or "wgs84")
        except ValueError as error:
            raise Invalid("roads.bad_option", field="options", reason=str(error)) from error
        encoding, layer = given.get("encoding"), given.get("layer")
        return cls(region, datum, str(encoding) if encoding else None, str(layer) if layer else None)


def region_of(number: str, middle: Floats, options: Options, regions: RegionIndex) -> str | None:
    """Within which region a number counts: where the road lies, else as the options say; None where neither is
    known."""
    held = regions.place(float(middle[0]), float(middle[1]))
    if held:
        return str(held[-1][: _LEVEL.get(number[:1], 6)])
    return options.region


def regions_of(context: JobContext) -> RegionIndex:
    platform = context.platform
    return platform.service(RegionIndex) if platform.has(RegionIndex) else RegionIndex(platform.store)


def refuse_unlabelled(context: JobContext, lines: Sequence[Floats], datum: crs.Datum) -> None:
    """Refuse coordinates that meet the roads that are known already only when taken for GCJ-02.

    Raises:
        Invalid: `roads.looks_gcj02`.
    """
    platform = context.platform
    locator = platform.service(Locator) if platform.has(Locator) else Locator(platform.store)
    index = locator.view().index
    if index is None or datum is not crs.Datum.WGS84 or not lines:
        return
    points = np.vstack([line[:: max(1, len(line) // 8)] for line in lines])
    points = points[:: max(1, len(points) // SHIFT_SAMPLE)]
    as_is = _misses(index.lines, points[:, 0], points[:, 1])
    moved = crs.to_wgs84(points[:, 0], points[:, 1], crs.Datum.GCJ02)
    shifted = _misses(index.lines, np.asarray(moved.lon), np.asarray(moved.lat))
    if shifted < SHIFT_NEAR_M and as_is > SHIFT_FAR_M:
        raise Invalid("roads.looks_gcj02", field="options", off_m=round(as_is))


def _misses(lines: geolines.GeoLines, lon: Floats, lat: Floats) -> float:
    """Median distance of points from known roads; infinite where fewer than half are near any."""
    feet = geolines.nearest(lines, lon, lat, reach_m=1_500.0)
    found = np.abs(feet.offset_m[feet.line >= 0])
    return float(np.median(found)) if len(found) * 2 >= len(lon) else float("inf")


def take(context: JobContext, report: Report, made: Network) -> dict[str, Any]:
    """Take a network in and say so."""
    odd = network.take(
        context.platform, context.actor, made, lambda part: context.progress(0.3 + 0.7 * part, "roads.loading.storing")
    )
    for problem in odd:
        report.flag("routes" if problem.code == "roads.no_stakes" else "stakes", problem)
    report.taken["links"] += len(made.links)
    report.taken["routes"] += len(made.routes)
    return report.as_dict()


def digest_of(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def shifted(points: Floats, datum: crs.Datum) -> Floats:
    """Points in WGS-84."""
    if datum is crs.Datum.WGS84:
        return points
    moved = crs.to_wgs84(points[:, 0], points[:, 1], datum)
    return np.column_stack((moved.lon, moved.lat))
