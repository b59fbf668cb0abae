"""An independent reader of Mapbox vector tiles (specification 2.1), for tests: protobuf by hand, nothing shared."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Shown:
    """A feature of a tile: geometry type 1 point, 2 line, 3 polygon; parts as lists of (x, y) in tile units."""

    layer: str
    kind: int
    properties: dict[str, Any]
    parts: list[list[tuple[int, int]]]


def read(tile: bytes) -> list[Shown]:
    return [shown for number, _, layer in _fields(tile) if number == 3 for shown in _layer(layer)]


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at


def _fields(data: bytes):
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        wire = tag & 7
        if wire == 0:
            value, at = _varint(data, at)
        elif wire == 2:
            size, at = _varint(data, at)
            value, at = data[at : at + size], at + size
        else:
            size = 8 if wire == 1 else 4
            value, at = data[at : at + size], at + size
        yield tag >> 3, wire, value


def _packed(data: bytes) -> list[int]:
    out, at = [], 0
    while at < len(data):
        value, at = _varint(data, at)
        out.append(value)
    return out


def _signed(value: int) -> int:
    return (value >> 1) ^ -(value & 1)


def _value(data: bytes) -> Any:
    for number, _, value in _fields(data):
        if number == 1:
            return value.decode()
        if number in (2, 3):
            return struct.unpack("<f" if number == 2 else "<d", value)[0]
        if number == 4:
            return value - (1 << 64) if value >> 63 else value
        return {5: value, 6: _signed(value), 7: bool(value)}[number]
    return None


def _layer(data: bytes) -> list[Shown]:
    fields = list(_fields(data))
    name = next(value.decode() for number, _, value in fields if number == 1)
    keys = [value.decode() for number, _, value in fields if number == 3]
    values = [_value(value) for number, _, value in fields if number == 4]
    assert next(value for number, _, value in fields if number == 5) == 4096
    found = []
    for number, _, feature in fields:
        if number == 2:
            parts = {inner: value for inner, _, value in _fields(feature)}
            tags = _packed(parts.get(2, b""))
            properties = {keys[k]: values[v] for k, v in zip(tags[::2], tags[1::2], strict=True)}
            found.append(Shown(name, parts[3], properties, _geometry(_packed(parts[4]))))
    return found


def _geometry(commands: list[int]) -> list[list[tuple[int, int]]]:
    parts: list[list[tuple[int, int]]] = []
    x = y = at = 0
    while at < len(commands):
        command, count = commands[at] & 7, commands[at] >> 3
        at += 1
        if command == 7:
            parts[-1].append(parts[-1][0])
            continue
        for _ in range(count):
            x, y, at = x + _signed(commands[at]), y + _signed(commands[at + 1]), at + 2
            if command == 1:
                parts.append([])
            parts[-1].append((x, y))
    return parts
