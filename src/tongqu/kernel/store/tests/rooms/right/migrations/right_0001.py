"""Revision 1 of the room right of the tests."""

import sqlalchemy as sa
from alembic import op

revision = "right_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("right_1", sa.Column("id", sa.Integer, primary_key=True))


def downgrade() -> None:
    op.drop_table("right_1")
