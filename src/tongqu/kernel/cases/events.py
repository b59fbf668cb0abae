"""Events of cases; the subject is the URN of the case."""

from __future__ import annotations

from tongqu.kernel.events import EventType

OPENED = EventType("cases.opened")
ADVANCED = EventType("cases.advanced")
OVERDUE = EventType("cases.overdue")
SUPERVISED = EventType("cases.supervised")
ALL = (OPENED, ADVANCED, OVERDUE, SUPERVISED)
