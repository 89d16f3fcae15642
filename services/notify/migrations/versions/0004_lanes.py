"""Alerts that wait for their time, bundles, routes, and silences."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db import UtcDateTime

revision = "0004"
down_revision = "0003"
_RECENT = "ix_notify_deliveries_subscriber_id_created_at"


def upgrade() -> None:
    """Create the tables and the index on what was told last."""
    _create_held()
    _create_bundles()
    _create_silences()
    op.create_table(
        "notify_routes",
        sa.Column("story_id", sa.String(64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("routes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("story_id", "revision", name="pk_notify_routes"),
    )
    op.create_index(_RECENT, "notify_deliveries", ["subscriber_id", "created_at"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index(_RECENT, "notify_deliveries")
    for table in ("routes", "silence_notices", "silences", "groups", "bundle_members", "bundles", "held"):
        op.drop_table(f"notify_{table}")


def _create_held() -> None:
    op.create_table(
        "notify_held",
        sa.Column("story_id", sa.String(64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.String(64), nullable=False),
        sa.Column("course", sa.String(16), nullable=False),
        sa.Column("detail", sa.String(80), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("held_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("story_id", "revision", "subscriber_id", name="pk_notify_held"),
    )
    op.create_index("ix_notify_held_due_at", "notify_held", ["due_at"])
    op.create_index("ix_notify_held_subscriber_id_due_at", "notify_held", ["subscriber_id", "due_at"])
    op.create_table(
        "notify_groups",
        sa.Column("subscriber_id", sa.String(64), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", name="pk_notify_groups"),
    )


def _create_bundles() -> None:
    op.create_table(
        "notify_bundles",
        sa.Column("bundle_id", sa.String(64), nullable=False),
        sa.Column("subscriber_id", sa.String(64), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("bundle_id", name="pk_notify_bundles"),
    )
    op.create_table(
        "notify_bundle_members",
        sa.Column("bundle_id", sa.String(64), nullable=False),
        sa.Column("story_id", sa.String(64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("bundle_id", "story_id", name="pk_notify_bundle_members"),
        sa.ForeignKeyConstraint(
            ["bundle_id"], ["notify_bundles.bundle_id"], name="fk_notify_bundle_members_bundle_id_notify_bundles"
        ),
    )
    op.create_index("ix_notify_bundle_members_story_id", "notify_bundle_members", ["story_id"])


def _create_silences() -> None:
    op.create_table(
        "notify_silences",
        sa.Column("silence_id", sa.String(64), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("silence_id", name="pk_notify_silences"),
    )
    op.create_table(
        "notify_silence_notices",
        sa.Column("silence_id", sa.String(64), nullable=False),
        sa.Column("subscriber_id", sa.String(64), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("author", sa.String(300), nullable=False),
        sa.Column("ended_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("silence_id", "subscriber_id", name="pk_notify_silence_notices"),
    )
