"""Working days in China, midnights at +08:00, and when a period ends."""

from tongqu.kernel.calendar.days import Day, day_at, day_of, midnight_ms
from tongqu.kernel.calendar.periods import Unit, ends_ms

__all__ = ["Day", "Unit", "day_at", "day_of", "ends_ms", "midnight_ms"]
