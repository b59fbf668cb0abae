"""Wire models of the audit log."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class EntryRow(BaseModel):
    seq: int = Field(json_schema_extra={"sort": True})
    at_ms: int = Field(json_schema_extra={"kind": "time", "sort": True})
    actor_name: str
    actor: str = Field(json_schema_extra={"filter": True, "list": False})
    verb: str = Field(json_schema_extra={"filter": True, "sort": True})
    subject: str = Field(json_schema_extra={"kind": "urn", "filter": True})
    organisation: str | None = Field(json_schema_extra={"list": False})
    region: str | None = Field(json_schema_extra={"kind": "region", "list": False})
    details: dict[str, Any] = Field(json_schema_extra={"list": False})
