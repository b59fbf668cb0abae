"""Documents and unfinished uploads."""

import sqlalchemy as sa
from alembic import op

revision = "documents_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "documents_document",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(60), nullable=False),
        sa.Column("person", sa.String(60), nullable=False),
        sa.Column("person_name", sa.String(200), nullable=False),
        sa.Column("organisation", sa.String(60), nullable=True),
        sa.Column("region", sa.String(12), nullable=True),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_ms", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_documents_document"),
    )
    op.create_index("ix_documents_document_sha256", "documents_document", ["sha256"])
    op.create_index("ix_documents_document_created_ms", "documents_document", ["created_ms"])
    op.create_table(
        "documents_upload",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("person", sa.String(60), nullable=False),
        sa.Column("organisation", sa.String(60), nullable=True),
        sa.Column("region", sa.String(12), nullable=True),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_documents_upload"),
    )


def downgrade() -> None:
    op.drop_table("documents_upload")
    op.drop_table("documents_document")
