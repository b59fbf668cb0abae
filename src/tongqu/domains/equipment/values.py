"""Values of equipment: what its verbs take and give."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 16

PLATE_COLOURS = {1: "blue", 2: "yellow", 3: "black", 4: "white", 5: "green", 9: "other", 91: "farm_yellow",
                 92: "farm_green", 93: "yellow_green", 94: "gradient_green"}  # fmt: skip
"""Colours of plates by their code on the wire (JT/T 697.7-2014; JT/T 808-2019 8.7). 0: the vehicle has no plate."""


def phone_key(phone: str) -> str:
    """The identity without leading zeros: the same card in a 2013 header, a 2019 header and an import."""
    return phone.strip().lower().lstrip("0") or "0"


def new_auth_code() -> str:
    """An authentication code: 80 bits, from letters and digits that survive being read aloud."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))


class Registered(IntEnum):
    """Results of the registration reply 0x8100 (JT/T 808-2019 8.8)."""

    OK = 0
    VEHICLE_TAKEN = 1  # the vehicle has another terminal
    NO_VEHICLE = 2
    TERMINAL_TAKEN = 3  # the identity belongs to another device
    NO_TERMINAL = 4


@dataclass(frozen=True)
class Introduction:
    """What a terminal says of itself in 0x0100.

    Attributes:
        phone: identity in the header, as on the wire.
        version: edition of the header or, for 2011 and 2013, of the body.
        region: code from its province and city words, None where they are 0.
        plate_colour: code, 0 if the vehicle has no plate: `plate` is then the VIN.
    """

    phone: str
    version: int
    region: str | None
    maker: str
    model: str
    terminal_id: str
    plate_colour: int
    plate: str

    @property
    def identity(self) -> tuple[Any, ...]:
        return (self.maker, self.model, self.terminal_id, self.plate_colour, self.plate)


@dataclass(frozen=True)
class Admitted:
    """The registry's decision: a result of 0x8100 (`Registered`) and, if it is 0, the terminal."""

    result: int
    row: dict[str, Any] | None = None


@dataclass(frozen=True)
class NewTerminal:
    """A terminal that is to be entered.

    Attributes:
        vehicle: URN of the vehicle it is fitted to; from_ms: since when.
        registered: it has registered before (elsewhere) and only authenticates, with `auth_code`.
        protocol, imei, software: what it said of itself then.
    """

    phone: str
    terminal_id: str = ""
    maker: str = ""
    model: str = ""
    profile: str = ""
    auth_code: str | None = None
    organisation: str | None = None
    region: str | None = None
    vehicle: str | None = None
    from_ms: int | None = None
    registered: bool = False
    protocol: int = 0
    imei: str = ""
    software: str = ""
