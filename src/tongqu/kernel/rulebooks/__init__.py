"""Parameters of law and standards: dated, sourced, with a status that whoever uses them prints."""

from tongqu.kernel.rulebooks.values import Parameter, Status

__all__ = ["Parameter", "Status"]
