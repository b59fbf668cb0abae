"""Finds what was changed in a sealed log, and names it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tongqu.kernel.audit import chain, store
from tongqu.kernel.store import Work
from tongqu.kit.text import text

BATCHES = 50


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was sealed.

    Attributes:
        what: `changed`, `missing` or `inserted` (an entry), `leaves`, `batch` or `chain` (a batch), `anchor`.
        number: of the batch.
        seq: of the entry, where one is to blame.
    """

    what: str
    number: int
    seq: int | None = None

    @property
    def text(self) -> dict[str, str]:
        return text(f"audit.findings.{self.what}", number=self.number, seq=self.seq)


def verify(work: Work, anchors: Path | None = None) -> list[Finding]:
    """Check all batches against their entries, each other, and the anchors noted outside the database.

    Needs an actor that sees all entries: the platform's own.
    """
    with work.broken_text():
        return _verify(work, _noted(anchors))


def _verify(work: Work, noted: dict[int, str]) -> list[Finding]:
    findings: list[Finding] = []
    seen: set[int] = set()
    number, previous, last = 0, chain.GENESIS, 0
    while batches := store.batches_from(work, number, BATCHES):
        for batch in batches:
            findings += _head(batch, previous, noted)
            if isinstance(batch["last_seq"], int):
                findings += _entries(work, batch, last)
                last = max(last, batch["last_seq"])
            seen.add(batch["number"])
            number, previous = batch["number"] + 1, batch["hash"]
    findings += [Finding("anchor", gone) for gone in sorted(noted.keys() - seen)]
    return findings


def _head(batch: dict[str, Any], previous: str, noted: dict[int, str]) -> Iterator[Finding]:
    if chain.batch_hash(batch) != batch["hash"]:
        yield Finding("batch", batch["number"])
    if batch["previous"] != previous:
        yield Finding("chain", batch["number"])
    if noted.get(batch["number"], batch["hash"]) != batch["hash"]:
        yield Finding("anchor", batch["number"])


def _entries(work: Work, batch: dict[str, Any], after: int) -> Iterator[Finding]:
    """Entries between the last batch's end and this one's: each against its leaf."""
    entries = {row["seq"]: chain.leaf(row) for row in store.entries_between(work, after + 1, batch["last_seq"])}
    if entries and chain.merkle_root(list(entries.values())) == batch["root"]:
        if chain.pack(list(entries.items())) != batch["leaves"]:
            yield Finding("leaves", batch["number"])
        return
    kept = chain.unpack(batch["leaves"])
    named = False
    for seq in sorted(entries.keys() | kept.keys()):
        if entries.get(seq) != kept.get(seq):
            named = True
            what = "missing" if seq not in entries else "inserted" if seq not in kept else "changed"
            yield Finding(what, batch["number"], seq)
    if not named or chain.merkle_root(list(kept.values()) or [b""]) != batch["root"]:
        yield Finding("leaves", batch["number"])


def _noted(anchors: Path | None) -> dict[int, str]:
    """Batches as the anchor file has them; a line torn by a crash is left out."""
    if anchors is None or not anchors.is_file():
        return {}
    lines = (line.split() for line in anchors.read_text(encoding="ascii", errors="replace").splitlines())
    return {
        int(parts[0]): parts[1] for parts in lines if len(parts) == 2 and parts[0].isdigit() and len(parts[1]) == 64
    }
