"""Every decision about a story with what it rests on, and the reminders of its dates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db import UtcDateTime

revision = "0002"
down_revision = "0001"
_STORY = "notify_stories.story_id"


def upgrade() -> None:
    """Add what signals said, and the table of reminders."""
    with op.batch_alter_table("notify_signals") as table:
        table.add_column(sa.Column("action", sa.String(16)))
        table.add_column(sa.Column("revision", sa.Integer()))
        table.add_column(sa.Column("article_id", sa.String(128)))
        table.add_column(sa.Column("told_at", UtcDateTime()))
        table.add_column(sa.Column("body", sa.Text()))
    op.create_index("ix_notify_signals_article_id", "notify_signals", ["article_id"])
    op.create_table(
        "notify_reminders",
        sa.Column("story_id", sa.String(64), nullable=False),
        sa.Column("field", sa.String(16), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("revision", sa.Integer()),
        sa.Column("settled_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("story_id", "field", "date", "days", name="pk_notify_reminders"),
        sa.ForeignKeyConstraint(["story_id"], [_STORY], name="fk_notify_reminders_story_id_notify_stories"),
    )
    op.create_index("ix_notify_reminders_status_due_at", "notify_reminders", ["status", "due_at"])


def downgrade() -> None:
    """Take both away again."""
    op.drop_table("notify_reminders")
    op.drop_index("ix_notify_signals_article_id", "notify_signals")
    with op.batch_alter_table("notify_signals") as table:
        for name in ("action", "revision", "article_id", "told_at", "body"):
            table.drop_column(name)
