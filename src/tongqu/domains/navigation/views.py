"""How ships and frames look on the wire."""

from __future__ import annotations

from typing import Any

from tongqu.domains.navigation import schemas
from tongqu.domains.navigation.streams import STREAMS
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Work
from tongqu.kernel.telemetry.service import Telemetry
from tongqu.kit.errors import NotFound
from tongqu.kit.text import has, text
from tongqu.protocols.nmea.cli import decode_lines

OURS = frozenset(stream.id for stream in STREAMS)


def ship(row: dict[str, Any]) -> dict[str, Any]:
    """A ship with the words for her codes."""
    shown = {name: row[name] for name in schemas.ShipRow.model_fields}
    return shown | {
        "ship_type_label": words("ship_type", row["ship_type"]),
        "status_label": words("status", row["status"]),
    }


def words(codes: str, value: int | None) -> dict[str, str] | None:
    """The words for a code of AIS."""
    key = f"nmea.codes.{codes}.{value}"
    return text(key) if value is not None and has(key) else None


def frame(work: Work, platform: Platform, frame_id: str) -> dict[str, Any]:
    """A logged message by the id that tracks, movers and quarantine give.

    Raises:
        NotFound: `telemetry.unknown_frame`, `navigation.unknown_frame`: there is none, it is no longer retained, it is
            of another protocol, or it is not to be seen.
    """
    found = platform.service(Telemetry).frame(frame_id, work.actor)
    if found.stream not in OURS:
        raise NotFound("navigation.unknown_frame", frame=frame_id)
    lines = found.raw.decode("latin-1").splitlines()
    answer = next(iter(decode_lines(lines, True, name="nmea")), None) or {"ok": False, "reason": "sentence"}
    reason = found.reason or answer["reason"]
    key = f"navigation.reasons.{reason}" if has(f"navigation.reasons.{reason}") else f"nmea.reasons.{reason}"
    kind = answer.get("type")
    return {
        "frame": found.frame_id,
        "received_ms": found.received_ms,
        "source": found.source_urn,
        "remote": found.remote or None,
        "ok": answer["ok"] and not found.reason,
        "reason": reason,
        "reason_label": text(key) if reason else None,
        "type": kind,
        "title": text(f"nmea.messages.{kind}") if kind else None,
        "mmsi": answer.get("mmsi"),
        "sentences": lines,
        "rows": answer.get("explain", []),
    }
