"""Revision 2 of the room left of the tests."""

import sqlalchemy as sa
from alembic import op

revision = "left_0002"
down_revision = "left_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("left_2", sa.Column("id", sa.Integer, primary_key=True))


def downgrade() -> None:
    op.drop_table("left_2")
