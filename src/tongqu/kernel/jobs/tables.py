"""Tables of the queue. `jobs_change` holds one number that counts all changes, for those who watch."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import JSON, BigInteger, Boolean, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint

from tongqu.kernel.store import Parent, Personal, Retention, Scope, column, metadata, table

METADATA = metadata()
KEPT_DAYS = 90


class State(StrEnum):
    """Where a job is; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (State.QUEUED.value, State.RUNNING.value)
_SCOPE = Scope(read="jobs.read", organisation="organisation", region="region", person="person")

JOB = table(
    "jobs_job",
    METADATA,
    column("id", String(16), primary_key=True),
    column("kind", String(60)),
    column("state", String(10)),
    column("title_key", String(120)),
    column("title_params", JSON),
    column("progress", Float),
    column("message_key", String(120), nullable=True),
    column("message_params", JSON),
    column("parameters", JSON),
    column("inputs", JSON),
    column("input_hash", String(64)),
    column("seed", BigInteger),
    column("code_version", String(80), nullable=True),
    column("result", JSON(none_as_null=True), nullable=True),
    column("error", JSON(none_as_null=True), nullable=True),
    column("created_ms", BigInteger),
    column("started_ms", BigInteger, nullable=True),
    column("finished_ms", BigInteger, nullable=True),
    column("heartbeat_ms", BigInteger, nullable=True),
    column("attempt", Integer),
    column("worker", String(80), nullable=True),
    column("cancel_requested", Boolean),
    column("time_limit_s", Integer),
    column("memory_mb", Integer),
    column("idempotency_key", String(200), nullable=True),
    column("person", String(60)),
    column("person_name", String(200), personal=Personal.NAME),
    column("actor", JSON),
    column("organisation", String(60), nullable=True),
    column("region", String(12), nullable=True),
    column("revision", BigInteger),
    UniqueConstraint("person", "kind", "idempotency_key"),
    Index("ix_jobs_job_state_created_ms", "state", "created_ms"),
    Index("ix_jobs_job_revision", "revision"),
    Index("ix_jobs_job_created_ms", "created_ms"),
    scope=_SCOPE,
    retention=Retention(days=KEPT_DAYS),
)

LOG = table(
    "jobs_log",
    METADATA,
    column("id", Integer, primary_key=True, autoincrement=True),
    column("job", String(16), ForeignKey("jobs_job.id", ondelete="CASCADE")),
    column("at_ms", BigInteger),
    column("level", String(10)),
    column("text", Text),
    Index("ix_jobs_log_job", "job"),
    scope=Scope(parent=Parent("job", JOB, "id")),
    retention=Retention(days=KEPT_DAYS),
)

CHANGE = table(
    "jobs_change",
    METADATA,
    column("id", Integer, primary_key=True, autoincrement=False),
    column("revision", BigInteger),
    scope=Scope(system=True),
)

SCHEDULE = table(
    "jobs_schedule",
    METADATA,
    column("id", String(80), primary_key=True),
    column("due_ms", BigInteger),
    column("started_ms", BigInteger, nullable=True),
    column("finished_ms", BigInteger, nullable=True),
    column("error", Text, nullable=True),
    scope=Scope(system=True),
)
