"""Files as the field sends them: what can be read is read, what cannot is refused with the place and the remedy."""

from __future__ import annotations

import csv
import datetime
import io
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongqu.kernel.imports.reading import csvs, sheet, xlsx
from tongqu.kernel.imports.tests.support import sheet_of
from tongqu.kernel.imports.tests.support import xlsx as workbook
from tongqu.kit.errors import Invalid, TongquError, TooLarge

HEAD = ("编号", "质量(kg)")


def texts(read: sheet.Sheet) -> list[tuple[int, list[str | None]]]:
    return [(row.number, [cell.text if cell else None for cell in row.cells]) for row in read.rows]


def refused(data: bytes, folder: Path) -> TongquError:
    with pytest.raises((Invalid, TooLarge)) as caught:
        sheet_of(folder, data)
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("ends", ["\r\n", "\n"])
def test_chinese_text_is_read_in_any_encoding_of_the_field(tmp_path: Path, encoding: str, ends: str) -> None:
    data = ends.join(["编号,质量(kg)", "澜A·D12345,1200", "澜运①号,3"]).encode(encoding)
    read = sheet_of(tmp_path, data)
    assert texts(read) == [(1, ["编号", "质量(kg)"]), (2, ["澜A·D12345", "1200"]), (3, ["澜运①号", "3"])]
    assert [note.code for note in read.notes] == (["imports.read_as"] if encoding.startswith("gb") else [])


def test_four_byte_characters_of_gb18030_are_read(tmp_path: Path) -> None:
    assert texts(sheet_of(tmp_path, "编号\n𠮷㐀".encode("gb18030")))[1] == (2, ["𠮷㐀"])


def test_bytes_that_are_no_text_are_named_by_their_place(tmp_path: Path) -> None:
    good = "编号,质量\n澜A12345,1\n".encode("gb18030")
    error = refused(good + b"\xff\xff,2\n", tmp_path)
    assert (error.code, error.params["offset"], error.params["byte"], error.params["line"]) == (
        "imports.encoding",
        len(good),
        "ff",
        3,
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_quotes_and_line_breaks_inside_a_cell(tmp_path: Path, delimiter: str) -> None:
    out = io.StringIO()
    records = [["编号", "备,注;a"], ["a\nb", 'say "x"'], ["", ""], ["c", "d"]]
    csv.writer(out, delimiter=delimiter).writerows(records)
    read = sheet_of(tmp_path, out.getvalue().encode())
    assert texts(read) == [(1, ["编号", "备,注;a"]), (2, ["a\nb", 'say "x"']), (4, ["c", "d"])]


@given(st.lists(st.lists(st.text('ab,;\t"\n\r 1澜', max_size=6), min_size=2, max_size=4), min_size=1, max_size=5))
def test_whatever_a_csv_writer_writes_is_read_back(records: list[list[str]]) -> None:
    width = max(len(record) for record in records)
    records = [["x"] * width, *([*record, *[""] * (width - len(record))] for record in records)]
    out = io.StringIO(newline="")
    csv.writer(out).writerows(records)
    read = csvs.read_csv(out.getvalue().encode())
    expected = [
        (number, [value.strip() or None for value in record])
        for number, record in enumerate(records, 1)
        if any(value.strip() for value in record)
    ]
    assert texts(read) == expected


def test_a_lone_quote_is_a_clear_error(tmp_path: Path) -> None:
    assert refused('编号,质量\n"a,1\nb,2\n'.encode(), tmp_path).code == "imports.bad_csv"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "imports.empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 100, "imports.old_excel"),
        (b"PK\x03\x04 not really", "imports.not_xlsx"),
        (b"a\x00b,c\n", "imports.not_text"),
    ],
)
def test_files_that_are_something_else(tmp_path: Path, data: bytes, code: str) -> None:
    assert refused(data, tmp_path).code == code


def test_types_of_a_workbook_come_through(tmp_path: Path) -> None:
    day = datetime.datetime(2026, 11, 23, tzinfo=None)  # noqa: DTZ001
    row = ("澜A12345", 13800001234, 1.5, day, True, "=1+1", "#N/A", "  ", 1.2e3, 510104198001010000)
    read = sheet_of(tmp_path, workbook(row))
    cells = read.rows[0].cells
    assert [(cell.text, cell.kind) if cell else None for cell in cells] == [
        ("澜A12345", "text"),
        ("13800001234", "number"),
        ("1.5", "number"),
        ("2026-11-23", "date"),
        ("true", "boolean"),
        ("=1+1", "formula"),
        ("#N/A", "error"),
        None,
        ("1200", "number"),
        ("510104198001010000", "number"),
    ]


