"""Enterprises, vehicles and drivers."""

import sqlalchemy as sa
from alembic import op

revision = "fleets_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fleets_enterprise",
        sa.Column("id", sa.String(20), nullable=False),
        sa.Column("urn", sa.String(140), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("short_name", sa.String(60), nullable=True),
        sa.Column("licence", sa.String(40), nullable=True),
        sa.Column("licence_key", sa.String(40), nullable=True),
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("business", sa.JSON, nullable=False),
        sa.Column("organisation", sa.String(20), nullable=False),
        sa.Column("parent", sa.String(20), nullable=True),
        sa.Column("region", sa.String(12), nullable=False),
        *_history(),
        sa.PrimaryKeyConstraint("id", name="pk_fleets_enterprise"),
        sa.UniqueConstraint("licence_key", name="uq_fleets_enterprise_licence_key"),
    )
    op.create_table(
        "fleets_vehicle",
        sa.Column("id", sa.String(20), nullable=False),
        sa.Column("urn", sa.String(140), nullable=False),
        sa.Column("plate", sa.String(20), nullable=False),
        sa.Column("plate_colour", sa.String(20), nullable=False),
        sa.Column("identity_key", sa.String(40), nullable=True),
        sa.Column("search", sa.Text, nullable=False),
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("enterprise", sa.String(20), nullable=True),
        sa.Column("organisation", sa.String(20), nullable=True),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("vin", sa.String(17), nullable=True),
        sa.Column("vin_key", sa.String(17), nullable=True),
        sa.Column("model", sa.String(60), nullable=True),
        sa.Column("energy", sa.String(12), nullable=True),
        sa.Column("seats", sa.Integer, nullable=True),
        sa.Column("axles", sa.Integer, nullable=True),
        sa.Column("load_kg", sa.Integer, nullable=True),
        sa.Column("gross_mass_kg", sa.Integer, nullable=True),
        sa.Column("length_m", sa.Float, nullable=True),
        sa.Column("transport_licence", sa.String(40), nullable=True),
        *_history(),
        sa.PrimaryKeyConstraint("id", name="pk_fleets_vehicle"),
        sa.UniqueConstraint("identity_key", name="uq_fleets_vehicle_identity_key"),
        sa.UniqueConstraint("vin_key", name="uq_fleets_vehicle_vin_key"),
    )
    op.create_table(
        "fleets_driver",
        sa.Column("id", sa.String(20), nullable=False),
        sa.Column("urn", sa.String(140), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("driving_licence", sa.String(40), nullable=False),
        sa.Column("driving_licence_key", sa.String(40), nullable=True),
        sa.Column("licence_class", sa.String(10), nullable=True),
        sa.Column("qualification", sa.String(40), nullable=True),
        sa.Column("phone", sa.String(30), nullable=True),
        sa.Column("enterprise", sa.String(20), nullable=False),
        sa.Column("organisation", sa.String(20), nullable=False),
        sa.Column("region", sa.String(12), nullable=False),
        *_history(),
        sa.PrimaryKeyConstraint("id", name="pk_fleets_driver"),
        sa.UniqueConstraint("driving_licence_key", name="uq_fleets_driver_driving_licence_key"),
    )
    for table, columns in (
        ("enterprise", ("name", "region")),
        ("vehicle", ("plate", "enterprise", "region", "category")),
        ("driver", ("name", "enterprise", "region")),
    ):
        for column in columns:
            op.create_index(f"ix_fleets_{table}_{column}", f"fleets_{table}", [column])


def _history() -> tuple[sa.Column, ...]:
    return (
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("updated_ms", sa.BigInteger, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    for name in ("driver", "vehicle", "enterprise"):
        op.drop_table(f"fleets_{name}")
