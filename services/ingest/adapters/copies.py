"""Sketches of the last week's texts in SQL, so that every replica recognises the copies of what any of them saw."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import column, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.adapters.bulk import INTEGER, TEXT, insertion, rows, unfolded
from services.ingest.adapters.grouping import Grouped
from services.ingest.lookalike import Seen, Sketch
from shared.clock import Clock
from shared.db import Database, UtcDateTime

KEPT: Final = 7
"""Days; agencies' texts are copied within hours, and the stream of articles goes back as far."""
MOST: Final = 2_000
"""Texts compared for one call."""
SWEEP: Final = 20_000
"""Rows deleted at a time: no statement holds the database up for long."""
_SECONDS_A_DAY: Final = 86_400


class SqlCopies:
    """See `Copies`. Concurrent calls share transactions."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._look_up: Grouped[int, tuple[Seen, ...]] = Grouped(self._select)
        self._statements = _statements(database.dialect)
        self._swept = 0

    async def meeting(self, keys: Sequence[int]) -> Sequence[Seen]:
        """See `Copies.meeting`."""
        return await self._look_up(keys)

    async def _select(self, keys: Sequence[int]) -> tuple[Seen, ...]:
        async with self._database.begin() as connection:
            given = {"rows": rows([key] for key in sorted(set(keys)))}
            found = await connection.execute(self._statements["meeting"], given)
            return tuple(_seen(row) for row in found)

    async def insert(self, connection: AsyncConnection, sketches: Sequence[tuple[str, Sketch]]) -> None:
        """Keep the sketches of these articles, by id, in the transaction of the caller."""
        today = _day(self._clock.now())
        if sketches:
            kept = rows(_row(*pair) for pair in sketches)
            await connection.execute(self._statements["sketches"], {"rows": kept, "day": today})
            keys = rows((key, article_id) for article_id, made in sketches for key in made.keys)
            await connection.execute(self._statements["bands"], {"rows": keys, "day": today})
        await self._sweep(connection, today)

    async def _sweep(self, connection: AsyncConnection, today: int) -> None:
        """Forget what is older than KEPT days, a part at a time, until nothing is."""
        if self._swept == today:
            return
        gone = 0
        for table in ("ingest_bands", "ingest_sketches"):
            gone += (await connection.execute(self._statements[table], {"day": today - KEPT})).rowcount
        self._swept = 0 if gone else today


def _day(at: datetime) -> int:
    return int(at.timestamp()) // _SECONDS_A_DAY


def _row(article_id: str, made: Sketch) -> tuple[str, str, str]:
    return (article_id, base64.b64encode(made.signature).decode(), " ".join(sorted(made.numbers)))


def _seen(row: Any) -> Seen:
    made = Sketch(base64.b64decode(row.signature), frozenset(row.numbers.split()))
    return Seen(row.id, row.copy_of or row.id, row.first_seen_at, made)


def _statements(dialect: str) -> dict[str, Any]:
    meeting = f"""SELECT DISTINCT a.id, a.copy_of, a.first_seen_at, s.signature, s.numbers
        FROM {unfolded(dialect, {"key": INTEGER})} JOIN ingest_bands b ON b.key = r.key
        JOIN ingest_sketches s ON s.article_id = b.article_id JOIN ingest_articles a ON a.id = b.article_id
        ORDER BY a.first_seen_at, a.id LIMIT {MOST}"""  # noqa: S608  # nothing in it comes from outside
    found = text(meeting).columns(column("id"), column("copy_of"), column("first_seen_at", UtcDateTime()))
    newer = "(article_id) DO UPDATE SET signature = excluded.signature, numbers = excluded.numbers, day = excluded.day"
    kept = {"article_id": TEXT, "signature": TEXT, "numbers": TEXT}
    keyed = {"key": INTEGER, "article_id": TEXT}
    return {
        "meeting": found,
        "sketches": insertion(dialect, "ingest_sketches", kept, shared=("day",), conflict=newer),
        "bands": insertion(dialect, "ingest_bands", keyed, shared=("day",)),
        "ingest_bands": _sweeping("ingest_bands", "key, article_id"),
        "ingest_sketches": _sweeping("ingest_sketches", "article_id"),
    }


def _sweeping(table: str, key: str) -> Any:
    old = f"SELECT {key} FROM {table} WHERE day < :day LIMIT {SWEEP}"  # noqa: S608
    return text(f"DELETE FROM {table} WHERE ({key}) IN ({old})")  # noqa: S608
