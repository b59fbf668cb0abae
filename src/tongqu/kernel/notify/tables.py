"""Tables of messages: what is said, to whom it went, each try of it, and what receivers have set."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)

from tongqu.kernel.store import Parent, Personal, Retention, Scope, column, metadata, table

METADATA = metadata()
SERIAL = BigInteger().with_variant(Integer, "sqlite")
KEPT = Retention(days=366)

MESSAGE = table(
    "notify_message",
    METADATA,
    column("id", String(16), primary_key=True),
    column("key", String(160)),
    column("template", String(80)),
    column("params", JSON),
    column("subject", String(160)),
    column("link", String(300)),
    column("organisation", String(20), nullable=True),
    column("region", String(12), nullable=True),
    column("created_ms", BigInteger),
    column("actor", String(80)),
    UniqueConstraint("template", "key"),
    scope=Scope(system=True),
    retention=KEPT,
)
"""`key`: the same news told again is no new message."""

ENDPOINT = table(
    "notify_endpoint",
    METADATA,
    column("id", String(16), primary_key=True),
    column("title", String(120)),
    column("url", String(500)),
    column("secret", String(80), personal=Personal.SECRET),
    column("templates", JSON),
    column("organisation", String(20), nullable=True),
    column("region", String(12), nullable=True),
    column("active", Boolean),
    column("created_ms", BigInteger),
    column("created_by", String(80)),
    scope=Scope(read="notify.endpoints", organisation="organisation", region="region"),
)
"""`templates`: ids of the messages it takes, empty for all it may get."""

DELIVERY = table(
    "notify_delivery",
    METADATA,
    column("id", String(16), primary_key=True),
    column("message", String(16), ForeignKey(MESSAGE.c.id)),
    column("channel", String(10)),
    column("recipient", String(80)),
    column("person", String(80), nullable=True),
    column("endpoint", String(16), ForeignKey(ENDPOINT.c.id), nullable=True),
    column("state", String(10)),
    column("attempts", Integer),
    column("due_ms", BigInteger),
    column("ended_ms", BigInteger, nullable=True),
    column("read_ms", BigInteger, nullable=True),
    UniqueConstraint("message", "channel", "recipient"),
    Index(None, "person", "due_ms"),
    Index(None, "state", "due_ms"),
    scope=Scope(person="person", parent=Parent("endpoint", ENDPOINT, "id")),
    retention=KEPT,
)
"""`due_ms`: when it is shown or tried, later in quiet hours and after a failed try; `state`: waiting, sent, failed."""

ATTEMPT = table(
    "notify_attempt",
    METADATA,
    column("id", SERIAL, primary_key=True),
    column("delivery", String(16), ForeignKey(DELIVERY.c.id)),
    column("number", Integer),
    column("at_ms", BigInteger),
    column("status", Integer, nullable=True),
    column("receipt", Text),
    UniqueConstraint("delivery", "number"),
    scope=Scope(parent=Parent("delivery", DELIVERY, "id")),
    retention=KEPT,
    sqlite_autoincrement=True,
)
"""Each try to reach a webhook: the status it answered, the beginning of its answer or why there was none."""

PREFERENCE = table(
    "notify_preference",
    METADATA,
    column("person", String(80), primary_key=True),
    column("quiet_from_min", Integer, nullable=True),
    column("quiet_to_min", Integer, nullable=True),
    scope=Scope(person="person"),
)
"""Quiet hours in minutes of the day at +08:00; they may run over midnight."""
