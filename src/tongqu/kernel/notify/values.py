"""What a module declares of its messages, and whom they go to."""

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


@dataclass(frozen=True)
class ToPerson:
    """To one person, by id."""

    person: str


@dataclass(frozen=True)
class ToRole:
    """To whoever holds a role over a region or an organisation.

    Attributes:
        nearest: only those whose grants are the narrowest that cover it: the county's own, not also the province's.
    """

    role: str
    region: str | None = None
    organisation: str | None = None
    nearest: bool = False


@dataclass(frozen=True)
class ToEndpoint:
    """To one webhook, by id, whatever it listens for; whoever names it has seen to it that they may."""

    endpoint: str


Addressee = ToPerson | ToRole | ToEndpoint
