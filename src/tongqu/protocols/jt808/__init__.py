"""JT/T 808: terminals of road vehicles and their platform, 2011, 2013 and 2019, with the active-safety supplements.

A message is a table of fields; decode, encode, explain and the documentation come from it. Usable alone::

    from tongqu.protocols import jt808
    message = jt808.decode(raw)
    frames = jt808.encode(0x8300, {"text_flags": 8, "text_type": 1, "text": "..."}, phone="100...", serial=1)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.kit.text import register

register("jt808", "tongqu.protocols.jt808")

from tongqu.protocols.jt808.assembler import (  # noqa: E402 (labels first: errors raised below need their texts)
    Answers,
    Assembled,
    Assembler,
    Lost,
    ResendRequest,
    retry_delays_s,
)
from tongqu.protocols.jt808.codec import (  # noqa: E402
    Message,
    decode,
    decode_head,
    encode,
    encode_body,
    positions_of,
)
from tongqu.protocols.jt808.cursor import Row  # noqa: E402
from tongqu.protocols.jt808.explain import explain  # noqa: E402
from tongqu.protocols.jt808.frame import Head, make_frames, merge_frame, peek  # noqa: E402
from tongqu.protocols.jt808.items import Item, item  # noqa: E402
from tongqu.protocols.jt808.message import MessageTable  # noqa: E402
from tongqu.protocols.jt808.profiles import PROFILES, STANDARD, Profile  # noqa: E402
from tongqu.protocols.jt808.splitter import Chunk, Splitter  # noqa: E402
from tongqu.protocols.jt808.tables import MESSAGES  # noqa: E402
from tongqu.protocols.jt808.wire import Reason, position_key  # noqa: E402

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from tongqu.kit.arrow import Decoded, Frames


def positions(frames: Frames, profile: Profile | None = None) -> Decoded:
    """All positions of a buffer of frames as columns, in one compiled pass; see `bulk.positions`."""
    from tongqu.protocols.jt808.bulk import positions as compiled  # numba is loaded when first needed

    return compiled(frames, profile)


def decode_buffer(buffer: bytes | NDArray[np.uint8], profile: Profile | None = None) -> pa.RecordBatch:
    """All positions of a recorded byte stream as an Arrow batch; see `bulk.decode_buffer`."""
    from tongqu.protocols.jt808.bulk import decode_buffer as compiled

    return compiled(buffer, profile)


def alarm_names(alarm: int, version: int = 2019) -> list[str]:
    """Names of the alarm bits that are set, in a version of the standard."""
    from tongqu.protocols.jt808.tables import words

    return words.ALARM.names(alarm, version)


def status_names(status: int, version: int = 2019) -> list[str]:
    """Names of the status bits that are set, in a version of the standard."""
    from tongqu.protocols.jt808.tables import words

    return words.STATUS.names(status, version)


def title(message_id: int) -> dict[str, str]:
    """Name of a message in both languages; of one without a table, its id."""
    from tongqu.kit.text import text

    known = message_id in MESSAGES
    return text(f"jt808.messages.0x{message_id:04X}") if known else dict.fromkeys(("zh", "en"), f"0x{message_id:04X}")


def document() -> str:
    """The tables of all messages, items and parameters as Markdown."""
    from tongqu.protocols.jt808.docs import document as written

    return written()


__all__ = [
    "MESSAGES",
    "PROFILES",
    "STANDARD",
    "Answers",
    "Assembled",
    "Assembler",
    "Chunk",
    "Head",
    "Item",
    "Lost",
    "Message",
    "MessageTable",
    "Profile",
    "Reason",
    "ResendRequest",
    "Row",
    "Splitter",
    "alarm_names",
    "decode",
    "decode_buffer",
    "decode_head",
    "document",
    "encode",
    "encode_body",
    "explain",
    "item",
    "make_frames",
    "merge_frame",
    "peek",
    "position_key",
    "positions",
    "positions_of",
    "retry_delays_s",
    "status_names",
    "title",
]
