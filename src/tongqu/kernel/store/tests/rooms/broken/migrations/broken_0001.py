"""Revision 1 of the room broken of the tests."""

import sqlalchemy as sa
from alembic import op

revision = "broken_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("broken_1", sa.Column("id", sa.Integer, primary_key=True))


def downgrade() -> None:
    op.drop_table("broken_1")
