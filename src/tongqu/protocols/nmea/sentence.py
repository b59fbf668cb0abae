"""One line: TAG block, sentence, checksum, and what a receiver wrote behind it.

Sentences by IEC 61162-1 (NMEA 0183), TAG blocks by IEC 61162-450, 7.2.3 and NMEA 0183 4.10. What stands behind the
checksum is the habit of shore stations: comma-separated remarks, the last of them the second of receipt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from tongqu.protocols.nmea.wire import Reason, checksum_of

_SENTENCE: Final = re.compile(r"([!$])([A-Z0-9-]{1,15}(?:,[^*]*)?)\*([0-9A-Fa-f]{2})(?![0-9A-Fa-f])(.*)", re.DOTALL)
_ADDRESS: Final = re.compile(r"[A-Z0-9-]+")
_GROUP: Final = re.compile(r"(\d+)-(\d+)-(\d+)")
_MS_FROM: Final = 100_000_000_000
"""A `c` of a TAG block from here on is in milliseconds, below in seconds: both are sent."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A TAG block.

    Attributes:
        source: `s`, who heard the sentence.
        time_ms: `c`, when, in UTC ms; None if it does not say.
        group: `g`: which sentence of how many, of which group.
        items: all parameters as sent.
    """

    source: str = ""
    time_ms: int | None = None
    group: tuple[int, int, int] | None = None
    items: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A line, read.

    Attributes:
        line: as received, without the end of line.
        reason: why it is refused, or None.
        start: `!` for encapsulated sentences, `$` for the others.
        talker: two letters, empty for a proprietary sentence.
        kind: formatter of three letters, or the whole address of a proprietary sentence.
        fields: what stands between the commas behind the address.
        tag: its TAG block, if it has one.
        heard_ms: time of receipt that its TAG block or the remarks behind it carry.
        station: who heard it, from the same places.
    """

    line: str
    reason: Reason | None = None
    start: str = ""
    talker: str = ""
    kind: str = ""
    fields: tuple[str, ...] = ()
    tag: Tag | None = None
    heard_ms: int | None = None
    station: str = ""

    @property
    def ais(self) -> bool:
        return self.start == "!" and self.kind in ("VDM", "VDO")


def parse(line: str) -> Sentence:
    """Read a line; never raises. A refused one still says its address if that could be read."""
    line = line.strip("\r\n\0 \t")
    rest = line
    tag: Tag | None = None
    if line.startswith("\\"):
        block, closed, rest = line[1:].partition("\\")
        found = _tag_of(block) if closed else None
        if found is None:
            return Sentence(line, Reason.TAG)
        tag = found
    match = _SENTENCE.match(rest)
    if match is None:
        looks = rest[:1] in ("!", "$")
        start, talker, kind, fields = _address(rest[:1], rest[1:].partition("*")[0]) if looks else ("", "", "", ())
        reason = Reason.CHECKSUM if looks and kind else Reason.SENTENCE
        return Sentence(line, reason, start, talker, kind, fields, tag)
    start, talker, kind, fields = _address(match[1], match[2])
    try:
        fits = checksum_of(match[2].encode("ascii")) == int(match[3], 16)
    except UnicodeEncodeError:
        fits = False
    heard_ms, station = _heard(tag, match[4])
    return Sentence(line, None if fits else Reason.CHECKSUM, start, talker, kind, fields, tag, heard_ms, station)


def _address(start: str, body: str) -> tuple[str, str, str, tuple[str, ...]]:
    address, *fields = body.split(",")
    if _ADDRESS.fullmatch(address) is None:
        return start, "", "", tuple(fields)
    if address.startswith("P"):
        return start, "", address, tuple(fields)
    return start, address[:-3], address[-3:] if len(address) == 5 else "", tuple(fields)


def _tag_of(block: str) -> Tag | None:
    """A TAG block's parameters; None if its checksum is wrong or missing."""
    body, star, check = block.rpartition("*")
    if not star or len(check) != 2:
        return None
    try:
        if checksum_of(body.encode("ascii")) != int(check, 16):
            return None
    except ValueError:
        return None
    items = dict(part.split(":", 1) for part in body.split(",") if ":" in part)
    group = _GROUP.fullmatch(items.get("g", ""))
    return Tag(
        source=items.get("s", ""),
        time_ms=_time(items.get("c", "")),
        group=(int(group[1]), int(group[2]), int(group[3])) if group else None,
        items=items,
    )


def _time(value: str) -> int | None:
    if not value.isascii() or not value.isdigit() or len(value) > 14:
        return None
    number = int(value)
    return number if number >= _MS_FROM else number * 1000


def _heard(tag: Tag | None, behind: str) -> tuple[int | None, str]:
    """When and by whom a sentence was heard, from its TAG block, else from the remarks behind it."""
    if tag is not None:
        return tag.time_ms, tag.source
    if not behind.startswith(","):
        return None, ""
    remarks = behind.rstrip().split(",")[1:]
    seconds = next((part for part in remarks if len(part) == 10 and part.isascii() and part.isdigit()), None)
    stations = [part for part in remarks if part[:1] in ("r", "b") and len(part) > 1]
    return None if seconds is None else int(seconds) * 1000, stations[0] if stations else ""
