"""Stakes (桩号): what is said of a place on a route, `G9901 K45+200 下行`; how they are read and written.

A stake is written `K12+345.6`: kilometres, and metres below a thousand. A letter before the K names the alignment
(`AK0+100` ramp A, `ZK` and `YK` the left and right line of a divided road); a letter after it tells the two places
apart that a long broken chain (长链) gives one stake, `K10+000B`. Kilometre stakes: GB 5768.2; letters of alignments:
JTG/T D21 and practice.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal, Protocol

from tongqu.kit.errors import Invalid
from tongqu.kit.text import text

Direction = Literal["up", "down", "both"]
"""上行 (stakes rise), 下行 (stakes fall), or a road that is not told apart."""

DIRECTIONS: tuple[Direction, ...] = ("both", "up", "down")
"""In the order of the numbers by which arrays name them."""

BRANCHES = ("", "A", "B", "C", "D", "E", "F", "G", "H")
"""In the order of the numbers by which arrays name them."""

_SIDE_OF: dict[str, Direction] = {"Z": "down", "Y": "up"}
_STAKE = re.compile(
    r"(?P<prefix>[A-JL-Z]{0,2})K *(?P<km>\d{1,5})(?: *\+ *(?P<m>\d{1,4}(?:\.\d{1,4})?))? *(?P<branch>[A-H]?)"
)
_NUMBER = re.compile(r"(?P<number>[A-Z]{1,3}-?\d{1,6}(?:[A-Z](?=[ (\[]))?)[ \u4e00-\u9fff]*")
_REGION = re.compile(r"[(\[]? *(?P<region>\d{6}|\d{4}|\d{2}) *[)\]]? *")


@dataclass(frozen=True)
class Stake:
    """A stake as it is written.

    Attributes:
        stake_m: chainage in metres.
        prefix: letter of the alignment, empty for the main line.
        branch: letter where a long broken chain gives the stake twice.
    """

    stake_m: float
    prefix: str = ""
    branch: str = ""


@dataclass(frozen=True)
class StakeText:
    """A place by stake as somebody wrote it: `X101 (990303) K3+200 下行`; what was not written is None."""

    stake: Stake
    number: str | None = None
    region: str | None = None
    direction: Direction | None = None


@dataclass(frozen=True)
class StakePlace:
    """A place on a route.

    Attributes:
        route: registry key of the route; `number` and `region` are what people call it (X101 of 990301).
        stake_m: calibrated chainage in metres.
        branch: letter of a long broken chain (长链) where a stake occurs twice, else empty.
        direction: of the carriageway.
        offset_m: distance of the point from the line, positive to the right of rising stakes.
        lon, lat: the place on the line, degrees.
        text: as people write it: `G9901 K45+200 下行`.
        prefix: letter of the alignment, empty for the main line.
        estimated: the calibration there was not measured but taken from the length of the line.
    """

    route: int
    number: str
    region: str
    stake_m: float
    branch: str
    direction: Direction
    offset_m: float
    lon: float
    lat: float
    text: str
    prefix: str = ""
    estimated: bool = False

    @property
    def side(self) -> Literal["left", "right", "on"]:
        """On which side of the line the point lies, seen along rising stakes."""
        return "on" if abs(self.offset_m) < 0.05 else "right" if self.offset_m > 0 else "left"


class StakeLocator(Protocol):
    """Service of the API process: places on routes for points; none where no route is calibrated."""

    def locate(self, lon: float, lat: float, within_m: float = 60.0) -> list[StakePlace]:
        """Places within a distance, nearest first; empty where no route is near."""
        ...


def format_stake(stake_m: float, prefix: str = "", branch: str = "", decimals: int = 0) -> str:
    """`K12+345`: metres in three digits, rounded to `decimals`, with a carry where they come to a thousand."""
    units = 10**decimals
    whole = round(stake_m * units)
    km, rest = divmod(whole, 1000 * units)
    width = 3 if decimals == 0 else 4 + decimals
    return f"{prefix}K{km}+{rest / units:0{width}.{decimals}f}{branch}"


def format_place(number: str, stake: str, direction: Direction, language: str = "zh") -> str:
    """`G9901 K45+200 下行`: a place on a route as people write it; a road that is not told apart has no direction."""
    word = "" if direction == "both" else text(f"geo.directions.{direction}")[language]
    return " ".join(part for part in (number, stake, word) if part)


def parse_stake(given: str) -> Stake:
    """A stake alone.

    Raises:
        Invalid: `geo.bad_stake`; `geo.stake_metres` where the metres come to a thousand.
    """
    found = _STAKE.fullmatch(_folded(given))
    if found is None:
        raise Invalid("geo.bad_stake", field="stake", value=given[:60])
    return _stake_of(found, given)


def parse_place(given: str) -> StakeText:
    """A stake with what may stand around it: number of the route, code of the region, direction, in this order.

    `X101K3+200`, `Ｘ１０１ Ｋ３＋２００`, `X101(990303) K3+200 下行` and `ZK12+345` are all read; ZK and YK (left and
    right line) give the direction where none is written.

    Raises:
        Invalid: as `parse_stake`.
    """
    folded, direction = _without_direction(_folded(given))
    number = None if _STAKE.fullmatch(folded) else _NUMBER.match(folded)
    rest = folded[number.end() :] if number else folded
    region = _REGION.match(rest) if number else None
    stake = _STAKE.fullmatch((rest[region.end() :] if region else rest).strip())
    if stake is None:
        raise Invalid("geo.bad_stake", field="stake", value=given[:60])
    read = _stake_of(stake, given)
    return StakeText(
        read,
        number["number"] if number else None,
        region["region"] if region else None,
        direction or _SIDE_OF.get(read.prefix),
    )


def _stake_of(found: re.Match[str], given: str) -> Stake:
    metres = float(found["m"] or 0)
    if metres >= 1000:
        raise Invalid("geo.stake_metres", field="stake", value=given[:60])
    return Stake(int(found["km"]) * 1000 + metres, found["prefix"], found["branch"])


def _folded(given: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", given).upper().split())


def _words() -> dict[str, Direction]:
    """Words for directions in both languages, the longer ones first."""
    words: dict[str, Direction] = {}
    for direction in DIRECTIONS:
        for name in (direction, *text(f"geo.directions.{direction}").values()):
            words[name.upper()] = direction
    return dict(sorted(words.items(), key=lambda pair: -len(pair[0])))


def _without_direction(folded: str) -> tuple[str, Direction | None]:
    for word, direction in _words().items():
        if folded.endswith(word):
            return folded[: -len(word)].strip(), direction
    return folded, None
