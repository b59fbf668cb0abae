"""Wire models of equipment."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from tongqu.domains.equipment.tables import Admission, TerminalState

_TIME: JsonDict = {"kind": "time", "sort": True}
_QUIET: JsonDict = {"list": False}
_QUIET_TIME: JsonDict = {"kind": "time", "sort": True, "list": False}
_PICKED: JsonDict = {"filter": True, "sort": True}
Code = Annotated[str, Field(max_length=12, pattern=r"^\d{2,12}$", json_schema_extra={"kind": "region"})]
Organisation = Annotated[str, Field(max_length=20)]


class Form(BaseModel):
    """What comes in: an unknown field is refused, not forgotten; an empty box means none."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def empty_is_none(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        optional = {name for name, field in cls.model_fields.items() if field.default is None}
        return {name: None if name in optional and value == "" else value for name, value in data.items()}


class TerminalRow(BaseModel):
    id: str = Field(json_schema_extra=_QUIET)
    urn: str = Field(json_schema_extra={"kind": "urn", "list": False})
    phone: str = Field(json_schema_extra={"sort": True})
    vehicle_label: str = Field(json_schema_extra={"sort": True})
    vehicle: str | None = Field(json_schema_extra={"kind": "urn", "filter": True, "list": False})
    online: bool = Field(json_schema_extra=_PICKED)
    state: TerminalState = Field(json_schema_extra=_PICKED)
    terminal_id: str = Field(json_schema_extra={"sort": True})
    maker: str = Field(json_schema_extra={"sort": True, "filter": True, "list": False})
    model: str = Field(json_schema_extra={"sort": True, "filter": True, "list": False})
    protocol: int = Field(json_schema_extra=_PICKED)
    profile: str = Field(json_schema_extra=_QUIET)
    imei: str = Field(json_schema_extra=_QUIET)
    software: str = Field(json_schema_extra=_QUIET)
    admission: Admission = Field(json_schema_extra={"filter": True, "list": False})
    organisation: str | None = Field(json_schema_extra={"filter": True, "list": False})
    region: str | None = Field(json_schema_extra={"kind": "region", "filter": True, "sort": True})
    session: str | None = Field(json_schema_extra=_QUIET)
    seen_ms: int | None = Field(json_schema_extra=_TIME)
    registered_ms: int | None = Field(json_schema_extra=_QUIET_TIME)
    created_ms: int = Field(json_schema_extra=_QUIET_TIME)


class TerminalForm(Form):
    phone: Annotated[str, Field(min_length=1, max_length=20, pattern=r"^[0-9A-Fa-f]+$")]
    terminal_id: Annotated[str, Field(max_length=30)] = ""
    maker: Annotated[str, Field(max_length=11)] = ""
    model: Annotated[str, Field(max_length=30)] = ""
    profile: Annotated[str, Field(max_length=40)] = ""
    auth_code: Annotated[str | None, Field(max_length=60)] = None
    vehicle: Annotated[str | None, Field(max_length=160, json_schema_extra={"kind": "urn"})] = None
    organisation: Organisation | None = None
    region: Code | None = None


class TerminalEdit(Form):
    terminal_id: Annotated[str, Field(max_length=30)] = ""
    maker: Annotated[str, Field(max_length=11)] = ""
    model: Annotated[str, Field(max_length=30)] = ""
    profile: Annotated[str, Field(max_length=40)] = ""
    auth_code: Annotated[str | None, Field(max_length=60)] = None
    organisation: Organisation | None = None
    region: Code | None = None
    blocked: bool = False


class BindingForm(Form):
    vehicle: Annotated[str, Field(max_length=160)]
    from_ms: Annotated[int | None, Field(ge=0)] = None


class SessionRow(BaseModel):
    id: str = Field(json_schema_extra=_QUIET)
    terminal: str = Field(json_schema_extra={"filter": True, "list": False})
    urn: str = Field(json_schema_extra={"kind": "urn", "list": False})
    phone: str = Field(json_schema_extra=_PICKED)
    state: Literal["open", "closed"] = Field(json_schema_extra={"enum_id": "SessionState"})
    remote: str = Field(json_schema_extra={"sort": True})
    protocol: int = Field(json_schema_extra=_PICKED)
    opened_ms: int = Field(json_schema_extra=_TIME)
    closed_ms: int | None = Field(json_schema_extra=_TIME)
    reason: str | None = Field(json_schema_extra=_PICKED)
    frames: int = Field(json_schema_extra={"sort": True})
    refused: int = Field(json_schema_extra={"sort": True})


class CommandForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Annotated[str, Field(max_length=24)]
    body: dict[str, Any] = Field(default_factory=dict)
    expires_in_s: Annotated[int, Field(ge=1)] = 86_400


class CommandRow(BaseModel):
    id: str = Field(json_schema_extra=_QUIET)
    terminal: str = Field(json_schema_extra={"filter": True, "list": False})
    urn: str = Field(json_schema_extra={"kind": "urn", "list": False})
    kind: str = Field(json_schema_extra=_PICKED)
    title: dict[str, str] = Field(json_schema_extra=_QUIET)
    state: Literal["queued", "sent", "answered", "failed", "expired", "cancelled"] = Field(
        json_schema_extra=_PICKED | {"enum_id": "CommandState"}
    )
    author: str = Field(json_schema_extra={"filter": True})
    queued_ms: int = Field(json_schema_extra=_TIME)
    sent_ms: int | None = Field(json_schema_extra=_TIME)
    answered_ms: int | None = Field(json_schema_extra=_TIME)
    expires_ms: int = Field(json_schema_extra=_QUIET_TIME)
    tries: int = Field(json_schema_extra=_QUIET)
    parts: int = Field(json_schema_extra=_QUIET)
    result: int | None = Field(json_schema_extra={"filter": True})
    reason: str | None = Field(json_schema_extra=_QUIET)
    body: dict[str, Any] = Field(json_schema_extra=_QUIET)
    reply: dict[str, Any] | None = Field(json_schema_extra=_QUIET)
