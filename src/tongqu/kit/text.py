"""Catalogues of user-visible text: `locale/{zh,en}.json` of each room and domain, Chinese first.

A catalogue is nested JSON; a key is its dotted path. A package registers itself under its prefix (`identity`,
`equipment`), and `text("equipment.errors.unknown_terminal", phone=...)` gives both languages.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from importlib import resources
from typing import Any

LANGUAGES = ("zh", "en")
_packages: dict[str, str] = {"kit": "tongqu.kit", "kernel": "tongqu.kernel"}


def register(prefix: str, package: str) -> None:
    """Make the catalogues of `package` answer for keys that begin with `prefix.`."""
    _packages[prefix] = package
    load.cache_clear()
    _templates.cache_clear()


def packages() -> dict[str, str]:
    """Prefix to package, of all that have registered."""
    return dict(_packages)


@cache
def load(prefix: str, language: str) -> dict[str, str]:
    """The flat catalogue (dotted key to text) of a registered prefix; empty where there is no file."""
    package = _packages.get(prefix)
    if package is None:
        return {}
    source = resources.files(package).joinpath("locale", f"{language}.json")
    if not source.is_file():
        return {}
    flat: dict[str, str] = {}
    _flatten(json.loads(source.read_text(encoding="utf-8"), object_pairs_hook=_once), "", flat)
    return flat


def text(key: str, /, **params: Any) -> dict[str, str]:
    """Both languages of a key such as `equipment.errors.unknown_terminal`; the key itself where none is known.

    Args:
        params: what is filled in; one that is itself a text of both languages, each into its own.
    """
    bilingual = [name for name, value in params.items() if isinstance(value, dict) and value.keys() >= set(LANGUAGES)]
    found = {}
    for language, template in _templates(key):
        own = params | {name: params[name][language] for name in bilingual} if bilingual else params
        found[language] = _fill(template, own)
    return found


@lru_cache(16_384)
def _templates(key: str) -> tuple[tuple[str, str], ...]:
    """What stands under a key, by language."""
    prefix, _, rest = key.partition(".")
    return tuple((language, load(prefix, language).get(rest, key)) for language in LANGUAGES)


def has(key: str) -> bool:
    """Whether a key stands in both catalogues of its prefix."""
    prefix, _, rest = key.partition(".")
    return all(rest in load(prefix, language) for language in LANGUAGES)


def _fill(template: str, params: dict[str, Any]) -> str:
    try:
        return template.format_map(params) if params else template
    except (KeyError, IndexError, ValueError):
        return template


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of a catalogue; the same key twice would hide one of two texts."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"twice in a catalogue: {sorted({key for key in keys if keys.count(key) > 1})}")
    return found


def _flatten(node: Any, path: str, out: dict[str, str]) -> None:
    if isinstance(node, dict):
        for name, child in node.items():
            _flatten(child, f"{path}.{name}" if path else name, out)
    else:
        out[path] = str(node)
