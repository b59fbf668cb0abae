"""Parameters of law and standards: dated, sourced, with a status that whoever uses them prints."""

from tongqu.kernel.rulebooks.reading import BadBook, read_book
from tongqu.kernel.rulebooks.service import cited, entries_of, every, parameter_of, shown, value_of
from tongqu.kernel.rulebooks.values import Parameter, Status

__all__ = [
    "BadBook",
    "Parameter",
    "Status",
    "cited",
    "entries_of",
    "every",
    "parameter_of",
    "read_book",
    "shown",
    "value_of",
]
