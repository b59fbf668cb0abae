"""A real station reads as what it says; what is broken is noted; a large file is never held."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongqu.kit import text
from tongqu.kit.errors import Invalid, TongquError
from tongqu.protocols import netex
from tongqu.protocols.netex import Name, Point, StopPlace

HEAD = b'<PublicationDelivery xmlns="http://www.netex.org.uk/netex" xmlns:gml="http://www.opengis.net/gml/3.2">'
TAIL = b"</PublicationDelivery>"


def read(inner: str | bytes) -> tuple[list[StopPlace], netex.Reading]:
    body = inner if isinstance(inner, bytes) else inner.encode()
    reading = netex.stop_places(io.BytesIO(HEAD + body + TAIL))
    return list(reading), reading


def place(inner: str = "", id_: str = "x:StopPlace:1", name: str = "Station") -> str:
    return f"<StopPlace id={quoteattr(id_)}><Name>{name}</Name>{inner}</StopPlace>"


def at(location: str) -> str:
    return f"<Centroid>{location}</Centroid>"


def test_a_real_station_reads_as_what_it_says(data_dir: Path) -> None:
    reading = netex.stop_places(data_dir / "travel/netex/netex-zuerich-hb.xml")
    (one,) = list(reading)
    assert (reading.notices, reading.skipped) == ([], 0)
    assert (one.id, one.name, one.private_code) == ("ch:2:StopPlace:8503000", "Zürich HB", "8503000")
    assert one.point == Point(8.540212, 47.378176, 407.0)
    assert (one.valid_from, one.valid_to) == (date(1978, 10, 1), None)
    assert Name("Zurigo", "de", "alias") in one.names and one.keys == (("DIDOK", "8503000"),)
    assert len(one.quays) == 25
    quays = {quay.public_code: quay for quay in one.quays}
    assert quays["10"].id == "ch:2:Quay:8503000:10" and quays["10"].keys == (("SLOID", "ch:1:sloid:3000:6:10"),)
    assert quays["41/42"].point == Point(8.538756, 47.378821, 407.0)


@pytest.mark.parametrize(
    ("location", "lon", "lat"),
    [
        ("<Location><Longitude>8.5</Longitude><Latitude>47.3</Latitude></Location>", 8.5, 47.3),
        ('<Location><gml:pos srsName="EPSG:4326">47.3 8.5</gml:pos></Location>', 8.5, 47.3),
        ('<Location srsName="urn:ogc:def:crs:OGC:1.3:CRS84"><gml:pos>8.5 47.3</gml:pos></Location>', 8.5, 47.3),
        # the origin of the Swiss grid is the old observatory of Bern; that of Lambert-93 lies at 3° E, 46.5° N
        ('<Location srsName="EPSG:2056"><gml:pos>2600000 1200000</gml:pos></Location>', 7.438632, 46.951083),
        ('<Location><gml:pos srsName="urn:ogc:def:crs:EPSG::2154">700000 6600000</gml:pos></Location>', 3.0, 46.5),
    ],
)
def test_positions_are_wgs84_from_any_system_that_is_told(location: str, lon: float, lat: float) -> None:
    ((one,), reading) = read(place(at(location)))
    assert one.point is not None and not reading.notices
    assert (one.point.lon, one.point.lat) == pytest.approx((lon, lat), abs=2e-5)


def test_the_system_of_the_frame_holds_where_a_position_tells_none() -> None:
    default = "<FrameDefaults><DefaultLocationSystem>EPSG:2154</DefaultLocationSystem></FrameDefaults>"
    ((one,), _) = read(default + place(at("<Location><gml:pos>700000 6600000</gml:pos></Location>")))
    assert one.point is not None and one.point.lon == pytest.approx(3.0, abs=1e-5)


@pytest.mark.parametrize(
    ("inner", "code"),
    [
        (at("<Location><gml:pos>700000 6600000</gml:pos></Location>"), "no_crs"),
        (at('<Location><gml:pos srsName="moon">1 2</gml:pos></Location>'), "unknown_crs"),
        (at('<Location><gml:pos srsName="EPSG:999999">1 2</gml:pos></Location>'), "unknown_crs"),
        (at("<Location><Longitude>east</Longitude><Latitude>47</Latitude></Location>"), "bad_position"),
        (at("<Location><Longitude>nan</Longitude><Latitude>47</Latitude></Location>"), "bad_position"),
        (at("<Location><Longitude>8</Longitude><Latitude>97</Latitude></Location>"), "bad_position"),
        (at("<Location><Longitude>0</Longitude><Latitude>0</Latitude></Location>"), "bad_position"),
        (at('<Location><gml:pos srsName="EPSG:2056">1e300 1e300</gml:pos></Location>'), "bad_position"),
        ("<ValidBetween><ToDate>soon</ToDate></ValidBetween>", "bad_day"),
    ],
)
def test_what_cannot_be_told_is_noted_and_the_place_stays(inner: str, code: str) -> None:
    ((one,), reading) = read(place(inner))
    assert (one.name, one.point, one.valid_to) == ("Station", None, None)
    assert [(notice.code, notice.element) for notice in reading.notices] == [(code, "x:StopPlace:1")]
    assert text.has(f"netex.notices.{code}") and all("{" not in said for said in reading.notices[0].detail.values())


def test_entrances_names_and_sectors() -> None:
    inner = (
        "<Name><Text lang='de'>Bahnhof</Text><Text lang='en'>Station</Text></Name>"
        "<alternativeNames><AlternativeName><NameType>translation</NameType><Name lang='fr'>Gare</Name>"
        "</AlternativeName></alternativeNames><entrances><StopPlaceEntranceRef ref='r'/>"
        "<StopPlaceEntrance id='e1'><Name>North</Name>"
        "<PublicCode>B</PublicCode><IsExit>false</IsExit></StopPlaceEntrance></entrances>"
        "<quays><Quay id='q1'/><Quay id='q2'><ParentQuayRef ref='q1'/></Quay>"
        "<Quay><PublicCode>9</PublicCode></Quay></quays>"
    )
    ((one,), reading) = read(f"<StopPlace id='s'>{inner}</StopPlace>")
    assert (one.name, one.names) == (
        "Bahnhof",
        (Name("Station", "en", "translation"), Name("Gare", "fr", "translation")),
    )
    (entrance,) = one.entrances
    assert (entrance.public_code, entrance.name, entrance.is_entry, entrance.is_exit) == ("B", "North", True, False)
    assert [(quay.id, quay.parent) for quay in one.quays] == [("q1", ""), ("q2", "q1")]
    assert (reading.skipped, [notice.code for notice in reading.notices]) == (1, ["no_id"])


def test_what_lies_outside_a_stop_place_or_has_no_id_is_left_out() -> None:
    found, reading = read("<Quay id='q'/>" + place(id_="") + place())
    assert [one.id for one in found] == ["x:StopPlace:1"]
    assert (reading.skipped, [notice.code for notice in reading.notices]) == (2, ["outside_place", "no_id"])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<html/>", "netex.no_delivery"),
        (b"<!DOCTYPE a><PublicationDelivery/>", "kit.xml_doctype"),
        (HEAD + b"<StopPlace id='a'>", "kit.broken_xml"),
    ],
)
def test_what_is_no_netex_is_refused_in_both_languages(data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        list(netex.stop_places(io.BytesIO(data)))
    assert caught.value.code == code and all(caught.value.detail.values())


class Stream(io.RawIOBase):
    """A file of many stop places that is made while it is read."""

    def __init__(self, count: int) -> None:
        self._parts = self._made(count)

    @staticmethod
    def _made(count: int) -> Iterator[bytes]:
        yield HEAD
        for number in range(count):
            yield place(f"<Description>{'x' * 2_000}</Description>", f"s{number}").encode()
        yield TAIL

    def read(self, _: int = -1) -> bytes:
        return next(self._parts, b"")


def test_a_large_file_is_never_held() -> None:
    tracemalloc.start()
    try:
        count = sum(1 for _ in netex.stop_places(Stream(10_000)))  # type: ignore[arg-type]
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 10_000 and most < 2 << 20, f"{most >> 10} KB were held of 20 MB"


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1, max_size=9)


@given(st.lists(st.tuples(WORDS, st.floats(-179, 179), st.floats(1, 89)), max_size=4))
def test_what_is_written_is_read(told: list[tuple[str, float, float]]) -> None:
    made = "".join(
        place(at(f"<Location><Longitude>{lon:.7f}</Longitude><Latitude>{lat:.7f}</Latitude></Location>"), id_)
        for id_, lon, lat in told
    )
    found, reading = read(made)
    assert [one.id for one in found] == [id_ for id_, _, _ in told] and not reading.notices
    for one, (_, lon, lat) in zip(found, told, strict=True):
        assert one.point is not None and (one.point.lon, one.point.lat) == pytest.approx((lon, lat), abs=1e-7)


@given(st.binary(max_size=120), st.integers(0, 400))
def test_any_bytes_within_a_file_are_read_or_refused(data: bytes, where: int) -> None:
    whole = HEAD + place("<quays><Quay id='q'/></quays>").encode() + TAIL
    try:
        list(netex.stop_places(io.BytesIO(whole[:where] + data + whole[where:])))
    except TongquError as error:
        assert error.code.partition(".")[0] in ("kit", "netex")
