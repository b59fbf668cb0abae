"""Wire models of the cases."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Time = Annotated[int, Field(ge=0, le=4_102_444_800_000)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Reason = Annotated[str, Field(min_length=1, max_length=2000)]


class StepForm(BaseModel):
    """`data` holds what the form of the step asks for; the rest says where it was taken, if that is told."""

    model_config = ConfigDict(extra="forbid")
    data: dict[str, Any] = {}
    lon: Longitude | None = None
    lat: Latitude | None = None
    place: Annotated[str, Field(max_length=200)] = ""


class DocumentForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9_]*$")]
    document: Annotated[str, Field(min_length=1, max_length=16)]


class SupervisionForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    level: Literal["county", "city", "province", "ministry"]
    deadline_ms: Time
    reason: Reason


class LiftForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    reason: Reason
