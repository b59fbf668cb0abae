"""Logs of the real world and bodies made from the tables."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tongqu.protocols.nmea import Group
from tongqu.protocols.nmea.assembler import Assembler
from tongqu.protocols.nmea.fields import Data, Field, Flag, Number, Repeat, Spare, Text, Turn, turn_of
from tongqu.protocols.nmea.message import MessageTable
from tongqu.protocols.nmea.wire import SIX_BIT_TEXT

LETTERS = st.sampled_from(SIX_BIT_TEXT.replace("@", ""))
MMSI = st.integers(0, (1 << 30) - 1)


def log(folder: Path, name: str) -> bytes:
    return gzip.decompress((folder / name).read_bytes())


def groups(lines: list[str]) -> list[Group]:
    """AIS groups of lines, those at the end that lack a part included."""
    assembler = Assembler()
    found = [group for line in lines for group in assembler.feed(line)]
    return [group for group in found + assembler.flush() if group.sentences[0].ais]


@st.composite
def bodies(draw: st.DrawFn, table: MessageTable) -> tuple[int, dict[str, Any]]:
    """A sender and a body that a message may have: what `decode` must give back of what `encode` made."""
    mmsi = draw(MMSI)
    layout = draw(st.sampled_from(table.layouts))
    body: dict[str, Any] = {}
    for field in layout.fields:
        if isinstance(field, Spare) or field.name in ("type", "repeat", "mmsi"):
            continue
        body[field.name] = draw(values(field))
    for when in layout.when:
        if when.name == "mmsi":
            mmsi = draw(st.integers(when.low, when.high))
        else:
            body[when.name] = when.low if when.width > 1 else bool(when.low)
    if table.type == 24 and not layout.when:
        body["part"] = draw(st.sampled_from([2, 3]))
    if table.type == 24 and "to_bow_m" in body and mmsi // 10_000_000 == 98:
        mmsi -= 980_000_000
    return mmsi, body


def values(field: Field) -> st.SearchStrategy[Any]:
    """Values of a field, "not available" among them where there is such a thing."""
    if isinstance(field, Flag):
        return st.booleans()
    if isinstance(field, Turn):
        return st.one_of(st.none(), st.integers(-127, 127).map(turn_of))
    if isinstance(field, Number):
        low, high = (
            (-(1 << field.width - 1), (1 << field.width - 1) - 1) if field.signed else (0, (1 << field.width) - 1)
        )
        raw = st.integers(low, high).filter(lambda number: number != field.absent)
        known = raw.map(lambda number: number / field.per) if field.per else raw
        return known if field.absent is None else st.one_of(st.none(), known)
    if isinstance(field, Text):
        most = field.width // 6 or min(field.most, 40)
        return st.text(LETTERS, max_size=most).map(lambda words: words.rstrip(" "))
    if isinstance(field, Data):
        return st.integers(0, 60).flatmap(_data)
    assert isinstance(field, Repeat)
    record = st.fixed_dictionaries({one.name: values(one) for one in field.of if not isinstance(one, Spare)})
    return st.lists(record, min_size=1, max_size=field.most)


def _data(count: int) -> st.SearchStrategy[dict[str, Any]]:
    size = -(-count // 8)
    return st.integers(0, (1 << count) - 1).map(
        lambda number: {"bits": count, "hex": (number << size * 8 - count).to_bytes(size, "big").hex()}
    )
