"""Feeds that the platform's own buses run."""

import sqlalchemy as sa
from alembic import op

revision = "travel_0003"
down_revision = "travel_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("travel_feed", sa.Column("operated", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("travel_feed", "operated")
