"""A real delivery reads as what it says; a malformed situation takes no other with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongqu.kit import text
from tongqu.kit.errors import Invalid, TongquError
from tongqu.protocols import siri
from tongqu.protocols.siri import AffectedJourney, AffectedLine
from tongqu.protocols.siri.reading import moment_ms
from tongqu.protocols.siri.tests.messages import delivery, line, situation, stop_point


@pytest.fixture(scope="module")
def capture(data_dir: Path) -> bytes:
    return (data_dir / "travel/netex/siri-sx.xml").read_bytes()


def utc(written: str) -> int:
    return round(datetime.fromisoformat(written).timestamp() * 1000)


def test_a_real_delivery_reads_as_what_it_says(capture: bytes) -> None:
    found = siri.read(capture)
    assert (found.producer, found.full, found.skipped, found.notices) == ("DDIP-M", True, 0, ())
    (one,) = found.situations
    assert (one.key, one.version, one.progress, one.holds) == ("STA:2024-3443167", 6, "published", True)
    assert one.validity == ((utc("2024-10-04T11:08:00+00:00"), utc("2024-11-30T12:08:00+00:00")),)
    assert one.reason == "routeBlockage" and dict(one.reason_names)["en"] == "Obstacle on the route"
    assert dict(one.summary)["it"] == "120 Linea 120 . Ostacolo su strada/pista"
    assert one.affects.lines == (AffectedLine("it:apb:Line:80120_.24a", "120", ("Salorno, Autostazione",)),)
    (consequence,) = one.consequences
    assert (consequence.conditions, consequence.severity) == (("tripCancellation",), "normal")
    assert consequence.affects == one.affects and consequence.periods == one.validity
    # the situation itself has neither: they stand in its information for passengers
    assert (
        dict(one.description)["en"].startswith("Due to Update") and dict(one.advice)["en"] == "Change to another line"
    )


def test_a_delivery_without_namespace_and_envelope_is_read_alike(capture: bytes) -> None:
    bare = capture.replace(b' xmlns="http://www.siri.org.uk/siri"', b"")
    assert siri.read(bare) == siri.read(capture)
    inner = bare[bare.index(b"<SituationExchangeDelivery>") : bare.index(b"</ServiceDelivery>")]
    assert siri.read(inner).situations == siri.read(capture).situations
    prefixed = delivery(situation()).replace(b"<", b"<s:").replace(b"<s:/", b"</s:").replace(b"<s:?", b"<?")
    prefixed = prefixed.replace(b"xmlns=", b"xmlns:s=")
    assert siri.read(prefixed).situations == siri.read(delivery(situation())).situations


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (situation(number=""), "no_number"),
        (situation("B", version="seven"), "bad_version"),
        (situation("B", start="yesterday"), "bad_time"),
        (situation("B", end="2026-02-30T00:00:00Z"), "bad_time"),
        (situation("B", start="2026-11-02T00:00:00Z", end="2026-11-01T00:00:00Z"), "ends_first"),
    ],
)
def test_a_malformed_situation_takes_no_other_with_it(bad: str, code: str) -> None:
    found = siri.read(delivery(situation("A"), bad, situation("C")))
    assert [one.number for one in found.situations] == ["A", "C"]
    assert (found.skipped, [notice.code for notice in found.notices]) == (1, [code])
    assert all("{" not in said and said for said in found.notices[0].detail.values())


def test_of_two_editions_in_one_delivery_the_newer_counts() -> None:
    for order in ((1, 2), (2, 1)):
        found = siri.read(delivery(*(situation(version=n, summary=f"edition {n}") for n in order)))
        assert [(one.version, one.summary[0][1]) for one in found.situations] == [(2, "edition 2")]


def test_drafts_and_closed_ones_do_not_hold() -> None:
    states = ("draft", "pendingApproval", "open", "published", "closing", "closed")
    found = siri.read(delivery(*(situation(state, progress=state) for state in states)))
    assert [one.number for one in found.situations if one.holds] == ["open", "published", "closing"]
    odd = siri.read(delivery(situation(progress="dreaming")))
    assert odd.situations[0].holds and [notice.code for notice in odd.notices] == ["unknown_progress"]


def test_what_is_concerned_is_read_from_all_its_places() -> None:
    affects = (
        line("L1", ("a", "b"))
        + stop_point("c")
        + "<StopPlaces><AffectedStopPlace><StopPlaceRef>d</StopPlaceRef></AffectedStopPlace></StopPlaces>"
        + "<Operators><AffectedOperator><OperatorRef>O</OperatorRef></AffectedOperator></Operators>"
        + "<VehicleJourneys><AffectedVehicleJourney><FramedVehicleJourneyRef><DataFrameRef>2026-11-28</DataFrameRef>"
        "<DatedVehicleJourneyRef>J1</DatedVehicleJourneyRef></FramedVehicleJourneyRef><LineRef>L1</LineRef>"
        "<Calls><Call><StopPointRef>a</StopPointRef></Call></Calls></AffectedVehicleJourney>"
        "<AffectedVehicleJourney><VehicleJourneyRef>J2</VehicleJourneyRef></AffectedVehicleJourney></VehicleJourneys>"
    )
    (one,) = siri.read(delivery(situation(affects=affects))).situations
    told = one.affects
    assert told.lines == (AffectedLine("L1", stops=("a", "b")),)
    assert (told.stop_points, told.stop_places, told.operators) == (("c",), ("d",), ("O",))
    assert told.journeys == (AffectedJourney("J1", "2026-11-28", "L1", ("a",)), AffectedJourney("J2"))
    assert not told.everything and told
    all_lines = "<Networks><AffectedNetwork><AllLines/></AffectedNetwork></Networks>"
    assert siri.read(delivery(situation(affects=all_lines))).situations[0].affects.everything
    of_one = all_lines.replace(
        "<AllLines/>", "<AffectedOperator><OperatorRef>O</OperatorRef></AffectedOperator><AllLines/>"
    )
    found = siri.read(delivery(situation(affects=of_one))).situations[0].affects
    assert (found.operators, found.everything) == (("O",), False)
    assert not siri.read(delivery(situation())).situations[0].affects


@pytest.mark.parametrize(
    ("head", "full", "more"),
    [
        ("", True, False),
        ("<SubscriptionRef>7</SubscriptionRef>", False, False),
        ("<MoreData>true</MoreData>", False, True),
        ("<MoreData>false</MoreData><Status>true</Status>", True, False),
    ],
)
def test_whether_a_delivery_holds_everything(head: str, full: bool, more: bool) -> None:
    found = siri.read(delivery(situation(), head=head))
    assert (found.full, found.more) == (full, more)


def test_addresses_that_are_no_links_are_left_out() -> None:
    links = "".join(
        f"<InfoLink><Uri>{uri}</Uri></InfoLink>" for uri in ("https://example.org/a", "javascript:alert(1)")
    )
    (one,) = siri.read(delivery(situation(extra=f"<InfoLinks>{links}</InfoLinks>"))).situations
    assert [link.uri for link in one.links] == ["https://example.org/a"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "kit.broken_xml"),
        (b"<html><body>moved</body></html>", "siri.no_delivery"),
        (delivery(situation())[:-40], "kit.broken_xml"),
        (b'<!DOCTYPE Siri SYSTEM "x"><Siri><SituationExchangeDelivery/></Siri>', "kit.xml_doctype"),
        (
            delivery(head="<Status>false</Status><ErrorCondition><OtherError><ErrorText>busy</ErrorText></OtherError>"
                     "</ErrorCondition>"),
            "siri.refused",
        ),
    ],
)  # fmt: skip
def test_what_is_no_delivery_is_refused_in_both_languages(data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        siri.read(data)
    assert caught.value.code == code
    assert all(said and "{" not in said for said in caught.value.detail.values())


def test_texts_of_notices_are_there_in_both_languages() -> None:
    codes = ("no_timestamp", "no_number", "bad_version", "bad_time", "ends_first", "no_validity", "unknown_progress")
    assert all(text.has(f"siri.notices.{code}") for code in codes)


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1, max_size=12
)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=ZONES)  # noqa: DTZ001 (the zone is drawn)


@given(MOMENTS)
def test_moments_of_any_zone_are_utc_ms(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)
    assert moment_ms(whole.isoformat()) == round(whole.astimezone(UTC).timestamp()) * 1000


@given(st.lists(st.tuples(WORDS, WORDS, WORDS), max_size=4, unique_by=lambda one: one[0]))
def test_what_is_written_is_read(told: list[tuple[str, str, str]]) -> None:
    made = [situation(escape(number), summary=escape(said), affects=line(escape(ref))) for number, said, ref in told]
    found = siri.read(delivery(*made))
    assert [(one.number, one.summary[0][1], one.affects.lines[0].ref) for one in found.situations] == told


@given(st.binary(max_size=120), st.integers(0, 2_000))
def test_any_bytes_within_a_delivery_are_read_or_refused(data: bytes, at: int) -> None:
    whole = delivery(situation("A"), situation("B", affects=line("L")))
    try:
        found = siri.read(whole[:at] + data + whole[at:])
    except TongquError as error:
        assert error.code.partition(".")[0] in ("kit", "siri")
        return
    assert found.skipped >= 0
