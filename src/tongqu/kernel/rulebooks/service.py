"""Which value of a parameter holds where and when, and what is known of it.

Rulebooks are files of the modules, as catalogues of text are, so they need no platform: verbs, rules, jobs and
indicators ask by id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from tongqu.kernel.rulebooks.reading import books_of
from tongqu.kernel.rulebooks.values import Parameter
from tongqu.kit import text
from tongqu.kit.errors import NotFound, Refused
from tongqu.kit.regions import covers
from tongqu.kit.time import CHINA


def value_of(id: str, region: str | None, at_ms: int) -> Any:
    """The value of a parameter that holds in a region at a time; as `parameter_of`, where status and source matter."""
    return parameter_of(id, region, at_ms).value


def parameter_of(id: str, region: str | None, at_ms: int) -> Parameter:
    """The entry of a parameter that holds in a region at a time.

    The narrowest jurisdiction that covers the region wins: a city's value over its province's, that over the
    country's. An entry holds from the midnight (+08:00) of `effective_from` to that of `effective_to`.

    Args:
        id: `module.book.name`.
        region: region code; None or empty asks for what holds in the whole country.
        at_ms: UTC ms.

    Raises:
        NotFound: `rulebooks.unknown`.
        Refused: `rulebooks.none_in_force`: none of its entries holds there and then.
    """
    day = datetime.fromtimestamp(at_ms / 1000, CHINA).date().isoformat()
    holding = [one for one in entries_of(id) if covers(one.jurisdiction, region or "") and _in_force(one, day)]
    if not holding:
        raise Refused("rulebooks.none_in_force", parameter=id, region=region or "-", day=day)
    return max(holding, key=lambda one: len(one.jurisdiction))


def entries_of(id: str) -> tuple[Parameter, ...]:
    """All entries of a parameter.

    Raises:
        NotFound: `rulebooks.unknown`.
    """
    module = id.partition(".")[0]
    package = text.packages().get(module)
    found = books_of(module, package).get(id) if package else None
    if found is None:
        raise NotFound("rulebooks.unknown", parameter=id)
    return found


def cited(ids: Iterable[str], region: str | None, at_ms: int) -> list[dict[str, Any]]:
    """What a reader of a figure must be told of the numbers it went by: JSON, one entry a parameter.

    Raises:
        NotFound, Refused: as `parameter_of`.
    """
    return [shown(parameter_of(id, region, at_ms)) for id in ids]


def shown(parameter: Parameter) -> dict[str, Any]:
    """A parameter as pages and reports show it, its title and status in both languages."""
    module, _, rest = parameter.id.partition(".")
    return {
        "id": parameter.id,
        "title": text.text(f"{module}.rulebooks.{rest}"),
        "value": parameter.value,
        "jurisdiction": parameter.jurisdiction,
        "effective_from": parameter.effective_from,
        "effective_to": parameter.effective_to,
        "source": parameter.source,
        "status": parameter.status.value,
        "status_label": text.text(f"rulebooks.options.Status.{parameter.status.value}"),
    }


def every(modules: Iterable[Any]) -> Iterator[Parameter]:
    """All entries of all rulebooks of some modules (their manifests)."""
    for module in modules:
        for entries in books_of(module.id, module.package).values():
            yield from entries


def _in_force(parameter: Parameter, day: str) -> bool:
    return parameter.effective_from <= day and (not parameter.effective_to or day < parameter.effective_to)
