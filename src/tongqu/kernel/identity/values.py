"""Values of identity: what other rooms and domains hold in their hands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class OrganisationKind(StrEnum):
    """What an organisation is in the field of transport."""

    AUTHORITY = "authority"
    CARRIER = "carrier"
    OPERATOR = "operator"
    SERVICE = "service"
    OTHER = "other"


@dataclass(frozen=True)
class Organisation:
    """An organisation; `region` is the code of its home region, `parent` the organisation it is part of."""

    id: str
    name: str
    kind: str
    parent: str | None
    region: str | None
    created_ms: int
    retired_ms: int | None = None


@dataclass(frozen=True)
class Person:
    """Somebody with a login. Contacts are as stored: what is shown goes through `store.masked`."""

    id: str
    login: str
    name: str
    phone: str | None
    email: str | None
    organisation: str | None
    region: str | None
    created_ms: int
    disabled_ms: int | None = None


@dataclass(frozen=True)
class RoleGrant:
    """A role a person holds over an organisation with all below it, over a region with all in it, or everywhere."""

    id: str
    person: str
    role: str
    organisation: str | None
    region: str | None
    granted_by: str
    created_ms: int


@dataclass(frozen=True)
class Region:
    """A region as a code meant it from `valid_from_ms` until just before `valid_to_ms`.

    Attributes:
        code: as in `kit.regions`.
        level: `province`, `city`, `county`, `township` or `village`.
        parent: code one level up, None for a province.
        special: kind of an area that is no administrative division, else empty.
        successor: code that took over when this one ended; equal to `code` where it was only renamed.
        bbox: west, south, east, north in degrees; centre: lon, lat of its seat.
    """

    code: str
    name: str
    name_en: str
    level: str
    parent: str | None
    valid_from_ms: int = 0
    valid_to_ms: int | None = None
    special: str = ""
    successor: str | None = None
    bbox: tuple[float, float, float, float] | None = None
    centre: tuple[float, float] | None = None

    def valid_at(self, at_ms: int) -> bool:
        return self.valid_from_ms <= at_ms and (self.valid_to_ms is None or at_ms < self.valid_to_ms)


@dataclass(frozen=True)
class Token:
    """A token of the API; the secret itself is given once, by `add_token`."""

    id: str
    person: str
    name: str
    permissions: tuple[str, ...]
    created_ms: int
    expires_ms: int | None
    used_ms: int | None
    revoked_ms: int | None
