"""State machines of cases: roles, guards, required documents, two-person steps, supervision, deadlines."""

from tongqu.kernel.cases.clocks import Clock, clocks_of, nearest
from tongqu.kernel.cases.registry import types_of
from tongqu.kernel.cases.service import (
    advance,
    amend,
    attach,
    by_key,
    get,
    history,
    open_case,
    opened_before,
    still_open,
)
from tongqu.kernel.cases.supervision import lift, supervise
from tongqu.kernel.cases.values import Case, CaseType, Entry, Limit, Step
from tongqu.kernel.cases.views import brief as shown
from tongqu.kernel.cases.views import entry_shown

__all__ = [
    "Case",
    "CaseType",
    "Clock",
    "Entry",
    "Limit",
    "Step",
    "advance",
    "amend",
    "attach",
    "by_key",
    "clocks_of",
    "entry_shown",
    "get",
    "history",
    "lift",
    "nearest",
    "open_case",
    "opened_before",
    "shown",
    "still_open",
    "supervise",
    "types_of",
]
