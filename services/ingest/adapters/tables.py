"""The tables that ingest owns."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Integer, String, Table, Text

from shared.db import UtcDateTime, new_metadata

metadata: Final = new_metadata()

articles: Final = Table(
    "ingest_articles",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("source_id", String(64), nullable=False),
    Column("url", Text),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("stamp", String(32)),
    Column("said", String(32), nullable=False, server_default=""),
    Column("headline", String(16), nullable=False, server_default=""),
    Column("copy_of", String(64)),
)
"""Articles that were published, and digests that tell whether they have changed since: what the source says of one
(`stamp`), what it says itself (`said`), its title (`headline`). Revision 0 was seen but never published.

Never the text: that is in the stream.
"""

aliases: Final = Table(
    "ingest_aliases",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("article_id", String(64), nullable=False),
)
"""Other keys of an article: what its source calls it, the address its page claims, its words."""

sketches: Final = Table(
    "ingest_sketches",
    metadata,
    Column("article_id", String(64), primary_key=True),
    Column("signature", Text, nullable=False),
    Column("numbers", Text, nullable=False),
    Column("day", Integer, nullable=False, index=True),
)
"""What is kept of a text for a week to recognise its copies. `day` counts from 1970."""

bands: Final = Table(
    "ingest_bands",
    metadata,
    Column("key", BigInteger, primary_key=True),
    Column("article_id", String(64), primary_key=True),
    Column("day", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""Keys of the bands of each sketch: copies of one text have one in common.

No index on `day`: it would cost each article sixteen entries, and old rows are looked for once a day.
"""

backfills: Final = Table(
    "ingest_backfills",
    metadata,
    Column("source_id", String(64), primary_key=True),
    Column("since", UtcDateTime, primary_key=True),
    Column("cursor", Text, nullable=False),
    Column("polls", Integer, nullable=False),
    Column("published", Integer, nullable=False),
    Column("done", Boolean, nullable=False),
)
"""How far each backfill has come, so that one that was interrupted goes on where it stopped."""

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
