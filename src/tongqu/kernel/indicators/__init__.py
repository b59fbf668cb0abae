"""What a module declares of an indicator."""

from tongqu.kernel.indicators.values import Indicator

__all__ = ["Indicator"]
