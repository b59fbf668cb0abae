"""`tongqu decode FORMAT`: bytes of a wire format to one JSON object a frame. A protocol takes part by having a
module `cli` with `decode_line(text, explain)`."""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import tongqu.protocols


def formats() -> list[str]:
    """Names of the protocols that can be decoded from the command line."""
    found = pkgutil.iter_modules(tongqu.protocols.__path__)
    return [one.name for one in found if one.ispkg and find_spec(f"tongqu.protocols.{one.name}.cli")]


def decode_lines(name: str, lines: Iterable[str], explain: bool) -> Iterator[dict[str, Any]]:
    """One result a line; empty lines are passed over."""
    codec = import_module(f"tongqu.protocols.{name}.cli")
    for line in lines:
        if line.strip():
            yield codec.decode_line(line.strip(), explain)


def source(items: list[str]) -> Iterable[str]:
    """The lines to decode: the arguments, or standard input for `-`."""
    return sys.stdin if items == ["-"] else items
