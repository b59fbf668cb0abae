"""GPX tracks become positions of a recorder; the same file again adds nothing.

A recorder is a thing of its own, named as the track is. With the option `subject` (a URN) it is fitted to that thing
for the time of the track, so that its points are the thing's. With `datum=gcj02` or `bd09` the file is read as such.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from tongqu.kernel import things
from tongqu.kernel.imports.files import gpx
from tongqu.kernel.imports.files.declared import RECORDER, TRACKS_NUMBER
from tongqu.kernel.imports.files.gpx import TrackPoint
from tongqu.kernel.imports.files.report import Report
from tongqu.kernel.jobs import JobContext
from tongqu.kernel.telemetry.inbox import delivered, outgoing
from tongqu.kit import crs
from tongqu.kit.arrow import Decoded, Frames
from tongqu.kit.errors import Invalid, Problem
from tongqu.kit.geometry.sphere import haversine_m

PER_FRAME = 500
FIX = np.dtype([("time_ms", "<i8"), ("lon", "<f8"), ("lat", "<f8"), ("altitude_m", "<f4"), ("speed_kmh", "<f4"),
                ("heading_deg", "<f4")])  # fmt: skip


@dataclass
class Track:
    """The good fixes of one track."""

    number: int
    name: str
    fixes: list[tuple[int, float, float, float, float, float]] = field(default_factory=list)


def load(context: JobContext, path: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Take the tracks of a GPX file in.

    Raises:
        Invalid: `imports.no_tracks`, `imports.bad_datum`, or what `gpx.points` says.
    """
    report = Report()
    datum = _datum(options.get("datum", "wgs84"))
    tracks = _tracks(context, path, report)
    if not tracks:
        raise Invalid("imports.no_tracks", problems=report.problems[:20])
    context.check()
    recorders = _recorders(context, tracks, options)
    context.progress(0.6, "imports.progress.storing")
    now = context.platform.clock.now_ms()
    with outgoing(context.platform, context.platform.clock) as (door, folder):
        for track, recorder in zip(tracks, recorders, strict=True):
            fixes = _completed(np.array(track.fixes, dtype=FIX), datum)
            for begin in range(0, len(fixes), PER_FRAME):
                door.append(TRACKS_NUMBER, recorder.key, now, fixes[begin : begin + PER_FRAME].tobytes())
    stored = delivered(context.platform, folder, context.check)
    report.taken.update({"tracks": len(tracks), "fixes": stored.rows})
    if stored.repeated:
        report.taken["already_there"] = stored.repeated
    report.about["things"] = [str(recorder.urn) for recorder in recorders]
    return report.as_dict()


def _datum(name: str) -> crs.Datum:
    try:
        return crs.Datum(name)
    except ValueError as error:
        raise Invalid("imports.bad_datum", value=name, known=", ".join(crs.Datum)) from error


def _tracks(context: JobContext, path: Path, report: Report) -> list[Track]:
    """Tracks with their good points by time; every point that is none is counted with the reason."""
    found: dict[int, Track] = {}
    for point in gpx.points(path):
        if point.number % 2_000 == 0:
            context.check()
            context.progress(0.3, "imports.progress.points", done=point.number)
        why = _fault(point)
        if why is not None:
            report.refuse("points", Problem(f"imports.{why}", row=point.number, params={"track": point.track}))
            continue
        track = found.setdefault(point.track, Track(point.track, point.track_name))
        track.name = track.name or point.track_name
        values = (point.time_ms, point.lon, point.lat, point.altitude_m, point.speed_kmh, point.heading_deg)
        track.fixes.append(tuple(np.nan if one is None else one for one in values))  # type: ignore[arg-type]
    for track in found.values():
        if any(after[0] < before[0] for before, after in pairwise(track.fixes)):
            report.flag("tracks", Problem("imports.track_unordered", params={"track": track.number}))
            track.fixes.sort(key=lambda fix: fix[0])
    return list(found.values())


def _fault(point: TrackPoint) -> str | None:
    """Why a point is no fix."""
    if point.lon is None or point.lat is None:
        return "point_no_place"
    if point.time_ms is None or point.time_ms < 0:
        return "point_no_time"
    fault = crs.fault_of(point.lon, point.lat)
    return f"point_{fault.value}" if fault is not None else None


