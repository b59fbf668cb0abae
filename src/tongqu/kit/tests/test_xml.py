"""XML of strangers: what is wanted comes whole, nothing is declared, fetched or grown without bound."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongqu.kit import xml
from tongqu.kit.errors import Invalid, TongquError, TooLarge

MOST = 1 << 20


def read(data: bytes, *wanted: str, most: int = MOST, seen: set[str] | None = None) -> list[ElementTree.Element]:
    return list(xml.elements(io.BytesIO(data), wanted, most_bytes=most, seen=seen))


def test_wanted_elements_come_whole_and_the_outermost_alone() -> None:
    seen: set[str] = set()
    data = b'<r xmlns="urn:a" xmlns:b="urn:b"><x b:id="1">one <b:y>two</b:y> three<x>four</x></x><z>no</z><x/></r>'
    first, second = read(data, "x", seen=seen)
    assert (first.get("id"), xml.words(first), xml.words(first.find("y")), first.find("y").tail) == (
        "1",
        "one",
        "two",
        " three",
    )  # type: ignore[union-attr]
    assert xml.words(first.find("x")) == "four" and len(second) == 0
    assert seen == {"r", "z"}


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE r [<!ENTITY a "b">]><r><x>&a;</x></r>',
        b'<!DOCTYPE r SYSTEM "http://127.0.0.1:9/r.dtd"><r><x/></r>',
        b'<?xml version="1.0"?>\n<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/hostname">]><r><x>&f;</x></r>',
        '<!DOCTYPE r [<!ENTITY a "b">]><r><x>&a;</x></r>'.encode("utf-16"),
    ],
)
def test_a_document_type_is_refused_in_any_encoding(data: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        read(data, "x")
    assert caught.value.code == "kit.xml_doctype"


def test_entities_that_multiply_are_refused_before_they_grow() -> None:
    lines = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 50) for n in range(1, 9))
    with pytest.raises(Invalid):
        read(b'<!DOCTYPE r [<!ENTITY e0 "aaaaaaaaaa">' + lines + b"]><r><x>&e8;</x></r>", "x")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "kit.broken_xml"),
        (b"<r><x>", "kit.broken_xml"),
        (b"<r>&nothing;</r>", "kit.broken_xml"),
        (b'<?xml version="1.0" encoding="no-such"?><r/>', "kit.broken_xml"),
        (b"<a>" * 300, "kit.xml_too_deep"),
    ],
)
def test_what_is_broken_is_refused_with_its_reason(data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        read(data, "x")
    assert caught.value.code == code
    assert all("{" not in said and said != f"kit.errors.{code}" for said in caught.value.detail.values())


def test_a_document_that_is_too_large_is_left_where_it_becomes_so() -> None:
    class Endless(io.RawIOBase):
        asked = 0

        def read(self, size: int = -1) -> bytes:
            self.asked += size
            return (b"<r>" if self.asked == size else b"") + b"<y>text</y>" * 100

    source = Endless()
    with pytest.raises(TooLarge):
        list(xml.elements(source, ("x",), most_bytes=1 << 16))  # type: ignore[arg-type]
    assert source.asked < 10 << 20


NAMES = st.sampled_from(["x", "y", "z"])
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=8).filter(str.strip)


@st.composite
def trees(draw: st.DrawFn, depth: int = 3) -> ElementTree.Element:
    made = ElementTree.Element(draw(NAMES))
    made.text = draw(TEXTS)
    for _ in range(draw(st.integers(0, 3)) if depth else 0):
        child = draw(trees(depth - 1))
        child.tail = draw(TEXTS)
        made.append(child)
    return made


@given(trees())
def test_a_wanted_tree_is_what_the_standard_reader_makes_of_it(tree: ElementTree.Element) -> None:
    root = ElementTree.Element("root")
    root.append(tree)
    data = ElementTree.tostring(root, "utf-8")
    (found,) = read(data, tree.tag)
    assert ElementTree.tostring(found) == ElementTree.tostring(ElementTree.fromstring(data)[0])


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for given_ in (data, b"<r>" + data, b"<r><x>" + data + b"</x></r>"):
        try:
            read(given_, "x")
        except TongquError as error:
            assert error.code.startswith("kit.")
