"""What is wrong with a cell is said in the words of its column, and all of it at once."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from tongqu.kernel.imports import values
from tongqu.kernel.imports.rows import Parsed, Table, parse_rows, understand
from tongqu.kernel.imports.tests.support import BOUND, fresh, sheet_of, xlsx
from tongqu.kit.errors import Invalid

HEAD = ("编号", "质量(kg)", "颜色", "日期", "备用")


@pytest.fixture(autouse=True)
def catalogues(tmp_path_factory: pytest.TempPathFactory) -> None:
    fresh(tmp_path_factory.mktemp("catalogues")).close()


def table(folder: Path, *rows: Any, change: Any = None, typed: bool = True) -> Table:
    data = xlsx(*rows, change=change) if typed else "\n".join(",".join(row) for row in rows).encode()
    return understand(sheet_of(folder, data), BOUND)


def parsed(folder: Path, *rows: Any, **options: Any) -> list[Parsed]:
    return list(parse_rows(table(folder, HEAD, *rows, **options), BOUND))


def codes(one: Parsed) -> list[tuple[str | None, str]]:
    return [(fault.field, fault.code.removeprefix("imports.")) for fault in one.faults]


@pytest.mark.parametrize(
    "heading",
    [
        ("编号", "质量(kg)", "颜色"),
        ("Colour", "CODE", "Mass (kg)"),
        ("mass_kg", "code", "colour"),
        ("编 号*", "质量（ｋｇ）", "颜色（必填）"),
        ("质量", "编号", "颜色"),
    ],
)
def test_headings_are_matched_in_either_language_and_any_order(tmp_path: Path, heading: tuple[str, ...]) -> None:
    assert {column.name for column in table(tmp_path, heading, ("a", "1", "x")).places} == {"code", "mass_kg", "colour"}


def test_a_title_above_the_heading_does_no_harm_even_merged(tmp_path: Path) -> None:
    def merge(book: Any) -> None:
        book.active.merge_cells("A1:E1")

    found = table(tmp_path, ("澜江省玩具登记表（虚构）",), (), HEAD, ("a", 1), change=merge)
    assert [row.number for row in found.rows] == [4]


def problems(folder: Path, *rows: Any, change: Any = None) -> list[str]:
    with pytest.raises(Invalid) as caught:
        table(folder, *rows, change=change)
    assert caught.value.code == "imports.heading"
    return [problem.code.removeprefix("imports.") for problem in caught.value.problems]


def test_headings_that_cannot_be_right_refuse_the_file(tmp_path: Path) -> None:
    def merge(book: Any) -> None:
        book.active.merge_cells("A1:B1")

    assert problems(tmp_path, ("车牌", "质量(kg)"), ("a", 1)) == ["missing_column"]
    assert problems(tmp_path, ("完全", "不同"), ("a", 1)) == ["missing_column"]
    assert problems(tmp_path, ("编号", "质量", "code"), ("a", 1, "b")) == ["doubled_column"]
    assert problems(tmp_path, HEAD, ("a", 1), change=merge) == ["merged_heading"]
    with pytest.raises(Invalid, match="no_rows"):
        table(tmp_path, HEAD)


def test_unknown_columns_are_named_and_left_out(tmp_path: Path) -> None:
    found = table(tmp_path, (*HEAD, "备注", "经办人"), ("a", 1, None, None, None, "=1", "x"))
    assert [(note.code, note.params["names"]) for note in found.notes] == [("imports.unknown_columns", "备注、经办人")]
    assert [one.faults for one in parse_rows(found, BOUND)] == [()]


def test_values_are_parsed(tmp_path: Path) -> None:
    day = datetime.datetime(2026, 11, 23)  # noqa: DTZ001
    (one,) = parsed(tmp_path, ("ａ-1 ", 1200, "红色", day, "是"))
    assert one.values == {
        "code": "A-1",
        "mass_kg": 1200,
        "colour": "red",
        "made": datetime.date(2026, 11, 23),
        "spare": True,
    }
    assert one.faults == ()


@pytest.mark.parametrize(
    ("row", "faults"),
    [
        ((None, 1), [("code", "required")]),
        (("=A1", 1), [("code", "formula")]),
        (("#REF!", 1), [("code", "error_cell")]),
        (("1.38E+10", 1), [("code", "scientific")]),
        ((510104198001010000, 1), [("code", "digits_lost")]),
        ((13800001234, 1), [("code", "number_as_text")]),
        ((datetime.datetime(2026, 3, 5), 1), [("code", "date_in_text")]),  # noqa: DTZ001
        (("x" * 41, 1), [("code", "too_long")]),
        (("x" * 2001, 1), [("code", "too_long")]),
        (("a", "1200"), [("mass_kg", "text_as_number")]),
        (("a", "1,200"), [("mass_kg", "not_number")]),
        (("a", "1_200"), [("mass_kg", "not_number")]),
        (("a", "2吨"), [("mass_kg", "not_number")]),
        (("a", "NaN"), [("mass_kg", "not_number")]),
        (("a", 1.5), [("mass_kg", "not_integer")]),
        (("a", 0), [("mass_kg", "out_of_range")]),
        (("a", 50_001), [("mass_kg", "out_of_range")]),
        (("a", 1, "紫色"), [("colour", "not_option")]),
        (("a", 1, None, 45_000), [("made", "number_as_date")]),
        (("a", 1, None, "2026-02-30"), [("made", "bad_date")]),
        (("a", 1, None, None, "也许"), [("spare", "not_boolean")]),
        ((None, "x", "y"), [("code", "required"), ("mass_kg", "not_number"), ("colour", "not_option")]),
    ],
)
def test_each_fault_has_its_code_and_column(tmp_path: Path, row: Any, faults: Any) -> None:
    (one,) = parsed(tmp_path, row)
    assert codes(one) == faults
    assert one.refused == any(code not in ("number_as_text", "text_as_number") for _, code in faults)


def test_a_csv_has_no_types_so_numbers_are_no_news(tmp_path: Path) -> None:
    (one,) = parsed(tmp_path, ("A-1", "1200", "blue", "2026/11/3", "no"), typed=False)
    assert one.faults == ()
    assert one.values["made"] == datetime.date(2026, 11, 3)
    (bad,) = parsed(tmp_path, ("1.38E+10", "1"), typed=False)
    assert codes(bad) == [("code", "scientific")]


def test_merged_rows_are_refused_by_the_name_of_the_range_and_others_live(tmp_path: Path) -> None:
    def merge(book: Any) -> None:
        book.active.merge_cells("A3:A4")
        book.active.merge_cells("F2:F5")

    rows = parsed(tmp_path, ("a", 1), ("b", 2), (None, 3), ("d", 4), change=merge)
    assert [(one.number, codes(one)) for one in rows] == [
        (2, []),
        (3, [(None, "merged")]),
        (4, [(None, "merged")]),
        (5, []),
    ], "a merge in a column that is not taken in does no harm"
    assert rows[1].faults[0].params["range"] == "A3:A4"


def test_the_row_of_examples_is_not_imported_but_one_like_it_is(tmp_path: Path) -> None:
    first, second = parsed(tmp_path, ("A-1", "1200"), ("A-1", "1201"))
    assert codes(first) == [(None, "example_row")]
    assert not second.refused


@pytest.mark.parametrize(
    ("parse", "good", "bad"),
    [
        (values.phone, {"138 0000 1234": "13800001234", "+86-10-12345": "+861012345"}, ["12", "1.38E+10", "abc"]),
        (values.region, {"990200": "9902", "9902": "9902", "９９０２": "9902"}, ["99020", "望汀"]),
        (values.date, {"2026年1月2日": datetime.date(2026, 1, 2), "20260102": datetime.date(2026, 1, 2)}, ["1/2/26"]),
    ],
)
def test_parsers(parse: Any, good: dict[str, Any], bad: list[str]) -> None:
    for text, value in good.items():
        assert parse(text) == value
    for text in bad:
        with pytest.raises(Invalid):
            parse(text)
