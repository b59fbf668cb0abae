"""Events, and how far each subscription has come."""

import sqlalchemy as sa
from alembic import op

revision = "events_0001"
down_revision = None
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "events_event",
        sa.Column("seq", SERIAL, nullable=False),
        sa.Column("type", sa.String(80), nullable=False),
        sa.Column("subject", sa.String(160), nullable=False),
        sa.Column("occurred_at_ms", sa.BigInteger, nullable=False),
        sa.Column("recorded_at_ms", sa.BigInteger, nullable=False),
        sa.Column("source", sa.String(80), nullable=False),
        sa.Column("key", sa.String(160), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_events_event"),
        sa.UniqueConstraint("type", "source", "key", name="uq_events_event_type_source_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_event_subject", "events_event", ["subject"])
    op.create_table(
        "events_offset",
        sa.Column("subscription", sa.String(80), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("moved_ms", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("error", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("subscription", name="pk_events_offset"),
    )


def downgrade() -> None:
    op.drop_table("events_offset")
    op.drop_table("events_event")
