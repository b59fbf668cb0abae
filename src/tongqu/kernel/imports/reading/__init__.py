"""From a file to a sheet: a heading and rows of cells, each as its author numbered it; or a clear refusal."""

from __future__ import annotations

from pathlib import Path

from tongqu.kernel.imports.reading.csvs import read_csv
from tongqu.kernel.imports.reading.sheet import Cell, RawRow, Sheet
from tongqu.kit.errors import Invalid

__all__ = ["Cell", "RawRow", "Sheet", "read"]

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read(path: Path) -> Sheet:
    """The sheet in a file, told apart by its first bytes, not by its name.

    Raises:
        Invalid: `imports.empty`, `imports.old_excel` (also: encrypted), or what the format's reader says.
        TooLarge: `imports.too_many_rows`, `imports.zip_bomb`.
    """
    with path.open("rb") as opened:
        head = opened.read(8)
    if not head:
        raise Invalid("imports.empty")
    if head.startswith(_OLE):
        raise Invalid("imports.old_excel")
    if not head.startswith(_ZIP):
        return read_csv(path.read_bytes())
    from tongqu.kernel.imports.reading.xlsx import read_xlsx  # openpyxl is for the process of an import alone

    return read_xlsx(path)
