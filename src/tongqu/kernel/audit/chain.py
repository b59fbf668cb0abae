"""The chain: leaves, Merkle root, digest of a batch. Plain functions of bytes, so that anybody can check a log.

Leaves and nodes are hashed apart (a leading 0 or 1) and an odd node rises as it is, as in RFC 6962 section 2.1: no leaf
can pass for a node and no list of leaves for another.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

FIELDS = (
    "seq",
    "at_ms",
    "actor",
    "actor_name",
    "actor_kind",
    "verb",
    "subject",
    "organisation",
    "region",
    "details",
)
GENESIS = "0" * 64
_RECORD = struct.Struct(">Q32s")


def leaf(entry: Mapping[str, Any]) -> bytes:
    """SHA-256 of an entry: every column, in one order."""
    return hashlib.sha256(b"\0" + _packed(entry[name] for name in FIELDS)).digest()


def _packed(values: Iterable[Any]) -> bytes:
    """Values one after the other, each with its type and length, so that no two lists give the same bytes."""
    return b"".join(_value(value) for value in values)


def _value(value: Any) -> bytes:
    if value is None:
        return b"n;"
    if isinstance(value, str):
        raw = value.encode("utf-8", "surrogateescape")
        return b"s%d;" % len(raw) + raw
    # A damaged row may hold a type its column never had; it still has a hash, only another one.
    raw = str(value).encode() if isinstance(value, int) else repr(value).encode()
    return (b"i%d;" if isinstance(value, int) else b"?%d;") % len(raw) + raw


def merkle_root(leaves: Sequence[bytes]) -> str:
    """Root of the tree over leaves, in hex; at least one leaf."""
    level = list(leaves)
    while len(level) > 1:
        paired = [hashlib.sha256(b"\1" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = paired + level[len(paired) * 2 :]
    return level[0].hex()


def pack(leaves: Sequence[tuple[int, bytes]]) -> bytes:
    """Sequence numbers and leaves as they stand in a batch."""
    return b"".join(_RECORD.pack(seq, digest) for seq, digest in leaves)


def unpack(packed: Any) -> dict[int, bytes]:
    """Leaves by sequence number; none where a damaged row has no bytes there, and no half of a record."""
    if not isinstance(packed, bytes):
        return {}
    whole = len(packed) - len(packed) % _RECORD.size
    return dict(_RECORD.iter_unpack(packed[:whole]))


def batch_hash(batch: Mapping[str, Any]) -> str:
    """Digest of a batch's head, which names the batch before it."""
    head = (batch[name] for name in ("number", "first_seq", "last_seq", "root", "previous", "sealed_ms"))
    return hashlib.sha256(b"\2" + _packed(head)).hexdigest()
