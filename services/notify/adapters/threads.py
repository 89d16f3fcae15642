"""The thread of each story at each place, in SQL."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Final

from sqlalchemy import Column, Integer, String, Table, delete, select

from services.notify.adapters.tables import metadata
from services.notify.thread import Thread
from shared.db import Database, UtcDateTime

table: Final = Table(
    "notify_threads",
    metadata,
    Column("story_id", String(64), primary_key=True),
    Column("place", String(64), primary_key=True),
    Column("channel", String(64), nullable=False),
    Column("ts", String(64), nullable=False),
    Column("begun", Integer, nullable=False),
    Column("told", Integer, nullable=False),
    Column("delivery_id", String(64), nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)
"""The message a story has at a receiver that can change messages, and the newest revision it shows."""
_NAMES: Final = [column for column in table.c if column.name != "updated_at"]


class SqlThreads:
    """See `Threads`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, story_id: str, place: str) -> Thread | None:
        """See `Threads.find`."""
        mine = (table.c.story_id == story_id, table.c.place == place)
        async with self._database.begin() as connection:
            row = (await connection.execute(select(*_NAMES).where(*mine))).one_or_none()
        return None if row is None else Thread(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name

    async def keep(self, thread: Thread, at: datetime) -> None:
        """See `Threads.keep`."""
        row = {**asdict(thread), "updated_at": at}
        statement = self._database.insert(table).values(row)
        newer = table.c.told <= thread.told
        upsert = statement.on_conflict_do_update(index_elements=["story_id", "place"], set_=row, where=newer)
        async with self._database.begin() as connection:
            await connection.execute(upsert)

    async def forget(self, story_id: str, place: str) -> None:
        """See `Threads.forget`."""
        async with self._database.begin() as connection:
            await connection.execute(delete(table).where(table.c.story_id == story_id, table.c.place == place))
