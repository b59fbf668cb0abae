"""NMEA 0183 and AIS: what a ship's receiver says, sentence by sentence.

An AIS message is a table of fields; decode, encode and explain come from it. Usable alone::

    from tongqu.protocols import nmea
    assembler = nmea.Assembler()
    for group in assembler.feed("!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A"):
        message = nmea.decode_group(group)
    sentences = nmea.encode(5, 412345678, {"name": "OCEAN STAR", "ship_type": 70})
"""

from __future__ import annotations

from tongqu.kit.text import register

register("nmea", "tongqu.protocols.nmea")

from tongqu.protocols.nmea.assembler import Assembler, Group  # noqa: E402 (labels first: errors need their texts)
from tongqu.protocols.nmea.codec import (  # noqa: E402
    Message,
    decode,
    decode_bits,
    decode_group,
    encode,
    encode_bits,
    utc_ms,
)
from tongqu.protocols.nmea.message import MessageTable  # noqa: E402
from tongqu.protocols.nmea.ownship import Fix, fix_of, mark_of, nearest_day_ms  # noqa: E402
from tongqu.protocols.nmea.sentence import Sentence, Tag, parse  # noqa: E402
from tongqu.protocols.nmea.tables import MESSAGES  # noqa: E402
from tongqu.protocols.nmea.wire import Reason, sentence  # noqa: E402

__all__ = [
    "MESSAGES",
    "Assembler",
    "Fix",
    "Group",
    "Message",
    "MessageTable",
    "Reason",
    "Sentence",
    "Tag",
    "decode",
    "decode_bits",
    "decode_group",
    "encode",
    "encode_bits",
    "fix_of",
    "mark_of",
    "nearest_day_ms",
    "parse",
    "sentence",
    "utc_ms",
]
