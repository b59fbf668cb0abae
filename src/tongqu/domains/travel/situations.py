"""SIRI-SX situations as alerts: newer editions replace, closed ones withdraw, and each becomes what GTFS Realtime calls
an alert, so that plans, boards and open data tell both alike.

The words of SIRI (TPEG tables Pts43 and Pti13, the lists of reasons, CEN/TS 15531-5) are mapped to those of GTFS
Realtime 2.0 only as far as they mean the same; a condition that is not listed here is an unknown effect, a reason
another cause.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tongqu.kit.time import DAY_MS
from tongqu.protocols.gtfs_realtime import Alert, Message, Selector, Trip
from tongqu.protocols.siri import Affected, Consequence, Delivery, Situation

Texts = tuple[tuple[str, str], ...]
Period = tuple[int | None, int | None]
KEPT_VERSIONS = 20_000
"""How many editions are remembered at most, so that an older one that comes late does not open a closed one again."""

EFFECTS: dict[str, tuple[str, ...]] = {
    "no_service": (
        "noService", "cancelled", "lineCancellation", "tripCancellation", "stopCancelled", "discontinuedOperation",
        "temporarilyNonStopping",
    ),
    "reduced_service": (
        "limitedOperation", "disrupted", "disruption", "intermittentService", "shortFormedService", "trainShortened",
    ),
    "significant_delays": ("delay", "delayed", "majorDelays"),
    "detour": ("diverted",),
    "stop_moved": ("stopMoved", "substitutedStop", "temporaryStopplace", "changeOfPlatform"),
    "modified_service": (
        "altered", "replacementService", "replacementTransport", "replacementRide", "arrivesEarly", "splittingTrain",
        "wagonOrderChanged", "stopOnDemand", "irregularTraffic",
    ),
    "additional_service": (
        "additionalService", "additionalRide", "additionalStop", "extendedService", "operationTimeExtension",
        "specialService", "shuttleService",
    ),
    "other_effect": ("minorDelays", "boarding", "goToGate"),
    "no_effect": ("onTime", "normalService", "fullLengthService", "disturbanceRectified"),
}  # fmt: skip
"""Conditions by the effect they are, the gravest first: of several conditions of one consequence the gravest counts."""

CAUSES: dict[str, tuple[str, ...]] = {
    "accident": ("accident", "collision", "derailment", "trainStruckObject", "vehicleStruckAnimal"),
    "strike": ("strike", "industrialAction", "unofficialIndustrialAction", "workToRule"),
    "demonstration": ("demonstration", "march", "procession"),
    "holiday": ("holiday",),
    "weather": (
        "fog", "roughSea", "heavySnowFall", "driftingSnow", "heavyRain", "strongWinds", "stormConditions",
        "stormDamage", "tidalRestrictions", "highTide", "lowTide", "ice", "frozen", "hail", "highTemperatures",
        "flooding", "waterlogged", "lowWaterLevel", "highWaterLevel", "slipperiness", "blizzardConditions",
        "avalanches", "sleet", "iceDrift",
    ),
    "maintenance": ("maintenanceWork", "repairWork", "engineeringWork", "emergencyEngineeringWork"),
    "construction": ("constructionWork", "roadworks"),
    "police_activity": (
        "policeActivity", "policeOrder", "policeRequest", "bombAlert", "bombExplosion", "securityAlert",
    ),
    "medical_emergency": ("illness", "medicalEmergency", "passengerTakenIll"),
    "technical_problem": (
        "technicalProblem", "vehicleFailure", "signalProblem", "signalFailure", "pointsProblem", "pointsFailure",
        "powerProblem", "powerFailure", "trackCircuitProblem", "engineFailure", "breakDown", "defectiveTrain",
        "defectiveVehicle", "overheadLineFailure", "levelCrossingFailure", "liftFailure", "escalatorFailure",
    ),
    "special_event": ("specialEvent", "sportEvent", "parade", "concert"),
    "unknown_cause": ("", "unknown"),
}  # fmt: skip
SEVERITIES: dict[str, tuple[str, ...]] = {
    "info": ("noImpact", "verySlight", "slight"),
    "warning": ("normal",),
    "severe": ("severe", "verySevere"),
}
_EFFECT = {word: effect for effect, told in EFFECTS.items() for word in told}
_CAUSE = {word: cause for cause, told in CAUSES.items() for word in told}
_SEVERITY = {word: level for level, told in SEVERITIES.items() for word in told}
_GRAVITY = tuple(EFFECTS)


@dataclass(frozen=True)
class Held:
    """The situations of one source that hold, by key.

    Attributes:
        versions: the newest edition known of each, closed ones too. continued: more pages of a delivery are to come.
    """

    situations: Mapping[str, Situation] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)
    continued: bool = False

    def after(self, delivery: Delivery, now_ms: int) -> Held:
        """What holds once a delivery is taken in, in whatever order editions come.

        A full delivery holds all there is: what is not in it holds no longer. What ended a day ago is forgotten.
        """
        whole = delivery.full and not self.continued
        held = {} if whole else dict(self.situations)
        told = {one.key for one in delivery.situations}
        versions = {key: n for key, n in self.versions.items() if not whole or key in told}
        for one in delivery.situations:
            if one.version is not None and one.version < versions.get(one.key, -1):
                if one.key in self.situations:
                    held[one.key] = self.situations[one.key]
                continue
            if one.version is not None:
                versions.pop(one.key, None)
                versions[one.key] = one.version
            held.pop(one.key, None)
            if one.holds and not _over(one, now_ms - DAY_MS):
                held[one.key] = one
        for key in list(versions)[: max(len(versions) - KEPT_VERSIONS, 0)]:
            del versions[key]
        return Held({key: one for key, one in held.items() if not _over(one, now_ms - DAY_MS)}, versions, delivery.more)

    def message(self, timestamp_ms: int | None) -> Message:
        """All of it as a GTFS Realtime message of alerts, with references as the publisher has them."""
        return Message(
            timestamp_ms, alerts=tuple(alert for one in self.situations.values() for alert in alerts_of(one))
        )


def _over(one: Situation, at_ms: int) -> bool:
    return bool(one.validity) and all(end is not None and end < at_ms for _, end in one.validity)


def alerts_of(situation: Situation) -> Iterator[Alert]:
    """One alert for each consequence that differs in effect, scope or time; one where none is told."""
    told = [one for one in situation.consequences if one.conditions or one.affects] or [Consequence()]
    seen: set[object] = set()
    for one in told:
        affects = one.affects or situation.affects
        active = one.periods or situation.validity
        effect = effect_of(one.conditions, affects)
        if (effect, affects, active) in seen:
            continue
        seen.add((effect, affects, active))
        yield Alert(
            situation.key if len(seen) == 1 else f"{situation.key}#{len(seen)}",
            active,
            tuple(_selectors(affects)),
            _CAUSE.get(situation.reason, "other_cause"),
            effect,
            situation.summary or situation.reason_names,
            _joined(situation.description, situation.advice),
            situation.links[0].uri if situation.links else "",
            _SEVERITY.get(one.severity or situation.severity, "unknown_severity"),
        )


def effect_of(conditions: tuple[str, ...], affects: Affected) -> str:
    """The effect of a consequence: that of its gravest condition.

    Trips of a line that are cancelled are not the whole line: unless it is journeys that are named, `tripCancellation`
    is reduced service.
    """
    found = set()
    for word in conditions:
        effect = _EFFECT.get(word)
        if word == "tripCancellation" and (affects.lines or affects.operators or affects.everything):
            effect = "reduced_service"
        if effect is not None:
            found.add(effect)
    return min(found, key=_GRAVITY.index, default="unknown_effect")


def _selectors(affects: Affected) -> Iterator[Selector]:
    for line in affects.lines:
        if line.stops:
            yield from (Selector(route_id=line.ref, stop_id=stop) for stop in line.stops)
        else:
            yield Selector(route_id=line.ref)
    for stop in (*affects.stop_points, *affects.stop_places):
        yield Selector(stop_id=stop)
    for operator in affects.operators:
        yield Selector(agency_id=operator)
    for journey in affects.journeys:
        trip = Trip(journey.ref, start_date=journey.frame.replace("-", ""))
        yield from (Selector(trip=trip, stop_id=stop) for stop in journey.stops or ("",))
    if affects.everything:
        yield Selector()


def _joined(description: Texts, advice: Texts) -> Texts:
    """What is told and what is advised, as one text in each language."""
    languages = dict.fromkeys(language for language, _ in (*description, *advice))
    told, advised = dict(description), dict(advice)
    return tuple((one, " ".join(part for part in (told.get(one), advised.get(one)) if part)) for one in languages)
