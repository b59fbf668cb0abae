"""How documents and uploads look on the wire."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tongqu.kit.ids import urn


class DocumentRow(BaseModel):
    """A document in a list."""

    id: str = Field(json_schema_extra={"list": False})
    urn: str = Field(json_schema_extra={"kind": "urn", "list": False})
    name: str = Field(json_schema_extra={"sort": True})
    media_type: str = Field(json_schema_extra={"filter": True, "list": False})
    size: int = Field(json_schema_extra={"unit": "B", "sort": True})
    purpose: str = Field(json_schema_extra={"filter": True})
    person_name: str
    created_ms: int = Field(json_schema_extra={"kind": "time", "sort": True})
    sha256: str = Field(json_schema_extra={"list": False})
    organisation: str | None = Field(json_schema_extra={"list": False})
    region: str | None = Field(json_schema_extra={"kind": "region"})
    expires_ms: int | None = Field(json_schema_extra={"kind": "time", "list": False})


class NewUpload(BaseModel):
    """The announcement of a file."""

    name: str = Field(min_length=1, max_length=255)
    size: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-fA-F]{64}$")
    media_type: str | None = Field(default=None, max_length=130)
    organisation: str | None = Field(default=None, max_length=60)
    region: str | None = Field(default=None, pattern=r"^\d{2,12}$")


class CaptureForm(BaseModel):
    """How evidence was taken."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    device: str = Field(min_length=1, max_length=80)
    device_verified: str = Field(default="", max_length=80)
    captured_ms: int = Field(ge=0, le=4_102_444_800_000)
    lon: float | None = Field(default=None, ge=-180, le=180, allow_inf_nan=False)
    lat: float | None = Field(default=None, ge=-90, le=90, allow_inf_nan=False)
    place: str = Field(default="", max_length=200)


def shown(row: dict[str, Any]) -> dict[str, Any]:
    return DocumentRow(urn=urn("document", row["id"]), **row).model_dump()


def shown_upload(row: dict[str, Any]) -> dict[str, Any]:
    named = {name: row[name] for name in ("id", "name", "media_type", "size", "sha256", "created_ms")}
    return {**named, "offset": row["received"]}
