"""Insert what is not there yet: the one statement whose syntax SQLAlchemy has per dialect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Table
from sqlalchemy.dialects import postgresql, sqlite

from tongqu.kernel.store.work import Work


def insert_new(
    work: Work, table: Table, values: Mapping[str, Any], *, unique: tuple[str, ...], give: ColumnElement[Any]
) -> Any:
    """Insert a row unless one with the same unique columns is there; gives `give` of the new row, else None.

    Args:
        values: the row.
        unique: names of the columns of the unique constraint that decides.
        give: column of the new row to give back, never null.
    """
    dialect = postgresql if work.connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(**values).on_conflict_do_nothing(index_elements=unique).returning(give)
    return work.execute(statement).scalar()
