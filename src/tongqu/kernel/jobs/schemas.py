"""How a job looks on the wire."""

from __future__ import annotations

from typing import Any

from tongqu.kit.text import text

_PLAIN = (
    "id",
    "kind",
    "state",
    "progress",
    "parameters",
    "inputs",
    "input_hash",
    "seed",
    "code_version",
    "result",
    "error",
    "created_ms",
    "started_ms",
    "finished_ms",
    "attempt",
    "cancel_requested",
    "time_limit_s",
    "memory_mb",
    "person",
    "person_name",
    "organisation",
    "region",
    "revision",
)


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """The wire form of a row: title and message in both languages, the rest as it is stored."""
    return {
        **{name: row[name] for name in _PLAIN},
        "title": text(row["title_key"], **row["title_params"]),
        "message": text(row["message_key"], **row["message_params"]) if row["message_key"] else None,
    }
