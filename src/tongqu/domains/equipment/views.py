"""How rows of equipment look on the wire."""

from __future__ import annotations

from typing import Any

from tongqu.domains.equipment.schemas import TerminalRow
from tongqu.domains.equipment.store import Row
from tongqu.kit.text import has, text

_HIDDEN = frozenset({"request", "revision", "serial"})


def terminal(row: Row) -> Row:
    """A terminal without its secret and the gateway's own columns."""
    return {name: row[name] for name in TerminalRow.model_fields}


def session(row: Row) -> Row:
    """A session; `reason_label` says why it ended."""
    state = "open" if row["closed_ms"] is None else "closed"
    label = text(f"equipment.reasons.{row['reason']}") if row["reason"] else None
    return row | {"state": state, "reason_label": label}


def command(row: Row) -> Row:
    """A command with its title, and what came of it in words."""
    return {name: value for name, value in row.items() if name not in _HIDDEN} | {
        "title": text(f"equipment.commands.{row['kind']}"),
        "outcome": _outcome(row),
    }


def reason_label(reason: str) -> dict[str, str]:
    """Why a frame was refused, in words; the codec's reasons are labelled there."""
    for key in (f"equipment.reasons.{reason}", f"jt808.reasons.{reason}"):
        if has(key):
            return text(key)
    return {"zh": reason, "en": reason}


def _outcome(row: Row) -> dict[str, str] | None:
    if row["result"] is not None:
        return text(f"equipment.results.{row['result']}")
    if row["reason"] is None:
        return None
    room, _, name = row["reason"].partition(".")
    key = f"{room}.errors.{name}" if name else f"equipment.reasons.{row['reason']}"
    return text(key) if has(key) else {"zh": row["reason"], "en": row["reason"]}


def explained(rows: Any, level: int = 0) -> list[dict[str, Any]]:
    """The rows of an explained frame, flat, each with its depth."""
    flat: list[dict[str, Any]] = []
    for row in rows:
        flat.append(
            {
                "offset": row.offset,
                "length": row.length,
                "wire_offset": row.wire_offset,
                "wire_length": row.wire_length,
                "path": row.path,
                "label": text(row.name),
                "raw": row.raw_hex,
                "value": row.value,
                "unit": row.unit,
                "meaning": text(row.meaning) if row.meaning is not None else None,
                "level": level,
            }
        )
        flat += explained(row.children, level + 1)
    return flat
