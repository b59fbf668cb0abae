"""GeoJSON becomes features of the layer of loaded shapes; the same file name again replaces what it brought before."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from tongqu.kernel import layers
from tongqu.kernel.geo import Geometry, RegionIndex, read_geojson
from tongqu.kernel.imports.files.declared import SHAPES
from tongqu.kernel.imports.files.report import Report
from tongqu.kernel.jobs import JobContext
from tongqu.kernel.layers import Feature
from tongqu.kit import crs
from tongqu.kit.errors import Invalid, Problem, TooLarge
from tongqu.kit.regions import parse_region

MOST_MB = 256
AT_ONCE = 500
_NAMES = ("name", "NAME", "Name", "名称", "title")
_KNOWN_CRS = ("CRS84", "4326", "4490")


def load(context: JobContext, path: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Take the features of a GeoJSON file (RFC 7946) in, each by itself; one that is wrong is refused with its place.

    Options: `region` (code) whose they are, `datum` (wgs84, gcj02, bd09), `name` of the set (the file's by default).

    Raises:
        Invalid: `imports.broken_json`, `imports.geojson_crs`, `imports.bad_datum`, `imports.bad_region`,
            `imports.no_features`.
        TooLarge: `imports.file_too_large`.
    """
    collection = _read(path)
    try:
        datum = crs.Datum(options.get("datum", "wgs84"))
    except ValueError as error:
        raise Invalid("imports.bad_datum", value=options.get("datum"), known=", ".join(crs.Datum)) from error
    region = _region(options.get("region"))
    stem = str(options.get("name") or Path(str(options["file_name"])).stem)[:60]
    report = Report()
    good = list(_features(context, collection, stem, datum, region, report))
    if not good and not report.refused:
        raise Invalid("imports.no_features")
    rest = iter(good)
    while some := list(islice(rest, AT_ONCE)):
        context.check()
        with context.platform.store.write(context.actor) as work:
            layers.put(work, SHAPES, some)
        report.taken["features"] += len(some)
        context.progress(0.3 + 0.7 * report.taken["features"] / len(good), "imports.progress.features")
    with context.platform.store.write(context.actor) as work:
        gone = layers.names(work, SHAPES, f"{stem}:") - {feature.id for feature in good}
        if gone:
            layers.remove(work, SHAPES, gone)
    if gone:
        report.taken["removed"] = len(gone)
    return report.as_dict()


def _read(path: Path) -> list[Any]:
    if path.stat().st_size > MOST_MB << 20:
        raise TooLarge("imports.file_too_large", most_mb=MOST_MB)
    raw = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        line = raw[: error.pos].count(b"\n") + 1
        raise Invalid("imports.broken_json", row=line, line=line, reason=error.msg) from error
    declared = found.get("crs") if isinstance(found, dict) else None
    name = str(declared.get("properties", {}).get("name", "")) if isinstance(declared, dict) else ""
    if name and not name.endswith(_KNOWN_CRS):
        raise Invalid("imports.geojson_crs", crs=name)
    members = found.get("features") if isinstance(found, dict) and found.get("type") != "Feature" else [found]
    if not isinstance(members, list):
        raise Invalid("imports.no_features")
    return members


def _region(code: str | None) -> str | None:
    try:
        return parse_region(code) if code else None
    except ValueError as error:
        raise Invalid("imports.bad_region", field="region", value=code) from error


def _features(
    context: JobContext, members: list[Any], stem: str, datum: crs.Datum, region: str | None, report: Report
) -> Any:
    index = RegionIndex(context.platform.store)
    seen: set[str] = set()
    for number, member in enumerate(members, 1):
        if number % 500 == 0:
            context.check()
            context.progress(0.3 * number / len(members), "imports.progress.features")
        value = member if isinstance(member, dict) else {}
        try:
            geometry = read_geojson(value.get("geometry"), datum=datum, field=f"features[{number - 1}].geometry")
        except Invalid as error:
            for problem in error.problems or (Problem(error.code, field=error.field, params=error.params),):
                report.note(Problem(problem.code, problem.field, number, problem.params))
            report.refused["features"] += 1
            continue
        owner = region or _place(index, geometry)
        if owner is None and context.actor.organisation is None:
            report.refuse("features", Problem("imports.feature_nowhere", row=number))
            continue
        name = f"{stem}:{str(value.get('id') or number)[:40]}"
        if name in seen:
            report.flag(
                "features", Problem("imports.feature_twice", row=number, params={"id": str(value.get("id"))[:40]})
            )
            name = f"{stem}:#{number}"
        seen.add(name)
        yield Feature(
            id=name,
            geometry=geometry,
            kind="shape",
            properties={"name": _name(value.get("properties")), "file": stem},
            organisation=context.actor.organisation if owner is None else None,
            region=owner,
        )


def _place(index: RegionIndex, geometry: Geometry) -> str | None:
    point = geometry.shape.representative_point()
    code = int(index.codes([point.x], [point.y])[0])
    return str(code) if code else None


def _name(properties: Any) -> str:
    found = properties if isinstance(properties, dict) else {}
    return str(next((found[key] for key in _NAMES if found.get(key)), ""))[:80]
