"""XML of strangers, read safely and as a stream: no document type, no entities of its own, nothing fetched, bounds on
size and depth. Elements are known by their local names; namespaces are left out."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError, XMLParser

from tongqu.kit.errors import Invalid, TooLarge

MOST_DEPTH = 200
_BLOCK = 64 << 10


def elements(
    source: BinaryIO, wanted: Collection[str], *, most_bytes: int, seen: set[str] | None = None
) -> Iterator[Element]:
    """The elements of some local names, each whole, as soon as it ends; what lies outside them is never held.

    Of elements that are wanted and lie in one another only the outermost comes. Tags and attributes of what comes are
    local names; its first attribute of a name wins.

    Args:
        source: bytes in an encoding that the document declares (UTF-8 without a declaration).
        most_bytes: of the whole document.
        seen: the names of elements outside those that are wanted are added to it, as far as the document was read.

    Raises:
        Invalid: `kit.broken_xml` with the line, `kit.xml_doctype`, `kit.xml_too_deep`.
        TooLarge: `kit.xml_too_large`.
    """
    target = _Target(frozenset(wanted), set() if seen is None else seen)
    parser = XMLParser(target=target)
    size = 0
    try:
        while block := source.read(_BLOCK):
            size += len(block)
            if size > most_bytes:
                raise TooLarge("kit.xml_too_large", most_mb=most_bytes >> 20)
            parser.feed(block)
            yield from target.ended()
        parser.close()
        yield from target.ended()
    except ParseError as error:
        line = error.position[0]
        raise Invalid("kit.broken_xml", row=line, line=line, reason=str(error)) from error
    except (LookupError, ValueError) as error:  # an encoding that is not known, or of several bytes
        raise Invalid("kit.broken_xml", line=1, reason=str(error)) from error


def words(element: Element | None) -> str:
    """The text of an element, its white space as single spaces; empty where there is none."""
    return "" if element is None else " ".join((element.text or "").split())


def local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]


class _Target:
    """What the parser tells: wanted elements are built, the rest passes."""

    def __init__(self, wanted: frozenset[str], seen: set[str]) -> None:
        self._wanted = wanted
        self._seen = seen
        self._depth = 0
        self._open: list[Element] = []
        self._ended: list[Element] = []
        self._text: list[str] = []

    def ended(self) -> list[Element]:
        found, self._ended = self._ended, []
        return found

    def doctype(self, name: str, *_: object) -> None:
        raise Invalid("kit.xml_doctype", name=name[:80])

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise Invalid("kit.xml_too_deep", most=MOST_DEPTH)
        name = local(tag)
        if not self._open and name not in self._wanted:
            self._seen.add(name)
            return
        self._settle()
        made = Element(name)
        for key, value in attributes.items():
            made.attrib.setdefault(local(key), value)
        if self._open:
            self._open[-1].append(made)
        self._open.append(made)

    def data(self, text: str) -> None:
        if self._open:
            self._text.append(text)

    def end(self, _: str) -> None:
        self._depth -= 1
        if self._open:
            self._settle()
            closed = self._open.pop()
            if not self._open:
                self._ended.append(closed)

    def _settle(self) -> None:
        """Put the text that came since the last tag where it belongs, joined once: it comes line by line."""
        if self._open and self._text:
            into, text = self._open[-1], "".join(self._text)
            if len(into):
                into[-1].tail = text
            else:
                into.text = text
        self._text.clear()

    def close(self) -> None: ...
