"""The tables that ingest owns."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Integer, String, Table, Text

from shared.db import UtcDateTime, new_metadata

metadata: Final = new_metadata()

articles: Final = Table(
    "ingest_articles",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("source_id", String(64), nullable=False),
    Column("url", Text),
    Column("first_seen_at", UtcDateTime, nullable=False),
)
"""Articles that were published. Never the text: that is in the stream."""

sources: Final = Table(
    "ingest_sources",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("next_poll_at", UtcDateTime, nullable=False),
    Column("lease_until", UtcDateTime, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("cursor", Text, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("waits", Integer, nullable=False),
    Column("last_ok_at", UtcDateTime),
    Column("last_error", Text),
    Column("last_error_at", UtcDateTime),
    Column("last_new_at", UtcDateTime),
    Column("gaps", Text, nullable=False, server_default="[]"),
    Column("trouble", String(16)),
    Column("trouble_since", UtcDateTime),
    Column("pace", String(16), nullable=False, server_default=""),
)
"""Who polls which source when: the lease, its fence, and where the last poll left off.

`fingerprint` is that of the entry in sources.yaml which the row is about; `waits` counts the polls in a row
that left articles for later. `gaps` are seconds between polls that brought something new; `trouble` is what
people were told last about the source's health; `pace` is what decided `next_poll_at`.
"""

hosts: Final = Table(
    "ingest_hosts",
    metadata,
    Column("host", String(255), primary_key=True),
    Column("holder", String(40), nullable=False),
    Column("free_at", UtcDateTime, nullable=False),
)
"""Whose turn it is at a host that several sources share. `holder` is empty between two turns."""
