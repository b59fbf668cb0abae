"""What `tongqu decode ais` prints: lines in, one JSON-ready dictionary a group of sentences out. Never raises."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final
from zoneinfo import ZoneInfo

from tongqu.kit.text import text
from tongqu.kit.time import iso
from tongqu.protocols.nmea.assembler import Assembler, Group
from tongqu.protocols.nmea.codec import decode_group, utc_ms
from tongqu.protocols.nmea.explain import Row
from tongqu.protocols.nmea.explain import explain as explain_payload
from tongqu.protocols.nmea.ownship import fix_of
from tongqu.protocols.nmea.tables import MESSAGES

FORMATS: Final = ("ais", "nmea")
"""`ais` passes over comments and over sound sentences of other instruments; `nmea` shows those too."""


def decode_line(line: str, explain: bool = False) -> dict[str, Any]:
    """One line by itself; a part of a message that has more is refused as `incomplete` or `orphan`."""
    return next(iter(decode_lines((line,), explain, name="nmea")), {"ok": False, "reason": "sentence"})


def decode_lines(lines: Iterable[str], explain: bool = False, *, name: str = "ais") -> Iterator[dict[str, Any]]:
    """One dictionary a group: `ok`, `reason`, `type`, `mmsi` and the fields, then what came around the message.

    Sentences of other instruments between the parts of a message do no harm. A group that is never completed comes at
    the end, refused as `incomplete`.

    Args:
        lines: as received; they may carry TAG blocks.
        explain: add the rows of every bit, with labels in both languages.
        name: which of `FORMATS`.
    """
    assembler = Assembler()
    for line in lines:
        if name == "ais" and line.lstrip().startswith("#"):
            continue
        for group in assembler.feed(line):
            if name == "nmea" or _concerns_ais(group):
                yield as_dict(group, explain)
    for group in assembler.flush():
        yield as_dict(group, explain)


def _concerns_ais(group: Group) -> bool:
    """An AIS sentence, or a line that is none at all."""
    sentence = group.sentences[0]
    return sentence.start != "$" and (sentence.start != "!" or sentence.kind in ("VDM", "VDO") or bool(group.reason))


def as_dict(group: Group, explain: bool = False) -> dict[str, Any]:
    """A group for JSON."""
    ais = group.sentences[0].ais
    answer = _message(group, explain) if ais else _other(group)
    if group.heard_ms is not None:
        answer["heard"] = _utc(group.heard_ms)
    if group.station:
        answer["station"] = group.station
    answer["sentences"] = list(group.lines)
    return answer


def _message(group: Group, explain: bool) -> dict[str, Any]:
    message = decode_group(group)
    answer: dict[str, Any] = {
        "ok": message.ok,
        "reason": None if message.reason is None else str(message.reason),
        "type": message.type or None,
        "mmsi": message.mmsi,
        "message": MESSAGES[message.type].name if message.type in MESSAGES else None,
        "repeat": message.repeat,
        **message.fields,
    }
    if message.type in (4, 11):
        moment = utc_ms(message.fields)
        answer["utc"] = None if moment is None else _utc(moment)
    answer |= {"own": group.own, "channel": group.channel or None}
    if explain and group.payload:
        answer["explain"] = [row_as_dict(row) for row in explain_payload(group.payload, group.fill)]
    return answer


def _other(group: Group) -> dict[str, Any]:
    """A sentence of another instrument, or a line that is none."""
    sentence = group.sentences[0]
    reason = None if group.reason is None else str(group.reason)
    answer: dict[str, Any] = {"ok": reason is None, "reason": reason, "type": None, "mmsi": None}
    if sentence.kind:
        answer |= {"sentence": sentence.kind, "talker": sentence.talker, "values": list(sentence.fields)}
    fix = fix_of(sentence)
    if fix is not None:
        answer["fix"] = {
            "utc": None if fix.time_ms is None else _utc(fix.time_ms),
            "valid": fix.valid,
            "longitude_deg": fix.longitude_deg,
            "latitude_deg": fix.latitude_deg,
            "speed_kn": fix.speed_kn,
            "course_deg": fix.course_deg,
            "altitude_m": fix.altitude_m,
        }
    return answer


def _utc(at_ms: int) -> str:
    return iso(at_ms, ZoneInfo("UTC"))


def row_as_dict(row: Row) -> dict[str, Any]:
    """An explained row with its texts in both languages."""
    return {
        "offset": row.offset,
        "length": row.length,
        "path": row.path,
        "label": text(row.name),
        "raw": row.raw,
        "value": row.value,
        "unit": row.unit,
        "meaning": None if row.meaning is None else text(row.meaning),
    }
