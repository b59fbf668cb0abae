"""Wire models of messages."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Title = Annotated[str, Field(min_length=1, max_length=120)]
Url = Annotated[str, Field(min_length=8, max_length=500)]
Templates = Annotated[list[Annotated[str, Field(max_length=80)]], Field(max_length=100)]


class EndpointRow(BaseModel):
    id: str = Field(json_schema_extra={"list": False})
    title: str = Field(json_schema_extra={"sort": True})
    url: str
    region: str | None = Field(json_schema_extra={"kind": "region", "filter": True})
    active: bool = Field(json_schema_extra={"filter": True})
    created_ms: int = Field(json_schema_extra={"kind": "time", "sort": True})


class EndpointForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: Title
    url: Url
    region: Annotated[str, Field(max_length=12)] | None = Field(default=None, json_schema_extra={"kind": "region"})
    organisation: Annotated[str, Field(max_length=20)] | None = None
    templates: Templates = []


class EndpointEdit(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: Title | None = None
    url: Url | None = None
    active: bool | None = None
    templates: Templates | None = None


class QuietHours(BaseModel):
    model_config = ConfigDict(extra="forbid")
    quiet_from_min: Annotated[int, Field(ge=0, lt=1440)] | None
    quiet_to_min: Annotated[int, Field(ge=0, lt=1440)] | None
