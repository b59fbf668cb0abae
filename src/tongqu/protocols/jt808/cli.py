"""What `tongqu decode jt808` prints: one line of hex in, one JSON-ready dictionary out. Never raises."""

from __future__ import annotations

import math
import re
from typing import Any, Final

from tongqu.kit.text import text
from tongqu.protocols.jt808.codec import decode
from tongqu.protocols.jt808.cursor import Row
from tongqu.protocols.jt808.explain import explain as explain_frame
from tongqu.protocols.jt808.profiles import PROFILES

_BETWEEN: Final = re.compile(r"0[xX]|[\s,:;_-]+")


def decode_line(hex: str, explain: bool = False, *, profile: str = "standard") -> dict[str, Any]:
    """One frame as hex text, with or without blanks, as a dictionary that JSON can carry.

    Returns:
        `ok`, `reason` (null if ok, `hex` if the text is no hex), `message_id` ("0x0200"; null if the header cannot
        be read), `name`, `phone`, `serial`, `version`, `body`, `rest` (hex) and with `explain` the rows.
    """
    try:
        raw = bytes.fromhex(_BETWEEN.sub("", hex))
    except ValueError:
        return {"ok": False, "reason": "hex", "message_id": None, "phone": None, "serial": None, "body": {}}
    device = PROFILES.get(profile)
    message = decode(raw, device)
    head = message.head
    answer: dict[str, Any] = {
        "ok": message.ok,
        "reason": None if message.reason is None else str(message.reason),
        "message_id": f"0x{head.message_id:04X}" if head.usable else None,
        "name": message.name,
        "phone": head.phone if head.usable else None,
        "serial": head.serial if head.usable else None,
        "version": head.version if head.usable else None,
        "body": plain(message.body),
    }
    if head.part_total:
        answer["part"] = {"total": head.part_total, "index": head.part_index}
    if message.rest:
        answer["rest"] = message.rest.hex()
    if explain:
        answer["explain"] = [row_as_dict(row) for row in explain_frame(raw, device)]
    return answer


def plain(value: Any) -> Any:
    """A decoded value with bytes as hex, for JSON."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def row_as_dict(row: Row) -> dict[str, Any]:
    """An explained row with its texts in both languages."""
    return {
        "offset": row.offset,
        "length": row.length,
        "wire_offset": row.wire_offset,
        "wire_length": row.wire_length,
        "path": row.path,
        "label": text(row.name),
        "raw": row.raw_hex,
        "value": plain(row.value),
        "unit": row.unit,
        "meaning": None if row.meaning is None else text(row.meaning),
        "children": [row_as_dict(child) for child in row.children],
    }
