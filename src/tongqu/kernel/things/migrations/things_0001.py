"""Things, their aliases and dated relations, and the counters of the registry."""

import sqlalchemy as sa
from alembic import op

revision = "things_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "things_thing",
        sa.Column("key", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("urn", sa.String(140), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("name_key", sa.String(120), nullable=False),
        sa.Column("search", sa.Text, nullable=False),
        sa.Column("category", sa.String(60), nullable=False),
        sa.Column("organisation", sa.String(20), nullable=True),
        sa.Column("region", sa.String(12), nullable=True),
        sa.Column("valid_from_ms", sa.BigInteger, nullable=False),
        sa.Column("valid_to_ms", sa.BigInteger, nullable=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_things_thing"),
        sa.UniqueConstraint("urn", name="uq_things_thing_urn"),
    )
    for column in ("name_key", "revision"):
        op.create_index(f"ix_things_thing_{column}", "things_thing", [column])
    op.create_table(
        "things_alias",
        sa.Column("thing", sa.BigInteger, nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("value", sa.String(120), nullable=False),
        sa.Column("value_key", sa.String(120), nullable=False),
        sa.Column("unique_key", sa.String(210), nullable=True),
        sa.PrimaryKeyConstraint("thing", "type", "value", name="pk_things_alias"),
        sa.ForeignKeyConstraint(["thing"], ["things_thing.key"], name="fk_things_alias_thing_things_thing"),
        sa.UniqueConstraint("unique_key", name="uq_things_alias_unique_key"),
    )
    op.create_index("ix_things_alias_value_key", "things_alias", ["value_key"])
    op.create_table(
        "things_relation",
        sa.Column("id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("subject", sa.BigInteger, nullable=False),
        sa.Column("relation", sa.String(40), nullable=False),
        sa.Column("object", sa.BigInteger, nullable=False),
        sa.Column("from_ms", sa.BigInteger, nullable=False),
        sa.Column("to_ms", sa.BigInteger, nullable=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_things_relation"),
        sa.ForeignKeyConstraint(["subject"], ["things_thing.key"], name="fk_things_relation_subject_things_thing"),
        sa.ForeignKeyConstraint(["object"], ["things_thing.key"], name="fk_things_relation_object_things_thing"),
    )
    for column in ("subject", "object", "revision"):
        op.create_index(f"ix_things_relation_{column}", "things_relation", [column])
    counter = op.create_table(
        "things_counter",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_things_counter"),
    )
    op.bulk_insert(counter, [{"name": name, "value": 0} for name in ("thing", "relation", "revision")])


def downgrade() -> None:
    for name in ("things_counter", "things_relation", "things_alias", "things_thing"):
        op.drop_table(name)
