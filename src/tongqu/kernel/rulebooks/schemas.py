"""Wire models of the rulebooks."""

from __future__ import annotations

from pydantic import BaseModel, Field

from tongqu.kernel.rulebooks.values import Status


class ParameterRow(BaseModel):
    key: str = Field(json_schema_extra={"list": False})
    id: str = Field(json_schema_extra={"sort": True})
    title: str
    value: str
    jurisdiction: str = Field(json_schema_extra={"kind": "region", "filter": True})
    effective_from: str = Field(json_schema_extra={"sort": True})
    effective_to: str = Field(json_schema_extra={"sort": True})
    source: str
    status: Status = Field(json_schema_extra={"filter": True, "sort": True})
    module: str = Field(json_schema_extra={"filter": True, "list": False})
