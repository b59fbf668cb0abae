"""Wire models of alarms."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tongqu.kernel.alarms.values import Alarm, State
from tongqu.kit.text import text

_QUIET: dict[str, Any] = {"list": False}


class AlarmRow(BaseModel):
    """An alarm in a list."""

    id: int = Field(json_schema_extra=_QUIET)
    onset_ms: int = Field(json_schema_extra={"kind": "time", "sort": True})
    rule: str = Field(json_schema_extra={"filter": True, "list": False})
    rule_title: str
    subject_name: str = Field(json_schema_extra={"sort": True})
    urn: str = Field(json_schema_extra={"kind": "urn", "list": False})
    severity: int = Field(json_schema_extra={"filter": True, "sort": True})
    state: State = Field(json_schema_extra={"filter": True})
    place_text: str
    region: str = Field(json_schema_extra={"kind": "region", "filter": True})
    incident: str = Field(json_schema_extra={"filter": True, "list": False})
    cause: str = Field(json_schema_extra={"filter": True, "list": False})
    cleared_ms: int | None = Field(json_schema_extra={"kind": "time", "sort": True, "list": False})
    acknowledged_ms: int | None = Field(json_schema_extra={"kind": "time", "sort": True})
    acknowledged_name: str = Field(json_schema_extra=_QUIET)
    live: bool = Field(json_schema_extra={"filter": True, "list": False})


class Acknowledgement(BaseModel):
    """What somebody says who has seen an alarm."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    note: str = Field("", max_length=500)


def rule_text(rule: str, what: str, /, **params: Any) -> dict[str, str]:
    """A text of a rule in both languages: `title` or `text`."""
    module, _, name = rule.partition(".")
    return text(f"{module}.rules.{name}.{what}", **params)


def shown(alarm: Alarm) -> dict[str, Any]:
    """The wire form of an alarm: as its payload, with titles in both languages."""
    return {
        **alarm.as_payload(),
        "urn": alarm.subject,
        "rule_title": rule_text(alarm.rule, "title"),
        "rule_text": rule_text(alarm.rule, "text", **alarm.values),
        "place_text": alarm.place[0]["text"] if alarm.place else "",
    }
