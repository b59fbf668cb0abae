"""What a group of alarms amounts to: pure functions over its members."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tongqu.kit.text import text

LEAST_PRIORITY = 4


@dataclass(frozen=True)
class Desk:
    """Which groups reach the duty officer, from the rulebook: see its comments."""

    alone_severity: int
    together_subjects: int
    many_subjects: int


@dataclass(frozen=True)
class Picture:
    """What a group of alarms amounts to now.

    Attributes:
        serious: it reaches the duty officer.
        priority: 1 the most pressing to 4.
        title: in both languages: what its gravest alarms are.
        place: as people write it, empty where no alarm has one; lon, lat, region: where it began.
        data: counts for the page and reports.
    """

    serious: bool
    priority: int
    title: dict[str, str]
    place: str
    lon: float
    lat: float
    region: str
    began_ms: int
    data: dict[str, Any]


def picture_of(members: Sequence[Mapping[str, Any]], desk: Desk) -> Picture:
    """The picture of a group; members in order of onset, at least one. Those that were withdrawn count no more."""
    held = [one for one in members if one["state"] != "withdrawn"] or list(members)[:1]
    gone = all(one["state"] == "withdrawn" for one in members)
    worst = min(held, key=lambda one: (one["severity"], one["onset_ms"], one["alarm"]))
    subjects = {one["subject"] for one in held}
    places = Counter(one["place"] for one in held if one["place"])
    rings = [one for one in held if one["live"]]
    grave = any(one["severity"] <= desk.alone_severity for one in rings)
    together = len({one["subject"] for one in rings}) >= desk.together_subjects
    ended = [one["cleared_ms"] for one in held if one["state"] == "cleared"]
    return Picture(
        serious=not gone and (grave or together),
        priority=max(1, min(LEAST_PRIORITY, worst["severity"] - (len(subjects) >= desk.many_subjects))),
        title=title_of(worst["rule"]),
        place=worst["place"] or (places.most_common(1)[0][0] if places else ""),
        lon=held[0]["lon"],
        lat=held[0]["lat"],
        region=worst["region"] or next((one["region"] for one in held if one["region"]), ""),
        began_ms=held[0]["onset_ms"],
        data={
            "title": title_of(worst["rule"]),
            "cause": worst["cause"],
            "rules": dict(Counter(one["rule"] for one in held)),
            "severity": worst["severity"],
            "alarms": 0 if gone else len(held),
            "open": sum(one["state"] == "open" for one in held),
            "subjects": 0 if gone else len(subjects),
            "withdrawn": len(members) - len(held) + (1 if gone else 0),
            "began_ms": held[0]["onset_ms"],
            "last_ms": max(one["onset_ms"] for one in held),
            "cleared_ms": max(ended) if len(ended) == len(held) else None,
        },
    )


def title_of(rule: str) -> dict[str, str]:
    """What a rule's alarms are called; the id of a rule whose module is gone."""
    module, _, name = rule.partition(".")
    found = text(f"{module}.rules.{name}.title")
    return {language: rule if words.startswith(f"{module}.") else words for language, words in found.items()}
