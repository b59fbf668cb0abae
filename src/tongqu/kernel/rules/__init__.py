"""What a module declares of a stream rule, and what a rule says of its subjects."""

from tongqu.kernel.rules.values import Change, Rule, Transition

__all__ = ["Change", "Rule", "Transition"]
