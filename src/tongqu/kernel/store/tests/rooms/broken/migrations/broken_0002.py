"""Revision 2 of the room broken of the tests."""

import sqlalchemy as sa
from alembic import op

revision = "broken_0002"
down_revision = "broken_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("broken_2", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("INSERT INTO broken_1 VALUES (7)")
    raise RuntimeError("half way")


def downgrade() -> None:
    op.drop_table("broken_2")