def _completed(fixes: Any, datum: crs.Datum) -> Any:
    """Fixes in WGS-84, with the speed reckoned from the way where the file has none."""
    if datum is not crs.Datum.WGS84:
        moved = crs.to_wgs84(fixes["lon"], fixes["lat"], datum)
        fixes["lon"], fixes["lat"] = moved.lon, moved.lat
    missing = np.isnan(fixes["speed_kmh"])
    if missing.any() and len(fixes) > 1:
        metres = haversine_m(fixes["lon"][:-1], fixes["lat"][:-1], fixes["lon"][1:], fixes["lat"][1:])
        seconds = np.diff(fixes["time_ms"]) / 1000
        reckoned = np.concatenate([[0.0], np.where(seconds > 0, metres / np.maximum(seconds, 1e-3) * 3.6, 0.0)])
        fixes["speed_kmh"] = np.where(missing, np.minimum(reckoned, 1000.0), fixes["speed_kmh"])
    return fixes


def _recorders(context: JobContext, tracks: list[Track], options: dict[str, Any]) -> list[things.Thing]:
    """A recorder for each track; the same track of the same file is the same recorder.

    Raises:
        NotFound: `things.unknown`: there is no such subject for the actor.
    """
    made = []
    name_of_file = Path(str(options["file_name"])).stem
    for track in tracks:
        id = f"{str(options['sha256'])[:16]}-{track.number}"
        with context.platform.store.write(context.actor) as work:
            urn = f"urn:tongqu:{RECORDER.id}:{id}"
            subject = things.get(work, options["subject"]) if options.get("subject") else None
            found = things.get_many(work, [urn]).get(urn)
            begin = int(track.fixes[0][0])
            recorder = found or things.mint(
                work,
                RECORDER,
                (track.name or name_of_file)[:120],
                organisation=subject.organisation if subject else context.actor.organisation,
                region=subject.region if subject else _home(context),
                valid_from_ms=begin,
                id=id,
            )
            if subject is not None:
                end = int(track.fixes[-1][0]) + 1
                things.relate(work, recorder.urn, "fitted_to", subject.urn, begin, end)
        made.append(recorder)
    return made


def _home(context: JobContext) -> str | None:
    """The region of whoever loads, if its grants are over one."""
    regions = {grant.region for grant in context.actor.grants if grant.region}
    return min(regions) if len(regions) == 1 else None


def decode(frames: Frames) -> Decoded:
    """Frames of this stream: fixes of `FIX`, one after the other."""
    parts, of, bad = [], [], []
    for i in range(len(frames)):
        raw = frames.raw(i)
        if not raw or len(raw) % FIX.itemsize:
            bad.append(i)
            continue
        fixes = np.frombuffer(raw, dtype=FIX)
        parts.append(fixes)
        of.append(np.full(len(fixes), i, dtype=np.int32))
    fixes = np.concatenate(parts) if parts else np.zeros(0, dtype=FIX)
    frame = np.concatenate(of) if of else np.zeros(0, dtype=np.int32)
    count = len(fixes)
    heading = np.nan_to_num(fixes["heading_deg"], nan=0.0)
    columns = {
        "source": frames.source[frame],
        "time_ms": fixes["time_ms"],
        "lon": fixes["lon"],
        "lat": fixes["lat"],
        "altitude_m": np.nan_to_num(fixes["altitude_m"], nan=0.0).round().astype(np.int32),
        "speed_kmh": np.nan_to_num(fixes["speed_kmh"], nan=0.0),
        "heading_deg": (heading % 360).round().astype(np.int16),
        "alarm": np.zeros(count, dtype=np.uint32),
        "status": np.zeros(count, dtype=np.uint32),
        "mileage_km": np.full(count, np.nan),
        "key": _keys(fixes),
        "refill": np.ones(count, dtype=bool),
    }
    return Decoded(columns, frame, np.array(bad, dtype=np.int32), ["track"] * len(bad))


def _keys(fixes: Any) -> Any:
    """A hash of each fix: with source and time its natural key."""
    mixed = np.zeros(len(fixes), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for name in ("lon", "lat"):
            bits = np.ascontiguousarray(fixes[name], dtype=np.float64).view(np.uint64)
            mixed = (mixed ^ bits) * np.uint64(0x9E3779B97F4A7C15)
            mixed ^= mixed >> np.uint64(29)
    return mixed
