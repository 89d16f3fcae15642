"""The ledger of published articles in SQL, and the sketches by which copies are recognised."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.adapters.bulk import INTEGER, TEXT, insertion, rows, unfolded
from services.ingest.adapters.copies import SqlCopies
from services.ingest.adapters.grouping import Grouped
from services.ingest.novelty import Known
from services.ingest.ports import Entry
from shared.clock import Clock
from shared.db import Database, UtcDateTime

_KNOWN: Final = ("id", "source_id", "revision", "stamp", "said", "headline", "copy_of")
_ARTICLE: Final = {
    "id": TEXT, "source_id": TEXT, "url": TEXT, "revision": INTEGER, "stamp": TEXT, "said": TEXT, "headline": TEXT,
    "copy_of": TEXT,
}  # fmt: skip
_NEWER: Final = """(id) DO UPDATE SET revision = excluded.revision, stamp = excluded.stamp, said = excluded.said,
    headline = excluded.headline WHERE excluded.revision > ingest_articles.revision RETURNING id"""


class SqlLedger:
    """See `Ledger`. Concurrent calls share transactions."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._look_up: Grouped[str, Mapping[str, Known]] = Grouped(self._select)
        self._write: Grouped[Entry, dict[str, Entry]] = Grouped(self._insert)
        self._sketches = SqlCopies(database, clock)
        self._statements = _statements(database.dialect)

    async def known(self, keys: Collection[str]) -> Mapping[str, Known]:
        """See `Ledger.known`."""
        found = await self._look_up(list(keys))
        return {key: found[key] for key in keys if key in found}

    async def record(self, entries: Sequence[Entry]) -> frozenset[str]:
        """See `Ledger.record`. Of two callers that share a transaction, the first to ask gets a new id."""
        won = await self._write(entries)
        mine = [entry.article.id for entry in entries if won.get(entry.article.id) is entry]
        return frozenset(mine)

    async def note(self, stamps: Mapping[str, str], aliases: Mapping[str, str]) -> None:
        """See `Ledger.note`."""
        async with self._database.begin() as connection:
            await connection.execute(self._statements["restamp"], {"rows": rows(sorted(stamps.items()))})
            await connection.execute(self._statements["aliases"], {"rows": rows(sorted(aliases.items()))})

    async def _select(self, keys: Sequence[str]) -> Mapping[str, Known]:
        async with self._database.begin() as connection:
            given = {"rows": rows([key] for key in sorted(set(keys)))}
            found = await connection.execute(self._statements["known"], given)
            return {row[0]: Known(*row[1:]) for row in found}

    async def _insert(self, entries: Sequence[Entry]) -> dict[str, Entry]:
        by_id: dict[str, Entry] = {}
        for entry in entries:
            held = by_id.setdefault(entry.article.id, entry)
            if entry.article.revision > held.article.revision:
                by_id[entry.article.id] = entry
        ordered = [by_id[key] for key in sorted(by_id)]  # in one order everywhere, so that replicas never deadlock
        async with self._database.begin() as connection:
            fresh = set(await self._insert_articles(connection, ordered, self._clock.now()))
            won = [entry for entry in ordered if entry.article.id in fresh]
            await self._insert_aliases(connection, won)
            await self._sketches.insert(connection, [(e.article.id, e.sketch) for e in won if e.sketch])
        return {key: by_id[key] for key in fresh}

    async def _insert_articles(
        self, connection: AsyncConnection, entries: Sequence[Entry], at: datetime
    ) -> Collection[str]:
        given = {"rows": rows(map(_row, entries)), "first_seen_at": at}
        return (await connection.execute(self._statements["record"], given)).scalars().all()

    async def _insert_aliases(self, connection: AsyncConnection, entries: Sequence[Entry]) -> None:
        pairs = sorted({key: entry.article.id for entry in entries for key in entry.aliases}.items())
        if pairs:
            await connection.execute(self._statements["aliases"], {"rows": rows(pairs)})


def _row(entry: Entry) -> tuple[Any, ...]:
    article = entry.article
    said = (entry.stamp, entry.said, entry.headline)
    return (article.id, article.source_id, article.url, article.revision, *said, article.copy_of)


def _statements(dialect: str) -> dict[str, Any]:
    asked = unfolded(dialect, {"key": TEXT})
    columns = ", ".join(f"a.{name}" for name in _KNOWN)
    known = f"""SELECT a.id, {columns} FROM {asked} JOIN ingest_articles a ON a.id = r.key
        UNION ALL SELECT r.key, {columns} FROM {asked} JOIN ingest_aliases l ON l.key = r.key
        JOIN ingest_articles a ON a.id = l.article_id"""  # noqa: S608  # nothing in it comes from outside
    restamp = f"""UPDATE ingest_articles SET stamp = r.stamp FROM {unfolded(dialect, {"id": TEXT, "stamp": TEXT})}
        WHERE ingest_articles.id = r.id"""  # noqa: S608
    record = insertion(dialect, "ingest_articles", _ARTICLE, shared=("first_seen_at",), conflict=_NEWER)
    return {
        "known": text(known),
        "restamp": text(restamp),
        "record": record.bindparams(bindparam("first_seen_at", type_=UtcDateTime)),
        "aliases": insertion(dialect, "ingest_aliases", {"key": TEXT, "article_id": TEXT}),
    }
