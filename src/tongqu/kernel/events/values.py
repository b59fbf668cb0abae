"""Values of the events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tongqu.kernel.store import Work


@dataclass(frozen=True)
class EventType:
    """A type of event that a module records: `fleets.vehicle_registered`."""

    id: str


@dataclass(frozen=True)
class Event:
    """A fact. It never changes; what makes it void is another event.

    Attributes:
        seq: its place in the order of recording, the offset of subscriptions; says nothing of when it happened.
        subject: URN of what it is about.
        occurred_at_ms: when it happened; recorded_at_ms: when this installation learned of it.
        source: who says so: a module, a gateway, a partner's node.
        key: with type and source its natural key: the same fact told again has the same.
    """

    seq: int
    type: str
    subject: str
    occurred_at_ms: int
    recorded_at_ms: int
    source: str
    key: str
    payload: dict[str, Any]

    @property
    def order(self) -> tuple[int, str, str, str]:
        """A total order of events that does not depend on when they came in.

        A handler that keeps, per subject, what the event of the greatest order says ends in the same state however
        late, often or shuffled events come. `seq` does not serve for that.
        """
        return (self.occurred_at_ms, self.source, self.type, self.key)


@dataclass(frozen=True)
class Subscription:
    """What a module does on events.

    Attributes:
        id: `module.what`; its offset is kept under it, so a new id begins with the oldest event.
        types: ids of the types it wants, in the order of recording.
        handle: `(work, event) -> None`, in a writing unit of work of the platform that also moves the offset: what it
            writes and that it was done are kept together. It must be quick, and take the same event a second time
            where it also acts outside the records.
    """

    id: str
    types: tuple[str, ...]
    handle: Callable[[Work, Event], None]
