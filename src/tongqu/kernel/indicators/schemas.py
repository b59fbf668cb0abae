"""Wire models of the indicators."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

LATEST_MS = 4_102_444_800_000


class ComputeOrder(BaseModel):
    """Have windows of a time computed anew, whether anything changed or not."""

    model_config = ConfigDict(extra="forbid")

    period: str = Field("hour", max_length=8)
    from_ms: int = Field(ge=0, le=LATEST_MS, alias="from")
    to_ms: int = Field(ge=0, le=LATEST_MS, alias="to")
