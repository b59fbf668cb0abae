"""A legal number holds in its place and time, and nobody can bring one along without saying where it comes from."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tongqu.kernel import rulebooks
from tongqu.kernel.module import Module
from tongqu.kernel.rulebooks import BadBook, Status, read_book
from tongqu.kernel.rulebooks.module import MODULE, check_books
from tongqu.kit import text
from tongqu.kit.errors import NotFound, Refused
from tongqu.kit.time import parse_iso

BOOK = """
[[report_minutes]]
value = 120
effective_to = "2024-11-01"
source = "旧规 第一条"
status = "verified"

[[report_minutes]]
value = 60
effective_from = "2024-11-01"
source = "新规 第一条"
status = "verified"

[[report_minutes]]
value = 45
jurisdiction = "510000"
effective_from = "2025-01-01"
source = "省规 第二条"
status = "cross_checked"

[[report_minutes]]
value = 30
jurisdiction = "5101"
effective_from = "2025-01-01"
effective_to = "2026-01-01"
source = "市规 第三条"
status = "unverified"

[fine]
value = {yuan = 500, per_kg = 1000}
jurisdiction = "33"
source = "省规"
status = "unverified"
"""


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Module:
    """A module with one rulebook and a title for one of its two parameters."""
    package = tmp_path / "weighing"
    for folder in ("rulebooks", "locale"):
        (package / folder).mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "rulebooks" / "limits.toml").write_text(BOOK, encoding="utf-8")
    for language in text.LANGUAGES:
        (package / "locale" / f"{language}.json").write_text('{"rulebooks": {"limits": {"report_minutes": "x"}}}')
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "weighing", raising=False)
    text.register("weighing", "weighing")
    rulebooks.reading.books_of.cache_clear()
    yield Module(id="weighing", package="weighing", field="governance")
    rulebooks.reading.books_of.cache_clear()


@pytest.mark.parametrize(
    "region, at, value",
    [
        (None, "2024-10-31T23:59:59.999+08:00", 120),
        (None, "2024-11-01T00:00:00+08:00", 60),
        ("5201", "2025-06-01T12:00+08:00", 60),
        ("51", "2024-12-31T23:59:59.999+08:00", 60),
        ("51", "2025-01-01T00:00+08:00", 45),
        ("5103", "2025-06-01T12:00+08:00", 45),
        ("510104", "2025-12-31T23:59:59.999+08:00", 30),
        ("510104", "2026-01-01T00:00+08:00", 45),
    ],
)
def test_the_narrowest_jurisdiction_in_force_holds(book: Module, region: str | None, at: str, value: int) -> None:
    assert rulebooks.value_of("weighing.limits.report_minutes", region, parse_iso(at)) == value


def test_a_parameter_of_another_place_does_not_hold_here(book: Module) -> None:
    at = parse_iso("2026-01-01")
    assert rulebooks.value_of("weighing.limits.fine", "3301", at) == {"yuan": 500, "per_kg": 1000}
    with pytest.raises(Refused, match=r"rulebooks\.none_in_force"):
        rulebooks.value_of("weighing.limits.fine", None, at)
    for unknown in ("weighing.limits.nothing", "nobody.limits.fine", ""):
        with pytest.raises(NotFound, match=r"rulebooks\.unknown"):
            rulebooks.value_of(unknown, None, at)


def test_who_prints_a_figure_can_print_what_is_known_of_its_numbers(book: Module) -> None:
    text.register("rulebooks", MODULE.package)
    (cited,) = rulebooks.cited(["weighing.limits.report_minutes"], "5101", parse_iso("2025-02-03"))
    assert (cited["value"], cited["source"], cited["status"]) == (30, "市规 第三条", "unverified")
    assert cited["status_label"]["zh"] == "未核实"


@pytest.mark.parametrize(
    "toml, fault",
    [
        ("[a]\nvalue = 1\nstatus = 'verified'", "no source"),
        ("[a]\nvalue = 1\nsource = ' '\nstatus = 'verified'", "no source"),
        ("[a]\nvalue = 1\nsource = 'x'", "status"),
        ("[a]\nvalue = 1\nsource = 'x'\nstatus = 'sure'", "status"),
        ("[a]\nsource = 'x'\nstatus = 'verified'", "no value"),
        ("[a]\nvalue = 1\nsource = 'x'\nstatus = 'verified'\nefective_from = '2020-01-01'", "unknown keys"),
        ("[a]\nvalue = 1\nsource = 'x'\nstatus = 'verified'\neffective_from = '2020-13-01'", "no date"),
        (
            "[a]\nvalue = 1\nsource = 'x'\nstatus = 'verified'\neffective_from = 2020-05-01\neffective_to = 2020-05-01",
            "before it begins",
        ),
        ("[a]\nvalue = 1\nsource = 'x'\nstatus = 'verified'\njurisdiction = '5'", "region code"),
        ("a = 3", "table"),
        ("[a", "rules"),
        ("[[a]]\nvalue=1\nsource='x'\nstatus='verified'\n[[a]]\nvalue=2\nsource='x'\nstatus='verified'", "two values"),
        (
            "[[a]]\nvalue=1\nsource='x'\nstatus='verified'\neffective_to=2020-02-02\n"
            "[[a]]\nvalue=2\nsource='x'\nstatus='verified'\neffective_from=2020-02-01",
            "two values",
        ),
    ],
)
def test_a_book_that_leaves_something_open_is_refused(toml: str, fault: str) -> None:
    with pytest.raises(BadBook, match=fault):
        read_book("weighing.rules", toml)


def test_the_doctor_names_what_is_wrong(book: Module, make_platform, tmp_path: Path) -> None:
    platform = make_platform(book)
    (untitled,) = check_books(platform)
    assert (untitled.level, untitled.params) == ("error", {"parameter": "weighing.limits.fine"})
    (tmp_path / "weighing" / "rulebooks" / "more.toml").write_text("[a]\nvalue = 1\nstatus = 'verified'")
    rulebooks.reading.books_of.cache_clear()
    (broken,) = check_books(platform)
    assert broken.code == "rulebooks.bad_book" and "weighing.more.a: no source" in broken.params["reason"]


def test_the_list_pages_filters_and_sorts(book: Module, make_platform, http) -> None:
    from tongqu.kernel.audit.module import MODULE as AUDIT
    from tongqu.kernel.identity.module import MODULE as IDENTITY
    from tongqu.kernel.identity.module import start

    platform = make_platform(AUDIT, IDENTITY, MODULE, book)
    start(platform)
    client = http(platform)
    assert client.get("/api/v1/rulebooks").status_code == 401


def test_every_book_of_the_house_is_sound() -> None:
    from tongqu.app import registry

    entries = list(rulebooks.every(registry.modules()))
    assert all(one.source and one.status in Status for one in entries)
