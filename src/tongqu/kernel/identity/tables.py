"""Tables of identity: who there is, what they may do and where, and the region tree."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Float, ForeignKey, Index, String, Text, UniqueConstraint

from tongqu.kernel.store import Parent, Personal, Retention, Scope, column, metadata, table

METADATA = metadata()

ORGANISATION = table(
    "identity_organisation",
    METADATA,
    column("id", String(20), primary_key=True),
    column("name", String(120)),
    column("kind", String(20)),
    column("parent", String(20), ForeignKey("identity_organisation.id"), nullable=True),
    column("region", String(12), nullable=True),
    column("created_ms", BigInteger),
    column("retired_ms", BigInteger, nullable=True),
    Index(None, "parent"),
    Index(None, "region"),
    scope=Scope(organisation="id", region="region"),
)

PERSON = table(
    "identity_person",
    METADATA,
    column("id", String(20), primary_key=True),
    column("login", String(60), personal=Personal.NAME),
    column("name", String(120), personal=Personal.NAME),
    column("phone", String(30), nullable=True, personal=Personal.CONTACT),
    column("email", String(120), nullable=True, personal=Personal.CONTACT),
    column("organisation", String(20), ForeignKey(ORGANISATION.c.id), nullable=True),
    column("region", String(12), nullable=True),
    column("password", Text, nullable=True, personal=Personal.SECRET),
    column("sessions_from_ms", BigInteger),
    column("created_ms", BigInteger),
    column("disabled_ms", BigInteger, nullable=True),
    UniqueConstraint("login"),
    Index(None, "organisation"),
    scope=Scope(read="identity.read", organisation="organisation", region="region", person="id"),
)
"""`login` is case-folded; `region` is that of the organisation where there is one; `password` is an Argon2id hash;
sessions that began before `sessions_from_ms` are over."""

ROLE = table(
    "identity_role",
    METADATA,
    column("code", String(40), primary_key=True),
    column("title_zh", String(80)),
    column("title_en", String(80)),
    scope=Scope(open=True),
)

ROLE_PERMISSION = table(
    "identity_role_permission",
    METADATA,
    column("role", String(40), ForeignKey(ROLE.c.code), primary_key=True),
    column("permission", String(80), primary_key=True),
    scope=Scope(open=True),
)

GRANT = table(
    "identity_grant",
    METADATA,
    column("id", String(20), primary_key=True),
    column("person", String(20), ForeignKey(PERSON.c.id)),
    column("role", String(40), ForeignKey(ROLE.c.code)),
    column("organisation", String(20), ForeignKey(ORGANISATION.c.id), nullable=True),
    column("region", String(12), nullable=True),
    column("granted_by", String(80)),
    column("created_ms", BigInteger),
    column("ended_ms", BigInteger, nullable=True),
    Index(None, "person"),
    CheckConstraint("organisation IS NULL OR region IS NULL", name="one_place"),
    scope=Scope(parent=Parent("person", PERSON, "id")),
)
"""Over an organisation with all below it, over a region with all in it, or (neither) everywhere."""

SESSION = table(
    "identity_session",
    METADATA,
    column("id", String(64), primary_key=True, personal=Personal.SECRET),
    column("person", String(20), ForeignKey(PERSON.c.id)),
    column("created_ms", BigInteger),
    column("seen_ms", BigInteger),
    column("expires_ms", BigInteger),
    column("remote", String(60)),
    column("agent", String(200)),
    Index(None, "person"),
    Index(None, "expires_ms"),
    scope=Scope(system=True),
    retention=Retention(days=30),
)
"""`id` is the SHA-256 of the cookie's value, which is not kept."""

TOKEN = table(
    "identity_token",
    METADATA,
    column("id", String(20), primary_key=True),
    column("hash", String(64), personal=Personal.SECRET),
    column("person", String(20), ForeignKey(PERSON.c.id)),
    column("name", String(120)),
    column("permissions", Text),
    column("created_ms", BigInteger),
    column("expires_ms", BigInteger, nullable=True),
    column("used_ms", BigInteger, nullable=True),
    column("revoked_ms", BigInteger, nullable=True),
    UniqueConstraint("hash"),
    Index(None, "person"),
    scope=Scope(person="person", parent=Parent("person", PERSON, "id")),
)
"""`hash` is the SHA-256 of the token, which is shown once; `permissions` a JSON list that narrows its holder's."""

REGION = table(
    "identity_region",
    METADATA,
    column("code", String(12), primary_key=True),
    column("valid_from_ms", BigInteger, primary_key=True, autoincrement=False),
    column("valid_to_ms", BigInteger, nullable=True),
    column("name", String(80)),
    column("name_en", String(120)),
    column("level", String(12)),
    column("parent", String(12), nullable=True),
    column("special", String(40)),
    column("successor", String(12), nullable=True),
    column("west", Float, nullable=True),
    column("south", Float, nullable=True),
    column("east", Float, nullable=True),
    column("north", Float, nullable=True),
    column("lon", Float, nullable=True),
    column("lat", Float, nullable=True),
    Index(None, "parent"),
    scope=Scope(open=True),
)
"""One row for each time a code meant something. `successor`: the code that took over at `valid_to_ms`. `special`: the
kind of an area that is no administrative division (development zone, port area), else empty."""
