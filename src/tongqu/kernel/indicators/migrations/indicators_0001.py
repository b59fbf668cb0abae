"""Runs and observations of indicators."""

import sqlalchemy as sa
from alembic import op

revision = "indicators_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "indicators_run",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("indicator", sa.String(80), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("period", sa.String(8), nullable=False),
        sa.Column("from_ms", sa.BigInteger, nullable=False),
        sa.Column("to_ms", sa.BigInteger, nullable=False),
        sa.Column("closed", sa.Boolean, nullable=False),
        sa.Column("computed_ms", sa.BigInteger, nullable=False),
        sa.Column("changed_ms", sa.BigInteger, nullable=False),
        sa.Column("job", sa.String(16), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("parts", sa.JSON, nullable=False),
        sa.Column("parameters", sa.JSON, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_indicators_run"),
        sa.UniqueConstraint(
            "indicator", "version", "period", "from_ms", name="uq_indicators_run_indicator_version_period_from_ms"
        ),
    )
    op.create_table(
        "indicators_observation",
        sa.Column("run", sa.String(16), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("indicator", sa.String(80), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("period", sa.String(8), nullable=False),
        sa.Column("from_ms", sa.BigInteger, nullable=False),
        sa.Column("organisation", sa.String(20), nullable=True),
        sa.Column("region", sa.String(12), nullable=True),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("numerator", sa.Float, nullable=False),
        sa.Column("denominator", sa.Float, nullable=True),
        sa.PrimaryKeyConstraint("run", "number", name="pk_indicators_observation"),
        sa.ForeignKeyConstraint(["run"], ["indicators_run.id"], name="fk_indicators_observation_run_indicators_run"),
    )
    op.create_index(
        "ix_indicators_observation_indicator_period_from_ms",
        "indicators_observation",
        ["indicator", "period", "from_ms"],
    )
