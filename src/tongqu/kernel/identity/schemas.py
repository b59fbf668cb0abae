"""Wire models of identity."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from tongqu.kernel.identity.values import OrganisationKind

_TIME: JsonDict = {"kind": "time", "sort": True}
_QUIET_TIME: JsonDict = {"kind": "time", "sort": True, "list": False}
Id = Annotated[str, Field(max_length=20)]
Code = Annotated[str, Field(max_length=12, pattern=r"^\d{2,12}$", json_schema_extra={"kind": "region"})]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Phone = Annotated[str, Field(max_length=30, pattern=r"^[0-9+() -]*$")]
Email = Annotated[str, Field(max_length=120, pattern=r"^[^@\s]+@[^@\s]+$")]


class Form(BaseModel):
    """Base of what comes in: an unknown field is refused, not forgotten; an empty box means none."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def empty_is_none(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        optional = {name for name, field in cls.model_fields.items() if field.default is None}
        return {name: None if name in optional and value == "" else value for name, value in data.items()}


def given(form: Form, *never_empty: str) -> dict[str, Any]:
    """What an edit form has set; an empty box empties, except where a row cannot be without."""
    sent = form.model_dump(exclude_unset=True, mode="json")
    return {name: value for name, value in sent.items() if value is not None or name not in never_empty}


class SignIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    login: Annotated[str, Field(max_length=200)]
    password: Annotated[str, Field(max_length=1000)]


class NewPassword(BaseModel):
    model_config = ConfigDict(extra="forbid")
    old_password: Annotated[str, Field(max_length=1000)]
    password: Annotated[str, Field(max_length=1000)]


class ResetPassword(BaseModel):
    model_config = ConfigDict(extra="forbid")
    password: Annotated[str | None, Field(max_length=1000)] = None


class OrganisationRow(BaseModel):
    id: str = Field(json_schema_extra={"list": False})
    name: str = Field(json_schema_extra={"sort": True})
    kind: OrganisationKind = Field(json_schema_extra={"filter": True, "sort": True})
    region: str | None = Field(json_schema_extra={"kind": "region", "filter": True, "sort": True})
    parent: str | None = Field(json_schema_extra={"filter": True, "list": False})
    created_ms: int = Field(json_schema_extra=_QUIET_TIME)
    retired_ms: int | None = Field(json_schema_extra=_QUIET_TIME)


class OrganisationForm(Form):
    name: Name
    kind: OrganisationKind = OrganisationKind.CARRIER
    parent: Id | None = None
    region: Code | None = None


class OrganisationEdit(Form):
    name: Name | None = None
    kind: OrganisationKind | None = None
    parent: Id | None = None
    region: Code | None = None


class PersonRow(BaseModel):
    id: str = Field(json_schema_extra={"list": False})
    name: str = Field(json_schema_extra={"sort": True})
    login: str = Field(json_schema_extra={"sort": True})
    organisation_name: str | None
    organisation: str | None = Field(json_schema_extra={"filter": True, "list": False})
    region: str | None = Field(json_schema_extra={"kind": "region", "filter": True, "sort": True})
    roles: list[str]
    phone: str | None
    email: str | None = Field(json_schema_extra={"list": False})
    created_ms: int = Field(json_schema_extra=_QUIET_TIME)
    disabled_ms: int | None = Field(json_schema_extra=_TIME)


class PersonForm(Form):
    login: Annotated[str, Field(min_length=3, max_length=60)]
    name: Name
    organisation: Id | None = None
    region: Code | None = None
    phone: Phone | None = None
    email: Email | None = None
    password: Annotated[str | None, Field(min_length=8, max_length=200, json_schema_extra={"kind": "password"})] = None


class PersonEdit(Form):
    name: Name | None = None
    organisation: Id | None = None
    region: Code | None = None
    phone: Phone | None = None
    email: Email | None = None


class GrantRow(BaseModel):
    id: str = Field(json_schema_extra={"list": False})
    person: str = Field(json_schema_extra={"filter": True, "list": False})
    person_name: str
    role: str = Field(json_schema_extra={"filter": True, "sort": True})
    organisation: str | None = Field(json_schema_extra={"filter": True, "list": False})
    organisation_name: str | None
    region: str | None = Field(json_schema_extra={"kind": "region", "filter": True})
    granted_by: str = Field(json_schema_extra={"list": False})
    created_ms: int = Field(json_schema_extra=_TIME)


class GrantForm(Form):
    person: Id
    role: Annotated[str, Field(max_length=40)]
    organisation: Id | None = None
    region: Code | None = None


class TokenRow(BaseModel):
    id: str = Field(json_schema_extra={"list": False})
    name: str = Field(json_schema_extra={"sort": True})
    person_name: str
    permissions: list[str]
    created_ms: int = Field(json_schema_extra=_TIME)
    expires_ms: int | None = Field(json_schema_extra=_TIME)
    used_ms: int | None = Field(json_schema_extra={"kind": "time"})
    revoked_ms: int | None = Field(json_schema_extra={"kind": "time"})


class TokenForm(Form):
    name: Name
    permissions: list[Annotated[str, Field(max_length=80)]]
    expires_ms: Annotated[int, Field(ge=0, le=2**53, json_schema_extra={"kind": "time"})] | None = None


class RoleRow(BaseModel):
    code: str
    title: str
    permissions: list[str]


class RegionForm(Form):
    code: Annotated[str, Field(pattern=r"^\d{2,12}$")]
    name: Annotated[str, Field(min_length=1, max_length=80)]
    name_en: Annotated[str, Field(max_length=120)] = ""
    special: Annotated[str, Field(max_length=40)] = ""
    valid_from_ms: Annotated[int, Field(ge=0, le=2**53)] = 0
    bbox: tuple[float, float, float, float] | None = None
    center: tuple[float, float] | None = None


class RegionChange(Form):
    """A new name, or the code that takes over, from an instant on."""

    name: Annotated[str | None, Field(min_length=1, max_length=80)] = None
    name_en: Annotated[str | None, Field(max_length=120)] = None
    successor: Annotated[str | None, Field(pattern=r"^\d{2,12}$")] = None
    at_ms: Annotated[int, Field(ge=0, le=2**53)]
