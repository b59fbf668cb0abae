"""Messages, deliveries, webhooks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "notify_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notify_endpoint",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("secret", sa.String(length=80), nullable=False),
        sa.Column("templates", sa.JSON(), nullable=False),
        sa.Column("organisation", sa.String(length=20), nullable=True),
        sa.Column("region", sa.String(length=12), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notify_endpoint"),
    )
    op.create_table(
        "notify_message",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("template", sa.String(length=80), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column("organisation", sa.String(length=20), nullable=True),
        sa.Column("region", sa.String(length=12), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notify_message"),
        sa.UniqueConstraint("template", "key", name="uq_notify_message_template_key"),
    )
    op.create_table(
        "notify_preference",
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("quiet_from_min", sa.Integer(), nullable=True),
        sa.Column("quiet_to_min", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("person", name="pk_notify_preference"),
    )
    op.create_table(
        "notify_delivery",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("message", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("recipient", sa.String(length=80), nullable=False),
        sa.Column("person", sa.String(length=80), nullable=True),
        sa.Column("endpoint", sa.String(length=16), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("read_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["endpoint"], ["notify_endpoint.id"], name="fk_notify_delivery_endpoint_notify_endpoint"
        ),
        sa.ForeignKeyConstraint(["message"], ["notify_message.id"], name="fk_notify_delivery_message_notify_message"),
        sa.PrimaryKeyConstraint("id", name="pk_notify_delivery"),
        sa.UniqueConstraint("message", "channel", "recipient", name="uq_notify_delivery_message_channel_recipient"),
    )
    op.create_index("ix_notify_delivery_person_due_ms", "notify_delivery", ["person", "due_ms"], unique=False)
    op.create_index("ix_notify_delivery_state_due_ms", "notify_delivery", ["state", "due_ms"], unique=False)
    op.create_table(
        "notify_attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("delivery", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery"], ["notify_delivery.id"], name="fk_notify_attempt_delivery_notify_delivery"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_notify_attempt"),
        sa.UniqueConstraint("delivery", "number", name="uq_notify_attempt_delivery_number"),
        sqlite_autoincrement=True,
    )
