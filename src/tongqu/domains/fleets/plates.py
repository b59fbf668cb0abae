"""Number plates: the forms of GA 36-2018 as patterns, and colours. A vehicle's identity is plate + colour.

The first character is the province's abbreviation, the second a letter of the issuing office; I and O do not occur
in the serial. Which letters mark the energy in a new-energy serial (D and F first, others where those ran out), and
how many letters a serial may have, is from memory (status unverified): the patterns are on the wide side there, so
that no real plate is refused.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from tongqu.kernel.platform import Platform
from tongqu.kit.errors import Invalid

REAL_PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
DEMO_PROVINCES = "澜沅"


class PlateColour(StrEnum):
    """Colours of plates; `green` is the new-energy green where its two kinds are not told apart."""

    BLUE = "blue"
    YELLOW = "yellow"
    BLACK = "black"
    WHITE = "white"
    GREEN = "green"
    YELLOW_GREEN = "yellow_green"
    GRADIENT_GREEN = "gradient_green"
    OTHER = "other"


COLOURS = tuple(colour.value for colour in PlateColour)


@dataclass(frozen=True)
class Form:
    """One form of plate: `省` in the pattern stands for the abbreviations in use."""

    id: str
    pattern: str
    colours: tuple[str, ...]


_SERIAL = "[A-HJ-NP-Z0-9]"
_ENERGY = "[A-HJK]"
_GREENS = ("green", "gradient_green", "yellow_green", "other")
FORMS = (
    Form("new_energy_small", rf"省[A-HJ-Z]{_ENERGY}{_SERIAL}\d{{4}}", _GREENS),
    Form("new_energy_large", rf"省[A-HJ-Z]\d{{5}}{_ENERGY}", _GREENS),
    Form("standard", rf"省[A-HJ-Z]{_SERIAL}{{5}}", ("blue", "yellow", "black", "white", "other")),
    Form("trailer", rf"省[A-HJ-Z]{_SERIAL}{{4}}挂", ("yellow", "other")),
    Form("learner", rf"省[A-HJ-Z]{_SERIAL}{{4}}学", ("blue", "yellow", "other")),
    Form("police", rf"省[A-HJ-Z]{_SERIAL}{{4}}警", ("white", "other")),
    Form("hong_kong_macao", rf"粤Z{_SERIAL}{{4}}[港澳]", ("black", "other")),
)
"""Trailers carry the yellow plate of large vehicles; 学, 警, 港, 澳 stand last."""


@dataclass(frozen=True)
class Plate:
    """A plate with its colour.

    Attributes:
        plain: as on the wire, `澜AD12345`.
        label: as it is written, `澜A·D12345`.
        form: id of its form.
    """

    plain: str
    colour: str
    form: str

    @property
    def label(self) -> str:
        return f"{self.plain[:2]}·{self.plain[2:]}"

    @property
    def identity(self) -> str:
        """Plate and colour: the alias `plate` of a vehicle."""
        return f"{self.plain} {self.colour}"


@dataclass(frozen=True)
class PlateRules:
    """Which plates an installation takes: `provinces` are the abbreviations in use."""

    provinces: str = REAL_PROVINCES

    def read(self, text: str, colour: str) -> Plate:
        """The plate that a text means.

        Raises:
            Invalid: `fleets.bad_plate`; `fleets.bad_colour`: this form of plate is not made in this colour.
        """
        plain = plain_plate(text)
        for form in FORMS:
            if re.fullmatch(form.pattern.replace("省", f"[{self.provinces}]"), plain):
                if colour not in form.colours:
                    raise Invalid("fleets.bad_colour", field="plate_colour", plate=plain, colour=colour)
                return Plate(plain, colour, form.id)
        raise Invalid("fleets.bad_plate", field="plate", value=text[:20])


def plain_plate(text: str) -> str:
    """A plate without dots, hyphens and spaces, in upper case and half width."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return re.sub(r"[\s·•‧・･.\-]", "", folded)


def plate_rules(platform: Platform) -> PlateRules:
    """The rules of an installation: the 31 abbreviations, and those of the option `fleets.more_provinces`.

    In the demo province that option has its fictional abbreviations.
    """
    settings = platform.settings
    more = settings.options.get("fleets.more_provinces", DEMO_PROVINCES if settings.demo else "")
    return PlateRules(REAL_PROVINCES + "".join(char for char in more if "\u4e00" <= char <= "\u9fff"))
