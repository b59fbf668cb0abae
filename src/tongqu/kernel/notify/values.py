"""What a module declares of its messages to people and webhooks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Template:
    """A message; subject and text stand in the module's locale under `messages.{name}.subject` and `.text`.

    Attributes:
        id: `module.name`.
        urgent: it does not wait for the end of quiet hours.
        channels: where it may go: `page`, `webhook`.
    """

    id: str
    urgent: bool = False
    channels: tuple[str, ...] = ("page", "webhook")
