"""The queue, its log, its counter of changes, and the due times of schedules."""

import sqlalchemy as sa
from alembic import op

revision = "jobs_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "jobs_job",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("title_key", sa.String(120), nullable=False),
        sa.Column("title_params", sa.JSON, nullable=False),
        sa.Column("progress", sa.Float, nullable=False),
        sa.Column("message_key", sa.String(120), nullable=True),
        sa.Column("message_params", sa.JSON, nullable=False),
        sa.Column("parameters", sa.JSON, nullable=False),
        sa.Column("inputs", sa.JSON, nullable=False),
        sa.Column("input_hash", sa.String(64), nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("code_version", sa.String(80), nullable=True),
        sa.Column("result", sa.JSON, nullable=True),
        sa.Column("error", sa.JSON, nullable=True),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("started_ms", sa.BigInteger, nullable=True),
        sa.Column("finished_ms", sa.BigInteger, nullable=True),
        sa.Column("heartbeat_ms", sa.BigInteger, nullable=True),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("worker", sa.String(80), nullable=True),
        sa.Column("cancel_requested", sa.Boolean, nullable=False),
        sa.Column("time_limit_s", sa.Integer, nullable=False),
        sa.Column("memory_mb", sa.Integer, nullable=False),
        sa.Column("idempotency_key", sa.String(200), nullable=True),
        sa.Column("person", sa.String(60), nullable=False),
        sa.Column("person_name", sa.String(200), nullable=False),
        sa.Column("actor", sa.JSON, nullable=False),
        sa.Column("organisation", sa.String(60), nullable=True),
        sa.Column("region", sa.String(12), nullable=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_jobs_job"),
        sa.UniqueConstraint("person", "kind", "idempotency_key", name="uq_jobs_job_person_kind_idempotency_key"),
    )
    op.create_index("ix_jobs_job_state_created_ms", "jobs_job", ["state", "created_ms"])
    op.create_index("ix_jobs_job_revision", "jobs_job", ["revision"])
    op.create_index("ix_jobs_job_created_ms", "jobs_job", ["created_ms"])
    op.create_table(
        "jobs_log",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=True),
        sa.Column("job", sa.String(16), nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("level", sa.String(10), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_jobs_log"),
        sa.ForeignKeyConstraint(["job"], ["jobs_job.id"], name="fk_jobs_log_job_jobs_job", ondelete="CASCADE"),
    )
    op.create_index("ix_jobs_log_job", "jobs_log", ["job"])
    change = op.create_table(
        "jobs_change",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_jobs_change"),
    )
    op.bulk_insert(change, [{"id": 1, "revision": 0}])
    op.create_table(
        "jobs_schedule",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("due_ms", sa.BigInteger, nullable=False),
        sa.Column("started_ms", sa.BigInteger, nullable=True),
        sa.Column("finished_ms", sa.BigInteger, nullable=True),
        sa.Column("error", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_jobs_schedule"),
    )


def downgrade() -> None:
    for name in ("jobs_schedule", "jobs_change", "jobs_log", "jobs_job"):
        op.drop_table(name)
