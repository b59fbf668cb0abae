"""A report as a Word document (ECMA-376, .docx): plain headings, paragraphs and tables that anybody can edit on."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from docx import Document
from docx.document import Document as Made
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
BODY, HEAD = "FangSong", "SimHei"
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")
"""Characters that XML 1.0 cannot carry."""


@dataclass(frozen=True)
class Table:
    """A table: its head and rows of text, all of one width."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Section:
    """A heading with what stands below it: paragraphs (one a line of `text`) and at most one table."""

    heading: str
    text: str = ""
    table: Table | None = None


def write(title: str, under: str, sections: Sequence[Section]) -> bytes:
    """The bytes of a document.

    Args:
        title: in the middle at the head; `under`: the line below it (number, issuer, time).
        sections: in order.
    """
    document = Document()
    for section in document.sections:
        section.left_margin = section.right_margin = Cm(2.6)
    _fonts(document)
    head = document.add_heading(_clean(title), level=0)
    head.alignment = WD_ALIGN_PARAGRAPH.CENTER
    line = document.add_paragraph(_clean(under))
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for one in sections:
        document.add_heading(_clean(one.heading), level=1)
        for paragraph in one.text.splitlines():
            if paragraph.strip():
                document.add_paragraph(_clean(paragraph)).paragraph_format.first_line_indent = Pt(24)
        if one.table is not None:
            _table(document, one.table)
    document.core_properties.title = _clean(title)[:255]
    document.core_properties.author = ""
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _table(document: Made, table: Table) -> None:
    made = document.add_table(rows=1, cols=len(table.head), style="Table Grid")
    for cell, words in zip(made.rows[0].cells, table.head, strict=True):
        cell.paragraphs[0].add_run(_clean(words)).bold = True
    for row in table.rows:
        for cell, words in zip(made.add_row().cells, row, strict=True):
            cell.text = _clean(words)


def _fonts(document: Made) -> None:
    """Chinese faces by their file names, in the sizes of official documents; Word falls back where they are absent."""
    for name, face, size in (("Normal", BODY, 12), ("Title", HEAD, 20), ("Heading 1", HEAD, 14)):
        style = document.styles[name]
        style.font.size = Pt(size)
        style.font.name = face
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), face)


def _clean(words: str) -> str:
    return _FORBIDDEN.sub("", words)
