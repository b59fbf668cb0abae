"""Series of document and control numbers: unique, and free of gaps where declared."""

from tongqu.kernel.numbering.service import take
from tongqu.kernel.numbering.values import Series

__all__ = ["Series", "take"]
