"""From a NeTEx file to its stop places, one after the other: what was read is not held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import BinaryIO
from xml.etree.ElementTree import Element

from tongqu.kit import xml
from tongqu.kit.errors import Invalid
from tongqu.kit.xml import words
from tongqu.protocols.netex.positions import BadPosition, point_of
from tongqu.protocols.netex.values import Entrance, Keys, Name, Notice, Point, Quay, StopPlace

MOST_BYTES = 4 << 30
MOST_NOTICES = 1_000
DELIVERY, STOP_PLACE = "PublicationDelivery", "StopPlace"
_DEFAULTS = {"DefaultLocationSystem", "DefaultLanguage"}
_LOOSE = {"Quay", "StopPlaceEntrance"}
_WANTED = (STOP_PLACE, *_DEFAULTS, *_LOOSE)
_FALSE = ("false", "0")


def stop_places(source: Path | BinaryIO) -> Reading:
    """The stop places of a file; go through it once."""
    return Reading(source)


class Reading:
    """Stop places as they are read.

    Attributes:
        notices: what was wrong so far, the first `MOST_NOTICES`.
        skipped: stop places, quays and entrances left out so far.
    """

    def __init__(self, source: Path | BinaryIO) -> None:
        self._source = source
        self._crs = self._language = ""
        self.notices: list[Notice] = []
        self.skipped = 0

    def __iter__(self) -> Iterator[StopPlace]:
        """Go through the file.

        Raises:
            Invalid: `kit.broken_xml`, `kit.xml_doctype`, `kit.xml_too_deep`; `netex.no_delivery`: it is no NeTEx, which
                is known at its end only. What came before a place that is broken did come.
            TooLarge: `kit.xml_too_large`.
        """
        if isinstance(self._source, Path):
            with self._source.open("rb") as opened:
                yield from self._read(opened)
        else:
            yield from self._read(self._source)

    def _read(self, opened: BinaryIO) -> Iterator[StopPlace]:
        seen: set[str] = set()
        for element in xml.elements(opened, _WANTED, most_bytes=MOST_BYTES, seen=seen):
            if element.tag == STOP_PLACE:
                place = self._place(element)
                if place is not None:
                    yield place
            elif element.tag == "DefaultLocationSystem":
                self._crs = words(element)
            elif element.tag == "DefaultLanguage":
                self._language = words(element)
            else:
                self._leave("outside_place", element.get("id", ""))
        if DELIVERY not in seen:
            raise Invalid("netex.no_delivery")

    def _note(self, code: str, element: str, value: str = "") -> None:
        if len(self.notices) < MOST_NOTICES:
            self.notices.append(Notice(code, element[:120], value[:120]))

    def _leave(self, code: str, element: str, value: str = "") -> None:
        self.skipped += 1
        self._note(code, element, value)

    def _place(self, element: Element) -> StopPlace | None:
        id_ = element.get("id", "")
        if not id_:
            self._leave("no_id", "", words(element.find("Name")))
            return None
        name, further = self._names(element)
        return StopPlace(
            id=id_,
            name=name,
            names=further,
            short_name=_named(element, "ShortName"),
            public_code=words(element.find("PublicCode")),
            private_code=words(element.find("PrivateCode")),
            keys=_keys(element),
            point=self._point(element, id_),
            kind=words(element.find("StopPlaceType")),
            mode=words(element.find("TransportMode")),
            parent=_ref(element.find("ParentSiteRef")),
            valid_from=self._day(element, "FromDate", id_),
            valid_to=self._day(element, "ToDate", id_),
            quays=tuple(self._quays(element.findall("quays/Quay"))),
            entrances=tuple(self._entrances(element.findall("entrances/*"))),
        )

    def _quays(self, elements: Iterable[Element]) -> Iterator[Quay]:
        for one in elements:
            id_ = one.get("id", "")
            if not id_:
                self._leave("no_id", "", words(one.find("PublicCode")))
                continue
            yield Quay(
                id_, _named(one, "Name"), words(one.find("PublicCode")), words(one.find("PrivateCode")), _keys(one),
                self._point(one, id_), words(one.find("QuayType")), _ref(one.find("ParentQuayRef")),
            )  # fmt: skip

    def _entrances(self, elements: Iterable[Element]) -> Iterator[Entrance]:
        for one in elements:
            if one.tag not in ("StopPlaceEntrance", "Entrance"):  # references to entrances elsewhere, and of vehicles
                continue
            id_ = one.get("id", "")
            if not id_:
                self._leave("no_id", "", _named(one, "Name"))
                continue
            code = words(one.find("PublicCode")) or _named(one, "Label") or _named(one, "ShortName")
            yield Entrance(
                id_, _named(one, "Name"), code, _keys(one), self._point(one, id_),
                words(one.find("IsEntry")) not in _FALSE, words(one.find("IsExit")) not in _FALSE,
            )  # fmt: skip

    def _names(self, element: Element) -> tuple[str, tuple[Name, ...]]:
        """The name, and all others that differ from it: its other languages, and alternative names."""
        own = [(words(one), one.get("lang") or self._language) for one in _texts(element.find("Name"))]
        name = next((told for told, _ in own if told), "")
        found = {Name(told, language, "translation"): None for told, language in own[1:] if told and told != name}
        for one in element.findall("alternativeNames/AlternativeName"):
            kind = words(one.find("NameType")) or "alias"
            for each in _texts(one.find("Name")):
                told = words(each)
                if told and told != name:
                    found.setdefault(Name(told, each.get("lang") or self._language, kind))
        return name, tuple(found)

    def _point(self, element: Element, id_: str) -> Point | None:
        try:
            return point_of(element.find("Centroid/Location"), self._crs)
        except BadPosition as error:
            self._note(error.code, id_, error.value)
            return None

    def _day(self, element: Element, name: str, id_: str) -> date | None:
        """The day of an xsd:dateTime; its clock and zone are left out, as validity counts in days."""
        written = words(element.find(f"ValidBetween/{name}"))
        if not written:
            return None
        try:
            return date.fromisoformat(written[:10])
        except ValueError:
            self._note("bad_day", id_, written)
            return None


def _texts(element: Element | None) -> list[Element]:
    """A multilingual text: one text with its language, or since NeTEx 2.0 several as `Text`."""
    if element is None:
        return []
    return element.findall("Text") or [element]


def _named(element: Element, name: str) -> str:
    return next((told for one in _texts(element.find(name)) if (told := words(one))), "")


def _ref(element: Element | None) -> str:
    return "" if element is None else element.get("ref", "")


def _keys(element: Element) -> Keys:
    told = ((words(one.find("Key")), words(one.find("Value"))) for one in element.findall("keyList/KeyValue"))
    return tuple((key, value) for key, value in told if key and value)
