"""Sessions in the record store: written in bulk by the gateway, at most a few hundred milliseconds late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tongqu.domains.equipment import store
from tongqu.domains.equipment.store import Row
from tongqu.kernel.store import Work


@dataclass
class Changes:
    """Sessions that began and ended since the last unit of work.

    A session that begins and ends within one batch is written once; the last word on a terminal wins.
    """

    opened: dict[str, Row] = field(default_factory=dict)
    closed: dict[str, Row] = field(default_factory=dict)
    presence: dict[str, Row] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.opened or self.closed)

    def open(self, row: Row) -> None:
        """A session began: `id`, `terminal`, `urn`, `phone`, `remote`, `protocol`, `opened_ms`."""
        self.opened[row["id"]] = row | {"closed_ms": None, "reason": None, "frames": 0, "refused": 0}
        self.presence[row["terminal"]] = {
            "terminal": row["terminal"],
            "session": row["id"],
            "seen_ms": row["opened_ms"],
        }

    def close(self, row: Row) -> None:
        """A session ended: `id`, `terminal`, `closed_ms`, `reason`, `frames`, `refused`."""
        known = self.opened.get(row["id"])
        if known is not None:
            known.update(row)
        else:
            self.closed[row["id"]] = row
        there = self.presence.get(row["terminal"])
        if there is None or there["session"] in (row["id"], None):
            gone: dict[str, Any] = {"terminal": row["terminal"], "session": None, "seen_ms": row["closed_ms"]}
            self.presence[row["terminal"]] = gone


def write(work: Work, changes: Changes) -> None:
    """Put the changes into the record store; ends come first, for a terminal has one open session at most."""
    store.close_sessions(work, list(changes.closed.values()))
    store.insert_sessions(work, _in_order(changes.opened.values()))
    store.set_presence(work, list(changes.presence.values()))


def begin_anew(work: Work) -> int:
    """Close every session that is still open in the records: their connections died with the gateway before."""
    return store.end_all_sessions(work, "gateway_restarted")


def _in_order(rows: Any) -> Sequence[Row]:
    """Ended ones first: of two sessions of one terminal only the later is open."""
    return sorted(rows, key=lambda row: row["closed_ms"] is None)