def test_row_numbers_are_those_the_author_sees(tmp_path: Path) -> None:
    def later(book: Any) -> None:
        book.active["A7"] = "late"

    assert [row.number for row in sheet_of(tmp_path, workbook(HEAD, ("a", 1), change=later)).rows] == [1, 2, 7]


def test_merged_ranges_are_found(tmp_path: Path) -> None:
    def merge(book: Any) -> None:
        book.active.merge_cells("A2:B3")

    assert sheet_of(tmp_path, workbook(HEAD, ("a", 1), ("b", 2), change=merge)).merges == (
        sheet.Merge("A2:B3", 2, 3, 1, 2),
    )


def test_hidden_sheets_are_passed_over_and_further_ones_named(tmp_path: Path) -> None:
    def sheets(book: Any) -> None:
        book.create_sheet("秘密", 0).append(["hidden"])
        book["秘密"].sheet_state = "hidden"
        book.create_sheet("说明").append(["other"])

    read = sheet_of(tmp_path, workbook(HEAD, ("a", 1), change=sheets))
    assert texts(read)[0][1] == ["编号", "质量(kg)"]
    assert [(note.code, note.params["others"]) for note in read.notes] == [("imports.other_sheets", "说明")]


def replaced(data: bytes, member: str, content: bytes) -> bytes:
    """A copy of an archive with one member replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            if info.filename != member:
                new.writestr(info, old.read(info))
        new.writestr(member, content)
    return out.getvalue()


def test_an_archive_that_grows_beyond_measure_is_refused_unread(tmp_path: Path) -> None:
    bomb = replaced(workbook(HEAD), "xl/media/image1.png", b"\x00" * (8 << 20))
    assert refused(bomb, tmp_path).code == "imports.zip_bomb"
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(xlsx.MOST_MEMBERS + 1):
            archive.writestr(f"{number}", b"")
    assert refused(many.getvalue(), tmp_path).code == "imports.zip_bomb"


def test_an_archive_that_lies_about_its_sizes_is_a_broken_file(tmp_path: Path) -> None:
    """The size in the directory says little, the stream holds much more."""
    data = bytearray(replaced(workbook(HEAD), "xl/worksheets/sheet1.xml", b"<worksheet>" + b" " * (1 << 20)))
    info = next(i for i in zipfile.ZipFile(io.BytesIO(bytes(data))).infolist() if i.filename.endswith("sheet1.xml"))
    true_size = info.file_size.to_bytes(4, "little")
    at = data.rindex(true_size)
    data[at : at + 4] = (100).to_bytes(4, "little")
    assert refused(bytes(data), tmp_path).code == "imports.not_xlsx"


def test_entities_are_refused(tmp_path: Path) -> None:
    evil = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'
    error = refused(replaced(workbook(HEAD), "xl/worksheets/sheet1.xml", evil), tmp_path)
    assert error.code == "imports.xml_declaration"


def test_too_many_rows_are_refused_and_not_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MOST_ROWS", 5)
    rows = [("a", 1)] * (5 + sheet.HEADING_WITHIN + 1)
    assert refused(workbook(*rows), tmp_path).code == "imports.too_many_rows"
    assert refused("\n".join(f"{a},{b}" for a, b in rows).encode(), tmp_path).code == "imports.too_many_rows"


def test_a_mutilated_workbook_is_an_error_of_ours_and_never_a_crash(tmp_path: Path) -> None:
    whole = workbook(HEAD, *[(f"c{n}", n) for n in range(30)])
    rng = random.Random(7)
    for _ in range(150):
        broken = bytearray(whole)
        for _ in range(rng.randint(1, 20)):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        data = bytes(broken[: rng.randint(5, len(broken))]) if rng.random() < 0.3 else bytes(broken)
        try:
            sheet_of(tmp_path, data)
        except TongquError as error:
            assert error.code.startswith("imports.")
