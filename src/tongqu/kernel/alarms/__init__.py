"""Values of alarms, and the events that tell other modules of them."""

from tongqu.kernel.alarms.values import ACKNOWLEDGED, AMENDED, CLEARED, RAISED, WITHDRAWN, Alarm, State

__all__ = ["ACKNOWLEDGED", "AMENDED", "CLEARED", "RAISED", "WITHDRAWN", "Alarm", "State"]
