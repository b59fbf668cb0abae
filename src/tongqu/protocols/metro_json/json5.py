"""JSON5 to JSON by its tokens: comments go, names and texts get double quotes, trailing commas go.

The library of that name reads a city in minutes; these files are read when a version is checked.
Source: JSON5 Data Interchange Format 1.0.0; what JSON cannot carry (Infinity, NaN) is refused by the parser behind.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n\r\u2028\u2029]*|/\*.*?\*/)
      |(?P<text>"(?:[^"\\\n]|\\.|\\\n)*"|'(?:[^'\\\n]|\\.|\\\n)*')
      |(?P<number>[+-]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))
      |(?P<name>[A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*)
      |(?P<mark>[{}\[\]:,])""",
    re.VERBOSE | re.DOTALL,
)
_WORDS = frozenset({"true", "false", "null"})
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.|\n)", re.DOTALL)
_ESCAPES = {"'": "'", "v": "\\u000b", "0": "\\u0000", "\n": ""}


def loads(text: str) -> Any:
    """The value a JSON5 text holds.

    Raises:
        ValueError: it is no JSON5; the message says where.
    """
    out: list[str] = []
    at, end = 0, len(text)
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            raise ValueError(f"line {text.count(chr(10), 0, at) + 1}: {text[at : at + 20]!r}")
        kind, token = found.lastgroup, found[0]
        at = found.end()
        if kind == "space":
            continue
        if kind == "text":
            token = _quoted(token)
        elif kind == "number":
            token = _number(token)
        elif kind == "name":
            token = token if token in _WORDS else orjson.dumps(token).decode()
        elif token in "}]" and out and out[-1] == ",":
            out.pop()
        out.append(token)
    return orjson.loads("".join(out))


def _quoted(token: str) -> str:
    inner = _ESCAPE.sub(_escaped, token[1:-1])
    if token[0] == "'":
        inner = inner.replace("\\'", "'")
        inner = re.sub(r'(?<!\\)((?:\\\\)*)"', r'\1\\"', inner)
    return f'"{inner}"'


def _escaped(found: re.Match[str]) -> str:
    """An escape of JSON5 as JSON writes it; those of JSON stay as they are."""
    sign = found[1]
    if sign[0] == "x":
        return f"\\u00{sign[1:]}"
    return _ESCAPES.get(sign, found[0] if sign[0] in 'u"\\/bfnrt' else sign)


def _number(token: str) -> str:
    plain = token.lstrip("+")
    if "x" in plain.lower():
        return str(int(plain, 16))
    if plain.startswith((".", "-.")):
        plain = plain.replace(".", "0.", 1)
    return re.sub(r"\.(?=$|[eE])", "", plain)
