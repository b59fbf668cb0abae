"""Cases, history, documents, supervision."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "cases_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cases_case",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=True),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("organisation", sa.String(length=20), nullable=True),
        sa.Column("region", sa.String(length=12), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("handler", sa.String(length=80), nullable=False),
        sa.Column("handler_name", sa.String(length=120), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("opened_ms", sa.BigInteger(), nullable=False),
        sa.Column("closed_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_cases_case"),
        sa.UniqueConstraint("type", "key", name="uq_cases_case_type_key"),
    )
    op.create_index("ix_cases_case_closed_ms", "cases_case", ["closed_ms"], unique=False)
    op.create_index("ix_cases_case_region", "cases_case", ["region"], unique=False)
    op.create_index("ix_cases_case_revision", "cases_case", ["revision"], unique=False)
    op.create_table(
        "cases_change",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cases_change"),
    )
    op.create_table(
        "cases_document",
        sa.Column("case", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("document", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("added_ms", sa.BigInteger(), nullable=False),
        sa.Column("added_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases_case.id"], name="fk_cases_document_case_cases_case"),
        sa.PrimaryKeyConstraint("case", "kind", "document", name="pk_cases_document"),
    )
    op.create_table(
        "cases_entry",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("target", sa.String(length=40), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("recorded_ms", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("proof", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases_case.id"], name="fk_cases_entry_case_cases_case"),
        sa.PrimaryKeyConstraint("seq", name="pk_cases_entry"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_cases_entry_case", "cases_entry", ["case"], unique=False)
    op.create_table(
        "cases_supervision",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("case", sa.String(length=16), nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("begun_ms", sa.BigInteger(), nullable=False),
        sa.Column("deadline_ms", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("lifted_ms", sa.BigInteger(), nullable=True),
        sa.Column("lifted_by", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["cases_case.id"], name="fk_cases_supervision_case_cases_case"),
        sa.PrimaryKeyConstraint("id", name="pk_cases_supervision"),
    )
    op.create_index("ix_cases_supervision_case", "cases_supervision", ["case"], unique=False)
    op.execute("INSERT INTO cases_change (id, revision) VALUES (1, 0)")
