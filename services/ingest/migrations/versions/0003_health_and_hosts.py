"""How each source is doing, and whose turn it is at a host."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db import UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add what is known of a source's health, and the table of hosts."""
    with op.batch_alter_table("ingest_sources") as table:
        table.add_column(sa.Column("last_new_at", UtcDateTime()))
        table.add_column(sa.Column("gaps", sa.Text(), nullable=False, server_default="[]"))
        table.add_column(sa.Column("trouble", sa.String(16)))
        table.add_column(sa.Column("trouble_since", UtcDateTime()))
        table.add_column(sa.Column("pace", sa.String(16), nullable=False, server_default=""))
    op.create_table(
        "ingest_hosts",
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("holder", sa.String(40), nullable=False),
        sa.Column("free_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("host", name="pk_ingest_hosts"),
    )


def downgrade() -> None:
    """Take all of it away."""
    op.drop_table("ingest_hosts")
    with op.batch_alter_table("ingest_sources") as table:
        for column in ("pace", "trouble_since", "trouble", "gaps", "last_new_at"):
            table.drop_column(column)
