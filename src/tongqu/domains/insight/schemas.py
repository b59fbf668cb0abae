"""Wire models of insight."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["first", "follow_up", "final"]
Language = Literal["zh", "en"]
Region = Annotated[str, Field(min_length=2, max_length=12)]


class DraftForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Kind
    language: Language = "zh"


class SectionForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    heading: Annotated[str, Field(min_length=1, max_length=200)]
    text: Annotated[str, Field(max_length=20_000)]


class ReportForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: Annotated[str, Field(min_length=1, max_length=200)]
    body: Annotated[list[SectionForm], Field(min_length=1, max_length=20)]


class ShiftForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    region: Region


class HandOverForm(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    summary: Annotated[str, Field(min_length=1, max_length=20_000)]


class SignForm(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    remark: Annotated[str, Field(max_length=2_000)] = ""


class DailyForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    region: Region
    day: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    language: Language = "zh"
