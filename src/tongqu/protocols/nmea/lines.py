"""Where the lines of a buffer end, eight bytes at a time."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

_NEWLINE: Final = np.uint8(10)
_EACH: Final = np.uint64(0x0101010101010101)
_TENS: Final = np.uint64(0x0A0A0A0A0A0A0A0A)
_HIGH: Final = np.uint64(0x8080808080808080)


@njit(cache=True, nogil=True)
def ends_of_lines(view: NDArray[np.uint8], eights: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Places of all newlines, as `numpy.flatnonzero(view == 10)` gives them.

    Args:
        view: the bytes; `eights`: the same, as many as fill whole words.
    """
    lines = 0
    for byte in view:
        lines += byte == _NEWLINE
    found, count = np.empty(lines, np.int64), 0
    for word in range(eights.size):
        x = eights[word] ^ _TENS
        if (x - _EACH) & ~x & _HIGH != 0:  # some byte of it is a newline
            for place in range(8 * word, 8 * word + 8):
                if view[place] == _NEWLINE:
                    found[count] = place
                    count += 1
    for place in range(8 * eights.size, view.size):
        if view[place] == _NEWLINE:
            found[count] = place
            count += 1
    return found
