"""Facts of alarms. Each change of an alarm is one event; its payload is the alarm as it is from then on."""

from __future__ import annotations

from tongqu.kernel.alarms import values
from tongqu.kernel.events import EventType

TYPES = {
    name: EventType(name)
    for name in (values.RAISED, values.CLEARED, values.AMENDED, values.WITHDRAWN, values.ACKNOWLEDGED)
}
ALL = tuple(TYPES.values())
