"""Wire models of what people send."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class ExportOrder(BaseModel):
    """What is to be exported."""

    model_config = ConfigDict(populate_by_name=True, extra="forbid")

    stream: Literal["positions"] = "positions"
    from_ms: int = Field(alias="from", ge=0, le=253_402_300_799_999)
    to_ms: int = Field(alias="to", ge=0, le=253_402_300_799_999)
    region: str | None = Field(default=None, max_length=12)
