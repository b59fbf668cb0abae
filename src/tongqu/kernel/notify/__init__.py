"""What a module declares of its messages to people and webhooks."""

from tongqu.kernel.notify.values import Template

__all__ = ["Template"]
