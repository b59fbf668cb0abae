"""The place where a price is attached to a journey: whoever can price one provides itself as `Pricing`."""

from __future__ import annotations

from typing import Any, Protocol

from tongqu.engines.journeys import Journey
from tongqu.kernel.platform import Platform


class Pricing(Protocol):
    """Prices journeys (`platform.provide(mine, Pricing)`)."""

    def fare(self, journey: Journey) -> dict[str, Any] | None:
        """What a journey costs, in integer fen with the rules it follows from; None where no fare is known."""


def fare_of(platform: Platform, journey: Journey) -> dict[str, Any] | None:
    """The fare of a journey; None as long as nobody prices."""
    if not platform.has(Pricing):
        return None
    return platform.service(Pricing).fare(journey)  # type: ignore[type-abstract]
