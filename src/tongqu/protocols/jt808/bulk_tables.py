"""What the compiled loop of the bulk path needs as plain arrays: months, reasons, and a profile's item widths."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from tongqu.protocols.jt808.profiles import Profile
from tongqu.protocols.jt808.wire import Reason

if TYPE_CHECKING:
    from numpy.typing import NDArray

REASONS: Final = (
    "",
    Reason.FRAME,
    Reason.ESCAPE,
    Reason.SHORT,
    Reason.CHECKSUM,
    Reason.LENGTH,
    Reason.HEADER,
    Reason.ENCRYPTED,
    Reason.BODY,
    Reason.TIME,
    Reason.ENTRY,
)
"""Reasons by the codes of the compiled loop."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MONTH_START: Final = np.array(
    [(datetime(2000 + month // 12, month % 12 + 1, 1, tzinfo=UTC) - _EPOCH).days for month in range(1201)], np.int64
)
"""Days from 1970 to the first of each month of 2000-2099, and to 2100-01-01."""

ItemTables = tuple["NDArray[np.uint8]", "NDArray[np.uint8]", int, int]
"""Bytes of a length by tag, bytes of a length by tag of two bytes (empty or 65536), the tag of the
mileage and the bytes of that tag."""


@cache
def tables_for(profile: Profile) -> ItemTables:
    """The item widths of a profile.

    Raises:
        ValueError: the profile has tags that the bulk path cannot walk: of other than one and two bytes.
    """
    items = profile.extras
    if items.id_size != 1:
        raise ValueError(f"{profile.name}: tags of {items.id_size} bytes")
    narrow = np.full(256, items.length_size, np.uint8)
    wide = np.zeros(65536 if items.other_widths else 0, np.uint8)
    for item in items.items:
        size, length = item.id_size or items.id_size, item.length_size or items.length_size
        if size == 1:
            narrow[item.id] = length
        elif size == 2:
            wide[item.id] = length
        else:
            raise ValueError(f"{profile.name}: a tag of {size} bytes")
    mileage = items.by_name["mileage_km"]
    return narrow, wide, mileage.id, mileage.id_size or items.id_size
