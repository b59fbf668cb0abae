"""What a module declares of a series of numbers."""

from tongqu.kernel.numbering.values import Series

__all__ = ["Series"]
