"""Texts of both languages, filled in."""

from __future__ import annotations

import pytest

from tongqu.kit import text as texts


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"zh": {"at": "{place}第{number}站台"}, "en": {"at": "{place}, platform {number}"}}
    monkeypatch.setattr(texts, "load", lambda prefix, language: known[language] if prefix == "toy" else {})


@pytest.mark.usefixtures("catalogue")
def test_a_parameter_of_both_languages_goes_into_its_own() -> None:
    place = {"zh": "东站", "en": "East"}
    assert texts.text("toy.at", place=place, number=3) == {"zh": "东站第3站台", "en": "East, platform 3"}
    assert texts.text("toy.at", place="X", number=3) == {"zh": "X第3站台", "en": "X, platform 3"}
    assert place == {"zh": "东站", "en": "East"}


@pytest.mark.usefixtures("catalogue")
def test_what_is_missing_leaves_the_text_as_it_is() -> None:
    assert texts.text("toy.at", place="X")["en"] == "{place}, platform {number}"
    assert texts.text("toy.at", place={"a": 1}, number=3)["en"] == "{'a': 1}, platform 3"
    assert texts.text("toy.nothing") == {"zh": "toy.nothing", "en": "toy.nothing"}
