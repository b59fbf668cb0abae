"""Tables of equipment: terminals, their sessions, the commands that were sent to them; and the enumerations in them."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import JSON, BigInteger, Boolean, Index, Integer, String, Text, UniqueConstraint, text

from tongqu.kernel.store import Parent, Personal, Retention, Scope, column, metadata, table

META = metadata()


class Admission(StrEnum):
    """How a terminal came into the registry."""

    IMPORTED = "imported"  # entered by a person, before its first contact
    OPENED = "opened"  # made itself known while admission was open


class TerminalState(StrEnum):
    """What the registry thinks of a terminal."""

    NEW = "new"  # known, not yet registered over the wire
    REGISTERED = "registered"
    UNREGISTERED = "unregistered"  # said goodbye with 0x0003; must register again
    BLOCKED = "blocked"  # a person shut it out


class CommandState(StrEnum):
    """Life of a command: queued → sent → answered, failed; queued → expired, cancelled."""

    QUEUED = "queued"
    SENT = "sent"
    ANSWERED = "answered"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


FINAL_STATES = frozenset(
    {CommandState.ANSWERED, CommandState.FAILED, CommandState.EXPIRED, CommandState.CANCELLED},
)

TERMINAL = table(
    "equipment_terminal",
    META,
    column("id", String(80), primary_key=True),
    column("urn", String(160)),
    column("thing_key", BigInteger),
    column("phone", String(20)),
    column("phone_key", String(20)),
    column("terminal_id", String(30), server_default=""),
    column("maker", String(11), server_default=""),
    column("model", String(30), server_default=""),
    column("imei", String(15), server_default=""),
    column("software", String(20), server_default=""),
    column("protocol", Integer, server_default="0"),
    column("profile", String(40), server_default=""),
    column("auth_code", String(60), nullable=True, personal=Personal.SECRET),
    column("admission", String(12)),
    column("state", String(12)),
    column("organisation", String(20), nullable=True),
    column("region", String(12), nullable=True),
    column("vehicle", String(160), nullable=True),
    column("vehicle_label", String(80), server_default=""),
    column("session", String(20), nullable=True),
    column("online", Boolean, server_default=text("false")),
    column("seen_ms", BigInteger, nullable=True),
    column("registered_ms", BigInteger, nullable=True),
    column("created_ms", BigInteger),
    column("revision", BigInteger),
    UniqueConstraint("urn"),
    UniqueConstraint("thing_key"),
    UniqueConstraint("phone_key"),
    Index(None, "terminal_id"),
    Index(None, "vehicle"),
    Index(None, "revision"),
    Index(None, "organisation"),
    Index(None, "region"),
    scope=Scope(read="equipment.read", organisation="organisation", region="region"),
)
"""A terminal. `phone` is the identity as on the wire (hex digits, devices that send no BCD included), `phone_key` the
same without leading zeros: the SIM number `13800138000` of an import is the `013800138000` of a 2013 header and the
`00000000013800138000` of a 2019 one. It is the number of a device's card, not of a person."""

FOLLOWS = Scope(read="equipment.read", parent=Parent("terminal", TERMINAL, "id"))

SESSION = table(
    "equipment_session",
    META,
    column("id", String(20), primary_key=True),
    column("terminal", String(80)),
    column("urn", String(160)),
    column("phone", String(20)),
    column("remote", String(64)),
    column("protocol", Integer),
    column("opened_ms", BigInteger),
    column("closed_ms", BigInteger, nullable=True),
    column("reason", String(24), nullable=True),
    column("frames", BigInteger, server_default="0"),
    column("refused", BigInteger, server_default="0"),
    Index(None, "terminal", "opened_ms"),
    Index(
        "uq_equipment_session_open",
        "terminal",
        unique=True,
        sqlite_where=text("closed_ms IS NULL"),
        postgresql_where=text("closed_ms IS NULL"),
    ),
    Index(None, "opened_ms"),
    Index(None, "closed_ms"),
    scope=FOLLOWS,
    retention=Retention(days=180),
)
"""A session: from authentication to the end of the connection. A terminal has at most one that is open."""

COMMAND = table(
    "equipment_command",
    META,
    column("id", String(20), primary_key=True),
    column("terminal", String(80)),
    column("urn", String(160)),
    column("kind", String(24)),
    column("body", JSON),
    column("state", String(12)),
    column("author", String(80)),
    column("queued_ms", BigInteger),
    column("expires_ms", BigInteger),
    column("sent_ms", BigInteger, nullable=True),
    column("answered_ms", BigInteger, nullable=True),
    column("tries", Integer, server_default="0"),
    column("serial", Integer, nullable=True),
    column("parts", Integer, server_default="0"),
    column("result", Integer, nullable=True),
    column("reason", Text, nullable=True),
    column("reply", JSON, nullable=True),
    column("request", String(140), nullable=True),
    column("revision", BigInteger),
    UniqueConstraint("request"),
    Index(None, "terminal", "queued_ms"),
    Index(None, "state", "queued_ms"),
    Index(None, "revision"),
    scope=FOLLOWS,
    retention=Retention(days=1095),
)
"""A command to a terminal and what became of it. `result` is the terminal's own (JT/T 808-2019 8.1: 0 done, 1 failed,
2 bad message, 3 not supported), `reason` ours where it never came to a result. `request`: author and idempotency key of
the request that queued it."""
