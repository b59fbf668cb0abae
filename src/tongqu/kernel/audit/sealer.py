"""Seals entries into batches, each of which carries the digest of the one before; at most a second after the deed."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any

from tongqu.kernel.audit import chain, store
from tongqu.kernel.audit.service import on_record
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Work, system_actor

log = logging.getLogger("tongqu.audit")
ACTOR = system_actor("audit")
PERIOD_S = 1.0
GATHER_S = 0.2
MOST = 2_000


def anchor_file(data: Path) -> Path:
    """Where the digest of each batch is noted outside the database: a line of number and digest each.

    Without it, somebody who can write the database could cut off its end; copy it elsewhere from time to time.
    """
    return data / "audit-anchors"


def seal(work: Work) -> dict[str, Any] | None:
    """Put entries that no batch has yet into one batch; None if there are none."""
    last = store.last_batch(work)
    entries = store.entries_after(work, last["last_seq"] if last else 0, MOST)
    if not entries:
        return None
    leaves = [(int(entry["seq"]), chain.leaf(entry)) for entry in entries]
    batch: dict[str, Any] = {
        "number": last["number"] + 1 if last else 1,
        "first_seq": leaves[0][0],
        "last_seq": leaves[-1][0],
        "leaves": chain.pack(leaves),
        "root": chain.merkle_root([digest for _, digest in leaves]),
        "previous": last["hash"] if last else chain.GENESIS,
        "sealed_ms": work.now_ms,
    }
    batch["hash"] = chain.batch_hash(batch)
    store.add_batch(work, batch)
    return batch


class Sealer:
    """One thread of the API process; entries of other processes are found by asking once a second."""

    def __init__(self, platform: Platform) -> None:
        self._store = platform.store
        self._anchors = anchor_file(platform.settings.data)
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._off = on_record(self._wake.set)
        self._thread = threading.Thread(target=self._run, name="audit-sealer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Seal what is left and end."""
        self._off()
        self._ending.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def seal_all(self) -> int:
        """Seal until nothing is left; gives the number of batches."""
        count = 0
        while self._pending():
            with self._store.write(ACTOR) as work:
                batch = seal(work)
            if batch is None:
                break
            self._anchor(batch)
            count += 1
        return count

    def _run(self) -> None:
        while not self._ending.is_set():
            self._wake.wait(PERIOD_S)
            self._wake.clear()
            self._ending.wait(GATHER_S)  # what comes in a burst goes into one batch
            try:
                self.seal_all()
            except Exception:  # a locked or full disk now must not end sealing for good
                log.exception("audit entries could not be sealed; trying again")
                self._ending.wait(PERIOD_S)

    def _pending(self) -> bool:
        """Asked in a reading unit of work, so that an idle platform takes no write lock."""
        with self._store.read(ACTOR) as work:
            last = store.last_batch(work)
            return store.last_seq(work) > (last["last_seq"] if last else 0)

    def _anchor(self, batch: dict[str, Any]) -> None:
        with self._anchors.open("a", encoding="ascii") as out:
            out.write(f"{batch['number']} {batch['hash']}\n")
