"""The raw frame behind a position, explained byte by byte: the evidence of every point."""

from __future__ import annotations

from typing import Any

from tongqu.domains.equipment import store, views
from tongqu.domains.equipment.streams import STREAMS
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Work
from tongqu.kernel.telemetry.service import Telemetry
from tongqu.kit.errors import NotFound
from tongqu.protocols import jt808

OURS = frozenset(stream.id for stream in STREAMS)


def explain(work: Work, platform: Platform, frame: str) -> dict[str, Any]:
    """A frame by the id that tracks, movers and quarantine give, with every field and its place.

    Raises:
        NotFound: `telemetry.unknown_frame`, `equipment.unknown_frame`: there is none, it is no longer retained, it is
            of another protocol, or it is not to be seen.
    """
    found = platform.service(Telemetry).frame(frame, work.actor)
    if found.stream not in OURS:
        raise NotFound("equipment.unknown_frame", frame=frame)
    # The frame may be seen where its terminal is not (a vehicle on a visit): only the device's dialect is used here.
    terminal = store.terminal_by_key(work.as_system("equipment.frames"), found.source)
    profile = jt808.PROFILES.get(terminal["profile"]) if terminal is not None else None
    message = jt808.decode(found.raw, profile)
    head = message.head
    reason = found.reason or (str(message.reason) if message.reason is not None else "")
    return {
        "frame": found.frame_id,
        "received_ms": found.received_ms,
        "source": found.source_urn,
        "remote": found.remote or None,
        "phone": head.phone,
        "version": head.version,
        "serial": head.serial,
        "hex": found.raw.hex(),
        "message_id": f"0x{head.message_id:04X}" if head.usable else None,
        "title": jt808.title(head.message_id) if head.usable else None,
        "ok": message.ok and not found.reason,
        "reason": reason or None,
        "reason_label": views.reason_label(reason) if reason else None,
        "merged": head.merged,
        "rows": views.explained(jt808.explain(found.raw, profile)),
    }
