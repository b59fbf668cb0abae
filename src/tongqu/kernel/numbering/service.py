"""Gives out numbers, in the unit of work that uses them."""

from __future__ import annotations

from datetime import datetime

from tongqu.kernel.numbering import store
from tongqu.kernel.numbering.values import Series
from tongqu.kernel.store import Work
from tongqu.kit.time import CHINA

_PERIODS = {"year": "%Y", "month": "%Y%m", "day": "%Y%m%d", "never": ""}
LONGEST = 120


def take(work: Work, series: Series, *, subject: str, owner: str, organisation: str = "", region: str = "") -> str:
    """The next number of a series for an owner and the period that holds now.

    Units of work that write are serial and the number is a row of this one, so numbers are unique and a unit of work
    that is given up leaves no hole.

    Args:
        series: which; two owners count apart.
        subject: URN of what carries the number.
        owner: organisation id or region code.
        organisation, region: what the pattern prints of them.

    Raises:
        ValueError: the pattern gives two owners the same text, or one that is too long.
    """
    now = datetime.fromtimestamp(work.now_ms / 1000, CHINA)
    system = work.as_system("numbering")
    period = now.strftime(_PERIODS[series.period])
    number = store.last(system, series.id, owner, period) + 1
    text = series.pattern.format(
        organisation=organisation, region=region, year=now.year, month=now.month, day=now.day, number=number
    )
    if len(text) > LONGEST:
        raise ValueError(f"series {series.id}: {text!r} is longer than {LONGEST} characters")
    row = {"series": series.id, "owner": owner, "period": period, "number": number, "text": text, "subject": subject}
    store.add(system, row | {"given_ms": work.now_ms, "given_by": work.actor.id})
    return text
