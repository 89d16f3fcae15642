"""Stories, revisions, deliveries, attempts, what is learnt about receivers, and the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db import UtcDateTime

revision = "0001"
down_revision = None
_STORY = "notify_stories.story_id"


def upgrade() -> None:
    """Create all tables."""
    _create_stories()
    _create_revisions()
    _create_deliveries()
    _create_receivers()


def downgrade() -> None:
    """Drop all tables."""
    for table in ("outbox", "subscribers", "attempts", "deliveries", "revisions", "signals", "story_keys", "stories"):
        op.drop_table(f"notify_{table}")


def _create_stories() -> None:
    op.create_table(
        "notify_stories",
        sa.Column("story_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("last_moved_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("story_id", name="pk_notify_stories"),
    )
    op.create_index("ix_notify_stories_updated_at_story_id", "notify_stories", ["updated_at", "story_id"])
    op.create_table(
        "notify_story_keys",
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("story_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", "story_id", name="pk_notify_story_keys"),
        sa.ForeignKeyConstraint(["story_id"], [_STORY], name="fk_notify_story_keys_story_id_notify_stories"),
    )


def _create_revisions() -> None:
    op.create_table(
        "notify_signals",
        sa.Column("signal_id", sa.String(128), nullable=False),
        sa.Column("story_id", sa.String(64)),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("handled_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("signal_id", name="pk_notify_signals"),
    )
    op.create_index("ix_notify_signals_story_id", "notify_signals", ["story_id"])
    op.create_table(
        "notify_revisions",
        sa.Column("story_id", sa.String(64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("raised_at", UtcDateTime(), nullable=False),
        sa.Column("type", sa.String(80), nullable=False),
        sa.Column("alert", sa.Text(), nullable=False),
        sa.Column("envelope", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("story_id", "revision", name="pk_notify_revisions"),
        sa.ForeignKeyConstraint(["story_id"], [_STORY], name="fk_notify_revisions_story_id_notify_stories"),
    )


def _create_deliveries() -> None:
    op.create_table(
        "notify_deliveries",
        sa.Column("delivery_id", sa.String(64), nullable=False),
        sa.Column("story_id", sa.String(64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("schedule_base", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime()),
        sa.Column("lease_until", UtcDateTime()),
        sa.Column("owner", sa.String(64)),
        sa.Column("outcome", sa.String(24)),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("finished_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("delivery_id", name="pk_notify_deliveries"),
        sa.UniqueConstraint(
            "story_id", "revision", "subscriber_id", name="uq_notify_deliveries_story_id_revision_subscriber_id"
        ),
    )
    for columns in (["status", "next_attempt_at"], ["subscriber_id", "status"], ["created_at", "delivery_id"]):
        op.create_index(f"ix_notify_deliveries_{'_'.join(columns)}", "notify_deliveries", columns)
    _create_attempts()


def _create_attempts() -> None:
    op.create_table(
        "notify_attempts",
        sa.Column("delivery_id", sa.String(64), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("outcome", sa.String(24), nullable=False),
        sa.Column("status_code", sa.Integer()),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("duration_ms", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", "attempt", name="pk_notify_attempts"),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["notify_deliveries.delivery_id"], name="fk_notify_attempts_delivery_id_notify_deliveries"
        ),
    )


def _create_receivers() -> None:
    op.create_table(
        "notify_subscribers",
        sa.Column("subscriber_id", sa.String(64), nullable=False),
        sa.Column("hold_until", UtcDateTime()),
        sa.Column("disabled_at", UtcDateTime()),
        sa.Column("disabled_reason", sa.String(200), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", name="pk_notify_subscribers"),
    )
    op.create_table(
        "notify_outbox",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_notify_outbox"),
    )
