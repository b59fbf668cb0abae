"""Changes of cases as server-sent events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from tongqu.kernel.cases import store
from tongqu.kernel.cases.values import CaseType
from tongqu.kernel.cases.views import brief
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor
from tongqu.kernel.web.stream import FULL, RevisionWatch


class CaseWatch(RevisionWatch):
    """The newest revision of all cases."""

    newest = staticmethod(store.revision)


@dataclass
class Reader:
    """One reader of the stream: sees the cases its actor may see, from a revision on."""

    platform: Platform
    actor: Actor
    types: Sequence[CaseType]
    after: int

    def begin(self) -> list[dict[str, Any]]:
        """Nothing: a list shows what stands; the stream says what changes from now on."""
        with self.platform.store.read(self.actor) as work:
            self.after = store.revision(work)
        return []

    def news(self) -> list[dict[str, Any]]:
        if self.platform.service(CaseWatch).revision() <= self.after:
            return []
        with self.platform.store.read(self.actor) as work:
            newest = store.revision(work)
            found = store.changed_since(work, self.types, self.after, FULL)
            rows = brief(work, {one.id: one for one in self.types}, found)
        self.after = found[-1].revision if len(found) == FULL else newest
        return rows


def packed(row: dict[str, Any]) -> bytes:
    """One event of the stream."""
    return b"id: %d\nevent: case\ndata: %s\n\n" % (row["revision"], orjson.dumps(row, default=str))
