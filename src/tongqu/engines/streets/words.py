"""Instructions in words, in both languages."""

from __future__ import annotations

from functools import lru_cache

from tongqu.engines.streets.paths import Step
from tongqu.kit.text import text


def instruction(step: Step) -> dict[str, str]:
    """What a step says: `{"zh": "左转，进入解放路", "en": "Turn left onto Jiefang Road"}`."""
    return dict(_said(step.manoeuvre, step.kind, step.street, step.street_en, step.exit))


@lru_cache(16_384)
def _said(manoeuvre: str, kind: str, street: str, street_en: str, number: int) -> dict[str, str]:
    """The words of a step by what they depend on: those of a town's streets come again and again."""
    plain = text(f"streets.kinds.{kind}") if kind else {"zh": "", "en": ""}
    named = {"zh": street or plain["zh"], "en": street_en or plain["en"]}
    if manoeuvre == "ferry":
        named = {"zh": street, "en": street_en}
    said = text(f"streets.manoeuvres.{manoeuvre}", street=named, exit=number)
    return {language: words.strip() for language, words in said.items()}
