"""What a module declares of a kind of case: a state machine with roles, guards, documents and clocks."""

from tongqu.kernel.cases.values import CaseType, Limit, Step

__all__ = ["CaseType", "Limit", "Step"]
