"""Terminals, their sessions, commands to them."""

import sqlalchemy as sa
from alembic import op

revision = "equipment_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "equipment_terminal",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("urn", sa.String(160), nullable=False),
        sa.Column("thing_key", sa.BigInteger, nullable=False),
        sa.Column("phone", sa.String(20), nullable=False),
        sa.Column("phone_key", sa.String(20), nullable=False),
        sa.Column("terminal_id", sa.String(30), nullable=False, server_default=""),
        sa.Column("maker", sa.String(11), nullable=False, server_default=""),
        sa.Column("model", sa.String(30), nullable=False, server_default=""),
        sa.Column("imei", sa.String(15), nullable=False, server_default=""),
        sa.Column("software", sa.String(20), nullable=False, server_default=""),
        sa.Column("protocol", sa.Integer, nullable=False, server_default="0"),
        sa.Column("profile", sa.String(40), nullable=False, server_default=""),
        sa.Column("auth_code", sa.String(60), nullable=True),
        sa.Column("admission", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("organisation", sa.String(20), nullable=True),
        sa.Column("region", sa.String(12), nullable=True),
        sa.Column("vehicle", sa.String(160), nullable=True),
        sa.Column("vehicle_label", sa.String(80), nullable=False, server_default=""),
        sa.Column("session", sa.String(20), nullable=True),
        sa.Column("online", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("seen_ms", sa.BigInteger, nullable=True),
        sa.Column("registered_ms", sa.BigInteger, nullable=True),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_equipment_terminal"),
        sa.UniqueConstraint("urn", name="uq_equipment_terminal_urn"),
        sa.UniqueConstraint("thing_key", name="uq_equipment_terminal_thing_key"),
        sa.UniqueConstraint("phone_key", name="uq_equipment_terminal_phone_key"),
    )
    for name in ("terminal_id", "vehicle", "organisation", "region", "revision"):
        op.create_index(f"ix_equipment_terminal_{name}", "equipment_terminal", [name])
    op.create_table(
        "equipment_session",
        sa.Column("id", sa.String(20), nullable=False),
        sa.Column("terminal", sa.String(80), nullable=False),
        sa.Column("urn", sa.String(160), nullable=False),
        sa.Column("phone", sa.String(20), nullable=False),
        sa.Column("remote", sa.String(64), nullable=False),
        sa.Column("protocol", sa.Integer, nullable=False),
        sa.Column("opened_ms", sa.BigInteger, nullable=False),
        sa.Column("closed_ms", sa.BigInteger, nullable=True),
        sa.Column("reason", sa.String(24), nullable=True),
        sa.Column("frames", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("refused", sa.BigInteger, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_equipment_session"),
    )
    op.create_index("ix_equipment_session_terminal_opened_ms", "equipment_session", ["terminal", "opened_ms"])
    op.create_index("ix_equipment_session_opened_ms", "equipment_session", ["opened_ms"])
    op.create_index("ix_equipment_session_closed_ms", "equipment_session", ["closed_ms"])
    still_open = sa.text("closed_ms IS NULL")
    op.create_index(
        "uq_equipment_session_open",
        "equipment_session",
        ["terminal"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    op.create_table(
        "equipment_command",
        sa.Column("id", sa.String(20), nullable=False),
        sa.Column("terminal", sa.String(80), nullable=False),
        sa.Column("urn", sa.String(160), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("author", sa.String(80), nullable=False),
        sa.Column("queued_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_ms", sa.BigInteger, nullable=False),
        sa.Column("sent_ms", sa.BigInteger, nullable=True),
        sa.Column("answered_ms", sa.BigInteger, nullable=True),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("serial", sa.Integer, nullable=True),
        sa.Column("parts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("result", sa.Integer, nullable=True),
        sa.Column("reason", sa.Text, nullable=True),
        sa.Column("reply", sa.JSON, nullable=True),
        sa.Column("request", sa.String(140), nullable=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_equipment_command"),
        sa.UniqueConstraint("request", name="uq_equipment_command_request"),
    )
    op.create_index("ix_equipment_command_terminal_queued_ms", "equipment_command", ["terminal", "queued_ms"])
    op.create_index("ix_equipment_command_state_queued_ms", "equipment_command", ["state", "queued_ms"])
    op.create_index("ix_equipment_command_revision", "equipment_command", ["revision"])


def downgrade() -> None:
    for name in ("equipment_command", "equipment_session", "equipment_terminal"):
        op.drop_table(name)
