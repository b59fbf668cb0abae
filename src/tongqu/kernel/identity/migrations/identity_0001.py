"""Organisations, people, roles, grants, sessions, tokens and the region tree."""

import sqlalchemy as sa
from alembic import op

revision = "identity_0001"
down_revision = None
branch_labels = None
depends_on = None


def _table(name: str, *items: sa.schema.SchemaItem, key: tuple[str, ...] = ("id",)) -> None:
    op.create_table(name, *items, sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"))


def _text(name: str, length: int, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=nullable)


def _instant(name: str, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _refers(table: str, column: str, to: str, key: str = "id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.{key}"], name=f"fk_{table}_{column}_{to}")


def upgrade() -> None:
    _table(
        "identity_organisation",
        _text("id", 20),
        _text("name", 120),
        _text("kind", 20),
        _text("parent", 20, nullable=True),
        _text("region", 12, nullable=True),
        _instant("created_ms"),
        _instant("retired_ms", nullable=True),
        _refers("identity_organisation", "parent", "identity_organisation"),
    )
    _table(
        "identity_person",
        _text("id", 20),
        _text("login", 60),
        _text("name", 120),
        _text("phone", 30, nullable=True),
        _text("email", 120, nullable=True),
        _text("organisation", 20, nullable=True),
        _text("region", 12, nullable=True),
        sa.Column("password", sa.Text, nullable=True),
        _instant("sessions_from_ms"),
        _instant("created_ms"),
        _instant("disabled_ms", nullable=True),
        _refers("identity_person", "organisation", "identity_organisation"),
        sa.UniqueConstraint("login", name="uq_identity_person_login"),
    )
    _table("identity_role", _text("code", 40), _text("title_zh", 80), _text("title_en", 80), key=("code",))
    _table(
        "identity_role_permission",
        _text("role", 40),
        _text("permission", 80),
        _refers("identity_role_permission", "role", "identity_role", "code"),
        key=("role", "permission"),
    )
    _table(
        "identity_grant",
        _text("id", 20),
        _text("person", 20),
        _text("role", 40),
        _text("organisation", 20, nullable=True),
        _text("region", 12, nullable=True),
        _text("granted_by", 80),
        _instant("created_ms"),
        _instant("ended_ms", nullable=True),
        _refers("identity_grant", "person", "identity_person"),
        _refers("identity_grant", "role", "identity_role", "code"),
        _refers("identity_grant", "organisation", "identity_organisation"),
        sa.CheckConstraint("organisation IS NULL OR region IS NULL", name="ck_identity_grant_one_place"),
    )
    _table(
        "identity_session",
        _text("id", 64),
        _text("person", 20),
        _instant("created_ms"),
        _instant("seen_ms"),
        _instant("expires_ms"),
        _text("remote", 60),
        _text("agent", 200),
        _refers("identity_session", "person", "identity_person"),
    )
    _table(
        "identity_token",
        _text("id", 20),
        _text("hash", 64),
        _text("person", 20),
        _text("name", 120),
        sa.Column("permissions", sa.Text, nullable=False),
        _instant("created_ms"),
        _instant("expires_ms", nullable=True),
        _instant("used_ms", nullable=True),
        _instant("revoked_ms", nullable=True),
        _refers("identity_token", "person", "identity_person"),
        sa.UniqueConstraint("hash", name="uq_identity_token_hash"),
    )
    _table(
        "identity_region",
        _text("code", 12),
        sa.Column("valid_from_ms", sa.BigInteger, autoincrement=False, nullable=False),
        _instant("valid_to_ms", nullable=True),
        _text("name", 80),
        _text("name_en", 120),
        _text("level", 12),
        _text("parent", 12, nullable=True),
        _text("special", 40),
        _text("successor", 12, nullable=True),
        *(sa.Column(name, sa.Float, nullable=True) for name in ("west", "south", "east", "north", "lon", "lat")),
        key=("code", "valid_from_ms"),
    )
    for table, columns in (
        ("identity_organisation", ("parent", "region")),
        ("identity_person", ("organisation",)),
        ("identity_grant", ("person",)),
        ("identity_session", ("person", "expires_ms")),
        ("identity_token", ("person",)),
        ("identity_region", ("parent",)),
    ):
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    for name in ("region", "token", "session", "grant", "role_permission", "role", "person", "organisation"):
        op.drop_table(f"identity_{name}")
