"""What every file of GBFS has around its content, and how single values are taken from JSON."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import orjson

from tongqu.kit.errors import Invalid, TooLarge
from tongqu.protocols.gbfs.values import Notice, Texts

MOST_BYTES = 32 << 20
LATEST_S = 32_503_680_000  # the year 3000: a number above it counts milliseconds
MOST = 1_000_000_000  # no count and no ttl is larger
T = TypeVar("T")
Json = Mapping[str, Any]


class Unfit(Exception):
    """An entity that cannot be used: the code and the value of its notice."""

    def __init__(self, code: str, value: object = "") -> None:
        super().__init__(code)
        self.code = code
        self.value = "" if value is None else str(value)[:80]


@dataclass
class Opened:
    """A file taken apart: its `data`, what it says of itself, and what was found wrong so far."""

    data: Json
    version: str
    last_updated_ms: int | None
    ttl_s: int
    notices: list[Notice] = field(default_factory=list)
    skipped: int = 0

    def note(self, code: str, entity: str = "", value: str = "") -> None:
        self.notices.append(Notice(code, entity, value))

    def skip(self, code: str, entity: str, value: str = "") -> None:
        """An entity is left out."""
        self.skipped += 1
        self.note(code, entity, value)

    def about(self) -> dict[str, Any]:
        """The fields of `File`."""
        return {
            "version": self.version,
            "last_updated_ms": self.last_updated_ms,
            "ttl_s": self.ttl_s,
            "notices": tuple(self.notices),
            "skipped": self.skipped,
        }

    def each(self, names: tuple[str, ...], id_names: tuple[str, ...], take: Callable[[Json], T]) -> list[T]:
        """All entities of a list that can be read; each of the others is counted and noted.

        Args:
            names: of the list, in the order of preference (3.x, 2.x).
            id_names: of the field that names an entity, likewise.

        Raises:
            Invalid: `gbfs.no_list`.
        """
        rows = first(self.data, names)
        if not isinstance(rows, list):
            raise Invalid("gbfs.no_list", field=names[0])
        taken = []
        for order, row in enumerate(rows):
            if not isinstance(row, Mapping):
                self.skip("no_object", f"#{order}")
                continue
            try:
                taken.append(take(row))
            except Unfit as error:
                name = first(row, id_names)
                self.skip(error.code, str(name)[:80] if isinstance(name, str | int) else f"#{order}", error.value)
        return taken


def open_file(data: bytes) -> Opened:
    """A file taken apart.

    Raises:
        Invalid: `gbfs.no_json`, `gbfs.no_data`.
        TooLarge: `gbfs.too_large`.
    """
    if len(data) > MOST_BYTES:
        raise TooLarge("gbfs.too_large", most_mb=MOST_BYTES >> 20)
    try:
        whole = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise Invalid("gbfs.no_json", reason=str(error)[:200]) from error
    if not isinstance(whole, dict) or not isinstance(whole.get("data"), dict):
        raise Invalid("gbfs.no_data")
    version = whole.get("version")
    made = Opened(whole["data"], version if isinstance(version, str) and version else "1.0", None, 0)
    if made.version.split(".")[0] not in ("1", "2", "3"):
        made.note("unknown_version", value=made.version[:20])
    made.last_updated_ms = moment(whole.get("last_updated"))
    if made.last_updated_ms is None:
        made.note("no_last_updated", value=str(whole.get("last_updated", ""))[:40])
    ttl = count(whole.get("ttl"))
    if ttl is None:
        made.note("no_ttl", value=str(whole.get("ttl", ""))[:40])
    made.ttl_s = ttl or 0
    return made


def first(row: Json, names: tuple[str, ...]) -> Any:
    """The value of the first of some fields that is there."""
    return next((row[name] for name in names if row.get(name) is not None), None)


def identifier(value: Any, code: str) -> str:
    """An id; numbers are taken as they are written.

    Raises:
        Unfit: with the code, where there is none.
    """
    written = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not written:
        raise Unfit(code, value)
    return written


def count(value: Any) -> int | None:
    """A number of things; None where it is not one."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return int(value) if 0 <= value <= MOST and value == int(value) else None


def flag(value: Any) -> bool | None:
    """Yes or no: booleans, and 1 and 0 as GBFS 1.0 wrote them; None where it is neither."""
    return bool(value) if value in (0, 1) and isinstance(value, bool | int) else None


def moment(value: Any) -> int | None:
    """UTC ms of POSIX seconds (up to 2.x) or an RFC 3339 time with its offset (3.x); None where it is neither."""
    if isinstance(value, str):
        try:
            parsed = datetime.fromisoformat(value.strip())
            return None if parsed.tzinfo is None else round(parsed.timestamp() * 1000)
        except (ValueError, OverflowError, OSError):
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
        return None
    if value > LATEST_S:
        return int(value) if value <= LATEST_S * 1000 else None
    return round(value * 1000)


def texts(value: Any, language: str = "") -> Texts:
    """A text by language: the arrays of 3.x, and the plain text of 2.x in the language of the file."""
    if isinstance(value, str):
        return ((language, value),) if value.strip() else ()
    if not isinstance(value, list):
        return ()
    rows = [
        row for row in value if isinstance(row, Mapping) and isinstance(row.get("text"), str) and row["text"].strip()
    ]
    return tuple((row["language"] if isinstance(row.get("language"), str) else "", row["text"]) for row in rows)


def position(row: Json) -> tuple[float, float]:
    """Longitude and latitude.

    Raises:
        Unfit: `bad_position`: not on earth, or at 0/0, where a receiver stands that knows nothing.
    """
    lon, lat = row.get("lon"), row.get("lat")
    numbers = all(isinstance(each, int | float) and not isinstance(each, bool) for each in (lon, lat))
    if not numbers or not (abs(lon) <= 180 and abs(lat) <= 90) or lon == lat == 0:  # type: ignore[arg-type]
        raise Unfit("bad_position", f"{lat}, {lon}")
    return float(lon), float(lat)  # type: ignore[arg-type]
