"""From XML to a delivery: each situation is read for itself, so that a broken one takes no other with it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from tongqu.kit import xml
from tongqu.kit.errors import Invalid
from tongqu.kit.xml import words
from tongqu.protocols.siri.affects import affected
from tongqu.protocols.siri.values import Consequence, Delivery, InfoLink, Notice, Period, Situation, Texts

MOST_BYTES = 64 << 20
DELIVERY, SITUATION = "SituationExchangeDelivery", "PtSituationElement"
REASONS = (
    "AlertCause", "MiscellaneousReason", "PersonnelReason", "EquipmentReason", "EnvironmentReason", "UnknownReason",
    "UndefinedReason",
)  # fmt: skip
"""Where a reason stands: AlertCause since SIRI 2.1, before that one element for each list of TPEG."""
PROGRESS = frozenset({"draft", "pendingApproval", "approvedDraft", "open", "published", "closing", "closed"})
_WANTED = (
    SITUATION, "RoadSituationElement", "ResponseTimestamp", "ProducerRef", "MoreData", "SubscriptionRef", "Status",
    "ErrorCondition",
)  # fmt: skip
_PASSED_OVER = "RoadSituationElement"
_LINK = re.compile(r"https?://\S{1,1000}")
_TRUE, _FALSE = ("true", "1"), ("false", "0")


def read(data: bytes) -> Delivery:
    """A delivery from its XML: a whole SIRI message, or a SituationExchangeDelivery alone.

    Situations of the road are no matter of public transport and are passed over. An answer to a request is full; one
    that names a subscription, or says that more follows, only adds.

    Raises:
        Invalid: `kit.broken_xml`, `kit.xml_doctype`, `kit.xml_too_deep`; `siri.no_delivery`: XML that delivers no
            situations; `siri.refused`: the publisher answers that it cannot.
        TooLarge: `kit.xml_too_large`.
    """
    seen: set[str] = set()
    told: dict[str, str] = {}
    situations: dict[str, Situation] = {}
    notices: list[Notice] = []
    skipped = 0
    for element in xml.elements(io.BytesIO(data), _WANTED, most_bytes=MOST_BYTES, seen=seen):
        if element.tag == SITUATION:
            try:
                one = _situation(element, notices)
            except _Malformed as error:
                skipped += 1
                notices.append(Notice(error.code, words(element.find("SituationNumber"))[:80], error.value[:80]))
                continue
            known = situations.get(one.key)
            if known is None or (one.version or 0) >= (known.version or 0):
                situations[one.key] = one
        elif element.tag == "ErrorCondition":
            told.setdefault("error", " ".join(" ".join(element.itertext()).split())[:200])
        elif element.tag != _PASSED_OVER:
            told.setdefault(element.tag, words(element))
    if DELIVERY not in seen:
        raise Invalid("siri.no_delivery")
    if told.get("Status") in _FALSE:
        raise Invalid("siri.refused", reason=told.get("error") or "Status false")
    more = told.get("MoreData") in _TRUE
    return Delivery(
        _stamp(told.get("ResponseTimestamp", ""), notices),
        tuple(situations.values()),
        full=not more and "SubscriptionRef" not in told,
        more=more,
        producer=told.get("ProducerRef", ""),
        notices=tuple(notices),
        skipped=skipped,
    )


class _Malformed(Exception):
    """A situation that cannot be used, and why."""

    def __init__(self, code: str, value: str = "") -> None:
        self.code = code
        self.value = value
        super().__init__(code)


def _stamp(written: str, notices: list[Notice]) -> int | None:
    try:
        found = moment_ms(written)
    except ValueError:
        found = None
    if found is None:
        notices.append(Notice("no_timestamp", value=written[:80]))
    return found


def moment_ms(written: str) -> int | None:
    """UTC ms of an xsd:dateTime, None of an empty one; one without a zone is read as UTC.

    Raises:
        ValueError: it is none.
    """
    if not written:
        return None
    try:
        found = datetime.fromisoformat(written)
        return round((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1000)
    except OverflowError as error:
        raise ValueError(written) from error


def _situation(element: Element, notices: list[Notice]) -> Situation:
    number = words(element.find("SituationNumber"))
    if not number:
        raise _Malformed("no_number")
    language = words(element.find("Language"))
    progress = words(element.find("Progress")) or "open"
    if progress not in PROGRESS:
        notices.append(Notice("unknown_progress", number, progress[:80]))
        progress = "open"
    validity = _periods(element, "ValidityPeriod")
    if not validity and progress != "closed":
        notices.append(Notice("no_validity", number))
    return Situation(
        number=number,
        participant=words(element.find("ParticipantRef")),
        version=_version(words(element.find("Version"))),
        created_ms=_moment(element, "CreationTime"),
        progress=progress,
        validity=validity,
        publication=_periods(element, "PublicationWindow"),
        severity=words(element.find("Severity")),
        reason=next((found for name in REASONS if (found := words(element.find(name)))), ""),
        reason_names=_texts(element.findall("ReasonName"), language),
        planned=words(element.find("Planned")) in _TRUE,
        summary=_texts(element.findall("Summary"), language) or _told(element, "Summary", language),
        description=_texts(element.findall("Description"), language) or _texts(element.findall("Detail"), language)
        or _told(element, "Description", language),
        advice=_texts(element.findall("Advice"), language)
        or _texts(element.findall("Consequences/Consequence/Advice/Details"), language)
        or _told(element, "Recommendation", language),
        links=_links(element, language),
        affects=affected(element.find("Affects")),
        consequences=tuple(_consequence(one) for one in element.findall("Consequences/Consequence")),
    )  # fmt: skip


def _version(written: str) -> int | None:
    if not written:
        return None
    if not re.fullmatch(r"\d{1,18}", written, re.ASCII):
        raise _Malformed("bad_version", written)
    return int(written)


def _moment(element: Element, name: str) -> int | None:
    written = words(element.find(name))
    try:
        return moment_ms(written)
    except ValueError as error:
        raise _Malformed("bad_time", f"{name} {written}") from error


def _periods(element: Element, name: str) -> tuple[Period, ...]:
    found = []
    for one in element.findall(name):
        start, end = _moment(one, "StartTime"), _moment(one, "EndTime")
        if start is not None and end is not None and end < start:
            raise _Malformed("ends_first", name)
        found.append((start, end))
    return tuple(found)


def _consequence(element: Element) -> Consequence:
    return Consequence(
        tuple(found for one in element.findall("Condition") if (found := words(one))),
        words(element.find("Severity")),
        _periods(element, "Period"),
        affected(element.find("Affects")),
    )


def _texts(elements: Iterable[Element], language: str) -> Texts:
    """Texts by language; of several in one language the first."""
    found: dict[str, str] = {}
    for one in elements:
        if told := words(one):
            found.setdefault(one.get("lang") or language, told)
    return tuple(found.items())


def _told(element: Element, what: str, language: str) -> Texts:
    """A text of the information for passengers (SIRI 2.1): of its sizes the first that has it."""
    contents = element.findall("PublishingActions/PublishingAction/PassengerInformationAction/TextualContent")
    found = (_texts(one.findall(f"{what}Content/{what}Text"), language) for one in contents)
    return next((one for one in found if one), ())


def _links(element: Element, language: str) -> tuple[InfoLink, ...]:
    found = []
    for one in element.findall("InfoLinks/InfoLink"):
        uri = words(one.find("Uri"))
        if _LINK.fullmatch(uri):  # an address that a browser would run is none
            found.append(InfoLink(uri, _texts(one.findall("Label"), language)))
    return tuple(found)
