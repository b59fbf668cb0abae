"""Instructions in words, in both languages."""

from __future__ import annotations

from tongqu.engines.streets.paths import Step
from tongqu.kit.text import text


def instruction(step: Step) -> dict[str, str]:
    """What a step says: `{"zh": "左转，进入解放路", "en": "Turn left onto Jiefang Road"}`."""
    kind = text(f"streets.kinds.{step.kind}") if step.kind else {"zh": "", "en": ""}
    named = {"zh": step.street or kind["zh"], "en": step.street_en or kind["en"]}
    if step.manoeuvre == "ferry":
        named = {"zh": step.street, "en": step.street_en}
    return {
        language: text(f"streets.manoeuvres.{step.manoeuvre}", street=named[language], exit=step.exit)[language].strip()
        for language in named
    }
