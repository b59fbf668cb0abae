"""Values of alarms, and the events that tell other modules of them."""

from tongqu.kernel.alarms.values import ACKNOWLEDGED, AMENDED, Alarm, CLEARED, RAISED, State, WITHDRAWN

__all__ = ["ACKNOWLEDGED", "AMENDED", "Alarm", "CLEARED", "RAISED", "State", "WITHDRAWN"]
