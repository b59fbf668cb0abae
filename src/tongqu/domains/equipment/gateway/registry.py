"""What the gateway knows of terminals without asking the record store: one small object for each of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tongqu.domains.equipment.tables import TerminalState
from tongqu.domains.equipment.values import phone_key
from tongqu.protocols.jt808 import PROFILES, STANDARD

if TYPE_CHECKING:
    from tongqu.domains.equipment.gateway.connection import Connection


class Terminal:
    """A terminal as the gateway needs it.

    Attributes:
        id: its id in the registry; key: its number in things, which goes into each log record.
        introduction: what it said of itself when it last registered, None since the gateway started.
        device: IMEI, software, edition and identity as the records have them.
        protocol: edition it speaks: 2011, 2013 or 2019.
        connection: where its session is open.
    """

    __slots__ = (
        "auth_code",
        "connection",
        "device",
        "id",
        "introduction",
        "key",
        "phone_key",
        "profile",
        "protocol",
        "state",
        "urn",
    )

    def __init__(self, row: dict[str, Any]) -> None:
        self.id: str = row["id"]
        self.connection: Connection | None = None
        self.introduction: tuple[Any, ...] | None = None
        self.update(row)

    def update(self, row: dict[str, Any]) -> None:
        self.key: int = row["thing_key"]
        self.urn: str = row["urn"]
        self.phone_key: str = row["phone_key"]
        self.auth_code: str | None = row["auth_code"]
        self.state: str = row["state"]
        self.profile = PROFILES.get(row["profile"], STANDARD)
        self.protocol: int = row["protocol"]
        self.device = (row["imei"], row["software"], row["protocol"], row["phone"])

    @property
    def blocked(self) -> bool:
        return self.state == TerminalState.BLOCKED


class Registry:
    """All terminals by id and by identity. Lives in the loop's thread."""

    def __init__(self) -> None:
        self.by_id: dict[str, Terminal] = {}
        self._by_phone: dict[str, Terminal] = {}
        self._by_key: dict[int, Terminal] = {}

    def __len__(self) -> int:
        return len(self.by_id)

    def find(self, phone: str) -> Terminal | None:
        """The terminal of an identity as on the wire."""
        return self._by_phone.get(phone_key(phone))

    def by_key(self, key: int) -> Terminal | None:
        return self._by_key.get(key)

    def learn(self, rows: Iterable[dict[str, Any]]) -> list[Terminal]:
        """Take in rows that are new or have changed; gives their terminals."""
        learned = []
        for row in rows:
            known = self.by_id.get(row["id"])
            if known is None:
                known = self.by_id[row["id"]] = Terminal(row)
            else:
                self._by_phone.pop(known.phone_key, None)
                known.update(row)
            self._by_phone[known.phone_key] = known
            self._by_key[known.key] = known
            learned.append(known)
        return learned
