"""Append-only facts with a natural key, and subscriptions with an offset.

Late, duplicate and shuffled events end in the same state: duplicates are refused by their natural key, and handlers
decide by `Event.order`, not by arrival.
"""

from tongqu.kernel.events.runner import Runner
from tongqu.kernel.events.service import about, after, record
from tongqu.kernel.events.values import Event, EventType, Subscription

__all__ = ["Event", "EventType", "Runner", "Subscription", "about", "after", "record"]
