"""What is known of an incident, in words: the drafts of reports are filled from it, in one language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tongqu.domains.insight import store
from tongqu.domains.insight.cases import INCIDENT
from tongqu.domains.insight.values import title_of
from tongqu.kernel import cases, identity, rulebooks
from tongqu.kernel.cases import Case, Entry
from tongqu.kernel.store import Work
from tongqu.kit.text import text
from tongqu.kit.time import CHINA

SHOWN_SUBJECTS = 20


@dataclass(frozen=True)
class Facts:
    """An incident with all that was done and all its alarms."""

    case: Case
    lines: list[Entry]
    alarms: list[dict[str, Any]]
    region: dict[str, str]
    parameters: list[dict[str, Any]]
    language: str
    now_ms: int

    @property
    def title(self) -> str:
        return str(self.case.data.get("title", {}).get(self.language) or self.case.title)

    def since(self) -> int:
        """When the last report was made; the beginning where none was."""
        made = [one.at_ms for one in self.lines if one.name in ("first_report", "follow_up")]
        return made[-1] if made else self.case.opened_ms


def facts_of(work: Work, case: Case, language: str) -> Facts:
    """Collect the facts of an incident that the actor has."""
    lines = cases.history(work, case)
    parameters = [limit.parameter for limit in INCIDENT.limits]
    return Facts(
        case=case,
        lines=lines,
        alarms=store.members(work, case.id),
        region=region_name(work, case.region),
        parameters=rulebooks.cited(parameters, case.region, work.now_ms),
        language=language,
        now_ms=work.now_ms,
    )


def region_name(work: Work, code: str | None) -> dict[str, str]:
    """Names of a region from its province down, in both languages; the code where it is not in the tree."""
    if not code:
        return {"zh": "", "en": ""}
    known = {one.code: one for one in identity.regions(work)}
    path = [known[code[:digits]] for digits in (2, 4, 6) if len(code) >= digits and code[:digits] in known]
    if not path:
        return {"zh": code, "en": code}
    return {"zh": "".join(one.name for one in path), "en": ", ".join(one.name_en for one in reversed(path))}


def words(language: str, key: str, **params: Any) -> str:
    """A text of the reports in a language."""
    return text(f"insight.reports.{key}", **params)[language]


def clock(at_ms: int | None) -> str:
    """A time as reports write it, at +08:00."""
    return "" if at_ms is None else datetime.fromtimestamp(at_ms / 1000, CHINA).strftime("%Y-%m-%d %H:%M")


def overview(facts: Facts) -> str:
    """What happened, where and when: the first paragraph of each report."""
    data = facts.case.data
    return words(
        facts.language,
        "overview",
        began=clock(data.get("began_ms") or facts.case.opened_ms),
        region=facts.region[facts.language],
        place=facts.case.place or words(facts.language, "no_stake"),
        title=facts.title,
        lon=f"{facts.case.lon:.5f}" if facts.case.lon is not None else "-",
        lat=f"{facts.case.lat:.5f}" if facts.case.lat is not None else "-",
    )


def effect(facts: Facts) -> str:
    """How many it concerns, and how it stands."""
    data = facts.case.data
    still = words(
        facts.language,
        "over" if data.get("cleared_ms") else "lasting",
        open=data.get("open", 0),
        cleared=clock(data.get("cleared_ms")),
    )
    kinds = words(facts.language, "comma").join(
        words(facts.language, "kind", title=title_of(rule)[facts.language], count=count)
        for rule, count in data.get("rules", {}).items()
    )
    names = list(dict.fromkeys(one["subject_name"] for one in facts.alarms if one["state"] != "withdrawn"))
    more = words(facts.language, "and_more", count=len(names)) if len(names) > SHOWN_SUBJECTS else ""
    shown = words(facts.language, "comma").join(names[:SHOWN_SUBJECTS])
    counts = {name: data.get(name, 0) for name in ("alarms", "subjects")}
    return "\n".join(
        (
            words(facts.language, "effect_line", kinds=kinds, **counts),
            words(facts.language, "subjects", names=shown) + more,
            still,
        )
    )


def measures(facts: Facts, since_ms: int = 0) -> str:
    """What was done since an instant, one line each."""
    done = []
    for entry in facts.lines:
        if entry.kind == "step" and entry.name != "open" and entry.at_ms >= since_ms:
            label = text(f"insight.cases.incident.steps.{entry.name}")[facts.language]
            told = entry.data.get("note") or entry.data.get("result") or entry.data.get("reason") or ""
            done.append(f"{clock(entry.at_ms)} {entry.actor_name} {label}{': ' + told if told else ''}")
    return "\n".join(done) or words(facts.language, "nothing_yet")


def basis(parameters: list[dict[str, Any]], language: str) -> str:
    """The numbers a report went by, each with source and status."""
    return "\n".join(
        words(
            language,
            "parameter",
            title=one["title"][language],
            value=one["value"],
            source=one["source"],
            status=one["status_label"][language],
        )
        for one in parameters
    )
