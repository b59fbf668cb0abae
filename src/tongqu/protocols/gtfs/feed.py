"""A feed as typed tables: `read(path)`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tongqu.kit.errors import Invalid
from tongqu.protocols.gtfs.cells import Texts, parse_texts, typed
from tongqu.protocols.gtfs.notices import Notice, Notices
from tongqu.protocols.gtfs.severities import SEVERITIES
from tongqu.protocols.gtfs.source import Limits, open_source
from tongqu.protocols.gtfs.spec import FILES


@dataclass(frozen=True)
class Feed:
    """A GTFS Schedule feed as it was written, and typed.

    Attributes:
        name: name of its zip or folder.
        sha256: of its bytes.
        inner: the folder inside the zip in which its files lie, or an empty text.
        tables: file name without ``.txt`` to its typed table; only columns the specification knows; empty cells and
            cells that cannot be read are null. Times are seconds after noon minus 12 h (int32), days are date32.
        texts: the same files as texts with all columns, and the author's row numbers.
        other: files of the specification that are no tables (``locations.geojson``) as bytes.
        strays: files that the specification does not know.
        notices: what was noted while reading.
    """

    name: str
    sha256: str
    inner: str
    tables: Mapping[str, Any]
    texts: Mapping[str, Texts] = field(repr=False)
    other: Mapping[str, bytes] = field(repr=False)
    strays: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()

    def has(self, file: str, column: str | None = None) -> bool:
        """Whether the feed has rows in a file, or the column in it."""
        table = self.tables.get(file)
        if table is None:
            return False
        return table.num_rows > 0 if column is None else column in table.column_names

    def count(self, file: str) -> int:
        """Rows of a file; 0 where it is absent."""
        table = self.tables.get(file)
        return 0 if table is None else int(table.num_rows)

    def strings(self, file: str, column: str) -> list[str]:
        """A column as texts, empty where nothing is written or the column is absent."""
        if not self.has(file, column):
            return [""] * self.count(file)
        cells: list[str | None] = self.tables[file].column(column).to_pylist()
        return [cell or "" for cell in cells]

    def numbers(self, file: str, column: str, absent: float, dtype: Any = np.int32) -> NDArray[Any]:
        """A column of numbers or times as an array, ``absent`` where nothing is written or the column is absent."""
        if not self.has(file, column):
            return np.full(self.count(file), absent, dtype=dtype)
        array = pc.fill_null(
            self.tables[file].column(column), pa.scalar(absent).cast(self.tables[file].schema.field(column).type)
        )
        return np.asarray(array).astype(dtype, copy=False)

    def rows(self, file: str) -> NDArray[np.int64]:
        """The author's row number of each record of a file."""
        return self.texts[file].rows if file in self.texts else np.zeros(0, dtype=np.int64)

    def index(self, file: str, column: str, keys: list[str]) -> NDArray[np.int32]:
        """For each row of a file, where its value stands in ``keys``; -1 where it is empty or not there."""
        if not self.has(file, column):
            return np.full(self.count(file), -1, dtype=np.int32)
        found = pc.index_in(self.tables[file].column(column), value_set=pa.array(keys, pa.string()), skip_nulls=True)
        return np.asarray(pc.fill_null(found, -1)).astype(np.int32, copy=False)


def read(path: Path | str | bytes, *, limits: Limits | None = None, name: str | None = None) -> Feed:
    """Read a feed from a zip, a folder, or the bytes of a zip.

    Cells that cannot be read are null and noted (`Feed.notices`); only what is no feed at all is refused.

    Raises:
        Invalid: no readable zip; none of the specification's files in it.
        TooLarge: it would unpack to more than the limits.
    """
    limits = limits or Limits()
    source = open_source(path, limits, name)
    notices = Notices(SEVERITIES)
    texts: dict[str, Texts] = {}
    tables: dict[str, Any] = {}
    other: dict[str, bytes] = {}
    for file in source.names:
        data = source.read(file, limits)
        if not file.endswith(".txt"):
            other[file] = data
            continue
        found = parse_texts(data, file, notices)
        if found is not None:
            key = file.removesuffix(".txt")
            texts[key] = found
            tables[key] = typed(found, FILES[key], notices)
    if not any(table in tables for table in ("stops", "routes", "trips", "stop_times")):
        raise Invalid("gtfs.no_feed", name=source.name)
    return Feed(source.name, source.sha256, source.inner, tables, texts, other, source.strays, notices.done())
