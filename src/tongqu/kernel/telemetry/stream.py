"""A stream: one kind of frame that comes in, and the function that makes rows of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from tongqu.kit.arrow import Decoded, Frames

POSITIONS = "positions"
Decode = Callable[[Frames], Decoded]


@dataclass(frozen=True)
class Stream:
    """What a module says about frames it writes into the log.

    Attributes:
        id: name, unique over all modules: `equipment.jt808`.
        number: what stands in each log record, 1 to 65535, unique and never given to another stream.
        decode: `package.module:function`, a function `Frames -> Decoded`. It is loaded where rows are made, so
            telemetry knows no protocol and the gateway needs no decoder.
        kind: what its rows are; `positions` have the columns of `rows.COLUMNS`.
        retention_days: how long its rows are kept, None for ever.
        fixed_mask: bits that must be set in `status` for the receiver to claim a fix; a row without them is flagged.
        alarm_levels: bits of `alarm` that mean level 1, 2 and 3 of the device's own scale; the highest counts.
        source_kind: kind of the things that send it.
        jump_kmh: a fix that only something faster could have reached from the one before is flagged as a jump.
    """

    id: str
    number: int
    decode: str
    kind: str = POSITIONS
    retention_days: int | None = 180
    fixed_mask: int = 0
    alarm_levels: tuple[int, int, int] = (0xFFFFFFFF, 0, 0)
    source_kind: str = "terminal"
    jump_kmh: float = 350.0

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 65535:
            raise ValueError(f"stream {self.id}: number {self.number} does not fit the log record")
        if self.kind != POSITIONS:
            raise ValueError(f"stream {self.id}: no history is kept for rows of kind {self.kind!r}")

    def decoder(self) -> Decode:
        """The decoding function.

        Raises:
            ImportError, AttributeError: the dotted path leads nowhere.
        """
        module, _, function = self.decode.partition(":")
        return cast(Decode, getattr(import_module(module), function))
