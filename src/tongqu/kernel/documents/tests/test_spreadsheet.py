"""Tables as workbooks: what is read back is what was sent, and nothing of it runs."""

from __future__ import annotations

import io

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from tongqu.kernel.documents.spreadsheet import Sheet, SheetColumn, workbook

TEXTS = st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Cn", "Co")), max_size=20)


def read(sheet: Sheet) -> list[tuple[object, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(workbook(sheet)))
    return [tuple(cell.value for cell in row) for row in book.active.iter_rows()]


def test_times_are_those_of_china_numbers_are_numbers_and_headings_stand_first():
    columns = [SheetColumn(label="时间", type="time"), SheetColumn(label="车速 km/h", type="number")]
    rows = read(Sheet(title="车辆", columns=columns, rows=[[1_795_406_400_000, 36.5], [None, None]]))
    assert rows[0] == ("时间", "车速 km/h")
    assert (str(rows[1][0]), rows[1][1]) == ("2026-11-23 12:00:00", 36.5)
    assert len(rows) == 2 or rows[2] == (None, None)


@settings(max_examples=40, deadline=None)
@given(st.lists(TEXTS.filter(bool), min_size=1, max_size=6), TEXTS)
def test_texts_come_back_as_texts(texts, title):
    columns = [SheetColumn(label="x")]
    book = openpyxl.load_workbook(io.BytesIO(workbook(Sheet(title=title, columns=columns, rows=[[t] for t in texts]))))
    cells = [row[0] for row in book.active.iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == texts
    assert {cell.data_type for cell in cells} == {"s"}


def test_a_formula_is_a_text():
    columns = [SheetColumn(label="=1+1")]
    book = openpyxl.load_workbook(io.BytesIO(workbook(Sheet(title="[x]:*?/", columns=columns, rows=[["=1+1"]]))))
    assert [(cell.value, cell.data_type) for row in book.active.iter_rows() for cell in row] == [("=1+1", "s")] * 2
