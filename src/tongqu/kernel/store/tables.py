"""How tables are declared: each column has a personal-data class, each table a scope and a retention."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, MetaData, Table

from tongqu.kernel.store.scope import Scope

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Personal(StrEnum):
    """Classes of personal data (个人信息保护法 art. 4 and 28); masking, deletion and legal hold follow from them."""

    NONE = "none"
    NAME = "name"
    CONTACT = "contact"
    IDENTITY = "identity"
    TRACK = "track"
    SECRET = "secret"


@dataclass(frozen=True)
class Retention:
    """How long rows are kept: `days`, or for as long as the thing they describe when None."""

    days: int | None = None


def metadata() -> MetaData:
    """A fresh MetaData with the house's naming of constraints; each room and domain has its own."""
    return MetaData(naming_convention=NAMING)


def column(name: str, *args: Any, personal: Personal = Personal.NONE, **options: Any) -> Column[Any]:
    """A column with its personal-data class; not nullable unless it says so."""
    options.setdefault("nullable", False)
    return Column(name, *args, info={"personal": personal, **options.pop("info", {})}, **options)


def table(
    name: str, of: MetaData, *items: Any, scope: Scope, retention: Retention | None = None, **options: Any
) -> Table:
    """A table with its scope and retention; further options go to SQLAlchemy's `Table`.

    Raises:
        ValueError: the scope names a column that the table does not have.
    """
    made = Table(name, of, *items, info={"scope": scope, "retention": retention or Retention()}, **options)
    above = scope.parent and scope.parent.column
    for needed in (scope.organisation, scope.region, scope.presence, scope.person, above):
        if needed is not None and needed not in made.c:
            raise ValueError(f"the scope of {name} names {needed}, which is not a column of it")
    return made
