"""What tells an article again: digests of its words, other keys, and sketches for its copies; and backfills."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db import UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Extend the articles and create the other tables."""
    with op.batch_alter_table("ingest_articles") as articles:
        articles.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
        articles.add_column(sa.Column("stamp", sa.String(32)))
        articles.add_column(sa.Column("said", sa.String(32), nullable=False, server_default=""))
        articles.add_column(sa.Column("headline", sa.String(16), nullable=False, server_default=""))
        articles.add_column(sa.Column("copy_of", sa.String(64)))
    _aliases()
    _sketches()
    _backfills()


def _aliases() -> None:
    op.create_table(
        "ingest_aliases",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("article_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_ingest_aliases"),
    )


def _sketches() -> None:
    op.create_table(
        "ingest_sketches",
        sa.Column("article_id", sa.String(64), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("numbers", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", name="pk_ingest_sketches"),
    )
    op.create_index("ix_ingest_sketches_day", "ingest_sketches", ["day"])
    op.create_table(
        "ingest_bands",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("article_id", sa.String(64), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "article_id", name="pk_ingest_bands"),
        sqlite_with_rowid=False,
    )


def _backfills() -> None:
    op.create_table(
        "ingest_backfills",
        sa.Column("source_id", sa.String(64), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("polls", sa.Integer(), nullable=False),
        sa.Column("published", sa.Integer(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "since", name="pk_ingest_backfills"),
    )


def downgrade() -> None:
    """Forget all of it."""
    for table in ("ingest_backfills", "ingest_bands", "ingest_sketches", "ingest_aliases"):
        op.drop_table(table)
    with op.batch_alter_table("ingest_articles") as articles:
        for column in ("copy_of", "headline", "said", "stamp", "revision"):
            articles.drop_column(column)
