"""`tongqu decode FORMAT`: a wire format to one JSON object a frame. A protocol takes part by having a module `cli`.

`decode_line(text, explain)` gives the answer of a line. A protocol whose frames span lines has
`decode_lines(lines, explain, name=)` besides; one whose formats are not called as its folder names them in `FORMATS`.
"""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import tongqu.protocols


def formats() -> dict[str, ModuleType]:
    """What can be decoded from the command line: name of the format -> the protocol's module `cli`."""
    found: dict[str, ModuleType] = {}
    for one in pkgutil.iter_modules(tongqu.protocols.__path__):
        if one.ispkg and find_spec(f"tongqu.protocols.{one.name}.cli"):
            codec = import_module(f"tongqu.protocols.{one.name}.cli")
            found |= dict.fromkeys(getattr(codec, "FORMATS", (one.name,)), codec)
    return found


def decode_lines(name: str, lines: Iterable[str], explain: bool) -> Iterator[dict[str, Any]]:
    """One result a frame; empty lines are passed over."""
    codec = formats()[name]
    filled = (line.strip() for line in lines if line.strip())
    if hasattr(codec, "decode_lines"):
        yield from codec.decode_lines(filled, explain, name=name)
        return
    for line in filled:
        yield codec.decode_line(line, explain)


def source(items: list[str]) -> Iterable[str]:
    """The lines to decode: the arguments, or standard input for `-`; bytes that are no text stay apart."""
    if items != ["-"]:
        return items
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    return sys.stdin
