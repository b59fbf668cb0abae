"""Stream rules in event time: what a module declares, and the kinds of logic rules are made of. See README.md.

What runs them (`live`, `replay`, `logic`) is loaded where it is used: it brings numba and DuckDB.
"""

from tongqu.kernel.rules.values import Change, Rule, Transition

__all__ = ["Change", "Rule", "Transition"]
