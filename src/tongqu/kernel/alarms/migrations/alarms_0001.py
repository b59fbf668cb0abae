"""The table of alarms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "alarms_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alarms_alarm",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=140), nullable=False),
        sa.Column("subject_name", sa.String(length=120), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("incident", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("onset_ms", sa.BigInteger(), nullable=False),
        sa.Column("raised_ms", sa.BigInteger(), nullable=False),
        sa.Column("cleared_ms", sa.BigInteger(), nullable=True),
        sa.Column("recorded_ms", sa.BigInteger(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("organisation", sa.String(length=60), nullable=True),
        sa.Column("home_region", sa.String(length=12), nullable=True),
        sa.Column("place", sa.JSON(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("acknowledged_ms", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=60), nullable=False),
        sa.Column("acknowledged_name", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alarms_alarm"),
        sa.UniqueConstraint("rule", "subject", "onset_ms", name="uq_alarms_alarm_rule_subject_onset_ms"),
    )
    op.create_index("ix_alarms_alarm_cause_onset_ms", "alarms_alarm", ["cause", "onset_ms"], unique=False)
    op.create_index("ix_alarms_alarm_onset_ms", "alarms_alarm", ["onset_ms"], unique=False)
    op.create_index("ix_alarms_alarm_revision", "alarms_alarm", ["revision"], unique=False)
    op.create_index("ix_alarms_alarm_state_onset_ms", "alarms_alarm", ["state", "onset_ms"], unique=False)
    op.create_index("ix_alarms_alarm_subject_onset_ms", "alarms_alarm", ["subject", "onset_ms"], unique=False)
