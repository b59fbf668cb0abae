"""Wire models of travel; lists and forms of the page follow from them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field
from pydantic.config import JsonDict

from tongqu.domains.travel.tables import Condition
from tongqu.kernel.identity.schemas import Form

_QUIET: JsonDict = {"list": False}
_QUIET_TIME: JsonDict = {"kind": "time", "sort": True, "list": False}
_CONDITION: JsonDict = {"enum_id": "condition", "filter": True, "sort": True}
_REGION: JsonDict = {"kind": "region", "filter": True, "sort": True}

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Text = Annotated[str, Field(max_length=120)]
RegionCode = Annotated[str, Field(max_length=12, pattern=r"^\d{2,12}$", json_schema_extra={"kind": "region"})]
Address = Annotated[str, Field(max_length=500, pattern=r"^https?://\S+$")]
Id = Annotated[str, Field(max_length=40)]


class FeedRow(BaseModel):
    """A feed in a list."""

    id: str = Field(json_schema_extra=_QUIET)
    urn: str = Field(json_schema_extra={"kind": "urn", "list": False})
    code: str = Field(json_schema_extra={"sort": True})
    name: str = Field(json_schema_extra={"sort": True})
    publisher: str | None = Field(json_schema_extra={"sort": True, "list": False})
    region: str = Field(json_schema_extra=_REGION)
    condition: Condition = Field(json_schema_extra=_CONDITION)
    licence: str | None = Field(json_schema_extra=_QUIET)
    note: str | None = Field(json_schema_extra=_QUIET)
    operated: bool = Field(json_schema_extra=_QUIET)
    version: str | None = Field(json_schema_extra=_QUIET)
    active: bool = Field(json_schema_extra={"filter": True, "sort": True})
    created_ms: int = Field(json_schema_extra=_QUIET_TIME)
    updated_ms: int = Field(json_schema_extra=_QUIET_TIME)
    revision: int = Field(json_schema_extra=_QUIET)


class FeedForm(Form):
    code: Code
    name: Name
    region: RegionCode
    publisher: Text | None = None
    condition: Annotated[Condition, Field(json_schema_extra=_CONDITION)] = Condition.NOT_OPEN
    licence: Text | None = None
    note: Annotated[str | None, Field(max_length=2000)] = None
    organisation: Annotated[str | None, Field(max_length=20)] = None
    operated: bool = False


class FeedEdit(Form):
    name: Name | None = None
    region: RegionCode | None = None
    publisher: Text | None = None
    condition: Annotated[Condition | None, Field(json_schema_extra=_CONDITION)] = None
    licence: Text | None = None
    note: Annotated[str | None, Field(max_length=2000)] = None
    operated: bool | None = None


class RealtimeForm(Form):
    """Where GTFS Realtime of the feed, its situations as SIRI-SX, the gbfs.json of its shared bikes can be fetched."""

    trip_updates: Address | None = None
    vehicle_positions: Address | None = None
    alerts: Address | None = None
    situations: Address | None = None
    gbfs: Address | None = None


class VersionForm(Form):
    """A file that was uploaded as a document is a new version."""

    document: Id
    activate: bool = False


class RefuseForm(Form):
    reason: Annotated[str, Field(min_length=1, max_length=2000)]
