"""The raw frame behind a position, explained byte by byte: the evidence of every point."""

from __future__ import annotations

from typing import Any

from tongqu.domains.equipment import store, views
from tongqu.domains.equipment.streams import PARTS_NUMBER, POSITIONS_NUMBER
from tongqu.kernel.geo import RegionIndex
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Work
from tongqu.kernel.telemetry.reader import LogReader
from tongqu.kernel.telemetry.record import Record
from tongqu.kit.errors import NotFound
from tongqu.kit.regions import covers
from tongqu.protocols import jt808

READ = "equipment.read"
OURS = frozenset({POSITIONS_NUMBER, PARTS_NUMBER})


def explain(work: Work, platform: Platform, frame: str) -> dict[str, Any]:
    """A frame by the id that tracks and movers give, with every field and its place.

    Raises:
        NotFound: `equipment.unknown_frame`: there is none, it is no longer retained, or it is not to be seen.
    """
    record = LogReader(platform.settings.log).record(int(frame)) if frame.isdecimal() and len(frame) < 20 else None
    if record is None or record.stream not in OURS:
        raise NotFound("equipment.unknown_frame", frame=frame)
    terminal = store.terminal_by_key(work.as_system("equipment.frames"), record.source)
    seen = store.terminal_by_key(work, record.source)
    profile = jt808.PROFILES.get(terminal["profile"]) if terminal is not None else None
    message = jt808.decode(record.raw, profile)
    if seen is None and not _was_in_sight(work, platform, message):
        raise NotFound("equipment.unknown_frame", frame=frame)
    return _shown(frame, record, terminal, message, profile)


def _was_in_sight(work: Work, platform: Platform, message: jt808.Message) -> bool:
    """Whether every position in the frame lies where the actor may look: the terminal is of elsewhere."""
    positions = jt808.positions_of(message)
    regions = [grant.region for grant in work.actor.grants_for(READ) if grant.region is not None]
    if not positions or not regions or not platform.has(RegionIndex):
        return False
    import numpy as np

    lon = np.array([one["lon"] for one in positions])
    lat = np.array([one["lat"] for one in positions])
    codes = platform.service(RegionIndex).codes(lon, lat)
    return all(code and any(covers(region, str(code)) for region in regions) for code in codes.tolist())


def _shown(
    frame: str, record: Record, terminal: dict[str, Any] | None, message: jt808.Message, profile: jt808.Profile | None
) -> dict[str, Any]:
    message_id = message.head.message_id
    return {
        "frame": frame,
        "received_ms": record.received_ms,
        "source": terminal["urn"] if terminal is not None else None,
        "phone": message.head.phone,
        "version": message.head.version,
        "serial": message.head.serial,
        "hex": record.raw.hex(),
        "message_id": f"0x{message_id:04X}" if message_id >= 0 else None,
        "title": jt808.title(message_id),
        "ok": message.ok,
        "reason": str(message.reason) if message.reason is not None else record.reason or None,
        "merged": message.head.merged,
        "rows": views.explained(jt808.explain(record.raw, profile)),
    }
