"""Values of the simulator: who a terminal is, where its vehicle is, what was sent and heard."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import NamedTuple, Protocol


class Fix(NamedTuple):
    """One position of a vehicle. `lon`, `lat` in degrees (EPSG:4326), `status` and `alarm` as in 0x0200."""

    lon: float
    lat: float
    altitude_m: float
    speed_kmh: float
    heading_deg: float
    mileage_km: float
    fuel_l: float = 120.0
    status: int = 0x000C0003
    alarm: int = 0


class Source(Protocol):
    """Whatever moves the vehicles."""

    def advance(self, at_ms: int) -> None:
        """Bring all vehicles to an instant."""

    def fix(self, index: int) -> Fix:
        """Where a vehicle is at that instant."""

    def interval_ms(self, index: int) -> int:
        """How long its terminal waits before the next report."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A terminal as it introduces itself.

    Attributes:
        phone: SIM number; padded with zeros to the width of the header.
        version: 2013 or 2019.
        auth_code: agreed beforehand; a terminal without one registers first.
        region: code of the region it names, six digits.
        plate_colour: code, 0 if there is no plate.
    """

    phone: str
    version: int = 2019
    maker: str = "99001"
    model: str = "TQ-SIM"
    terminal_id: str = "S000001"
    imei: str = "860000000000000"
    software: str = "sim-1"
    auth_code: str | None = None
    region: str = "990100"
    plate: str = ""
    plate_colour: int = 0


@dataclass(slots=True)
class Counts:
    """What a fleet has done. Positions are counted, not frames: a refill carries several."""

    online: int = 0
    dials: int = 0
    failed_dials: int = 0
    refused: int = 0
    sent: int = 0
    acknowledged: int = 0
    refilled: int = 0
    resent: int = 0
    rejected: int = 0
    dropped: int = 0
    commands: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)
