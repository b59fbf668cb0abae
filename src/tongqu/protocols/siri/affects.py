"""What a situation concerns: lines, stops, operators, journeys by reference (AffectsScopeStructure, CEN/TS 15531-5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

from tongqu.kit.xml import words
from tongqu.protocols.siri.values import Affected, AffectedJourney, AffectedLine

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_JOURNEY = ("VehicleJourneyRef", "DatedVehicleJourneyRef")


def affected(element: Element | None) -> Affected:
    """The scope that an `Affects` element tells; an empty one where there is none."""
    if element is None:
        return Affected()
    networks = element.findall("Networks/AffectedNetwork")
    operators = element.findall("Operators/AffectedOperator")
    for network in networks:
        if network.find("AffectedLine") is None:  # beside a line an operator tells whose it is, no more
            operators += network.findall("AffectedOperator")
    lines = (_line(one) for network in networks for one in network.findall("AffectedLine"))
    journeys = element.findall("VehicleJourneys/AffectedVehicleJourney")
    return Affected(
        lines=tuple(line for line in lines if line.ref),
        stop_points=_refs(element.findall("StopPoints/AffectedStopPoint"), "StopPointRef"),
        stop_places=_refs(element.findall("StopPlaces/AffectedStopPlace"), "StopPlaceRef"),
        operators=_refs(operators, "OperatorRef"),
        journeys=tuple(one for each in journeys for one in _journeys(each)),
        everything=element.find("Operators/AllOperators") is not None or any(map(_whole, networks)),
    )


def _whole(network: Element) -> bool:
    return network.find("AllLines") is not None and network.find("AffectedOperator") is None


def _line(element: Element) -> AffectedLine:
    """A line; where stops of it are named, these alone."""
    return AffectedLine(
        words(element.find("LineRef")),
        words(element.find("PublishedLineName")),
        tuple(
            found
            for one in element.findall("Direction")
            if (found := words(one.find("DirectionName")) or words(one.find("DirectionRef")))
        ),
        _stops(element),
    )


def _stops(element: Element) -> tuple[str, ...]:
    """Stops that are named within a line: beside it, or on its routes."""
    routes = element.findall("Routes/AffectedRoute")
    points = [*element.findall("StopPoints/AffectedStopPoint"),
              *(one for route in routes for one in route.findall("StopPoints/AffectedStopPoint"))]  # fmt: skip
    places = element.findall("StopPlaces/AffectedStopPlace")
    return _once([*_refs(points, "StopPointRef"), *_refs(places, "StopPlaceRef")])


def _journeys(element: Element) -> Iterator[AffectedJourney]:
    """A journey may be named in several ways, and several journeys at once."""
    line = words(element.find("LineRef"))
    calls = [*element.findall("Calls/Call"), *element.findall("Calls/AffectedCall"),
             *element.findall("Route/StopPoints/AffectedStopPoint")]  # fmt: skip
    stops = _refs(calls, "StopPointRef")
    for framed in element.findall("FramedVehicleJourneyRef"):
        if ref := words(framed.find("DatedVehicleJourneyRef")):
            frame = words(framed.find("DataFrameRef"))
            yield AffectedJourney(ref, frame if _DAY.fullmatch(frame) else "", line, stops)
    for name in _JOURNEY:
        for one in element.findall(name):
            if ref := words(one):
                yield AffectedJourney(ref, "", line, stops)


def _refs(elements: Iterable[Element], name: str) -> tuple[str, ...]:
    return _once(words(one.find(name)) for one in elements)


def _once(refs: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ref for ref in refs if ref))
