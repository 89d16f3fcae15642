"""Silences in SQL: those made by command, and who was told of which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import CursorResult, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters import tables
from services.notify.adapters.subscriberfile import SilenceEntry
from services.notify.course import Course
from services.notify.silence import Silence
from services.notify.waiting import Notice
from shared.db import Database

MAX_SILENCES: Final = 1000
notices: Final = tables.silence_notices


async def in_store(connection: AsyncConnection, now: datetime) -> Sequence[Silence]:
    """Those that have not ended."""
    table = tables.silences
    rows = await connection.execute(select(table).where(table.c.until > now).limit(MAX_SILENCES))
    return [_silence(row.entry, row.until) for row in rows]


async def known(connection: AsyncConnection) -> Mapping[tuple[str, str], str]:
    """See `Waiting.silenced`."""
    rows = await connection.execute(select(notices).where(notices.c.ended_at.is_(None)))
    return {(row.silence_id, row.subscriber_id): row.author for row in rows}


async def begin(database: Database, connection: AsyncConnection, notice: Notice, now: datetime) -> bool:
    """Write that the subscriber is told of the beginning; False if it was. An id may be used again after its end."""
    fresh = {"began_at": now, "author": notice.author, "ended_at": None}
    row = {"silence_id": notice.silence_id, "subscriber_id": notice.subscriber.id, **fresh}
    insert = database.insert(notices).values(row)
    again = insert.on_conflict_do_update(
        index_elements=["silence_id", "subscriber_id"], set_=fresh, where=notices.c.ended_at.is_not(None)
    )
    written: CursorResult[Any] = await connection.execute(again)
    return written.rowcount == 1


async def end(connection: AsyncConnection, notice: Notice, now: datetime) -> bool:
    """Write that the subscriber is told of the end, and make due what was kept back; False if it was."""
    mine = and_(notices.c.silence_id == notice.silence_id, notices.c.subscriber_id == notice.subscriber.id)
    open_one = update(notices).where(mine, notices.c.ended_at.is_(None)).values(ended_at=now)
    written: CursorResult[Any] = await connection.execute(open_one)
    if written.rowcount == 0:
        return False
    kept = and_(_kept(notice.silence_id, notice.subscriber.id), tables.held.c.due_at > now)
    await connection.execute(update(tables.held).where(kept).values(due_at=now))
    return True


async def kept_back(connection: AsyncConnection, silence_id: str, subscriber_id: str) -> int:
    """See `Waiting.kept_back`."""
    query = select(func.count()).select_from(tables.held).where(_kept(silence_id, subscriber_id))
    return int(await connection.scalar(query) or 0)


class SqlSilences:
    """Silences made by command."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, entry: SilenceEntry, now: datetime) -> bool:
        """Keep a new one; False if one with its id is in force, or there are too many. An id may be used again."""
        table = tables.silences
        async with self._database.begin() as connection:
            if len(await in_store(connection, now)) >= MAX_SILENCES:
                return False
            row = {"silence_id": entry.id, "entry": entry.model_dump_json(by_alias=True), "until": entry.until}
            insert = self._database.insert(table).values(row)
            again = insert.on_conflict_do_update(index_elements=["silence_id"], set_=row, where=table.c.until <= now)
            written: CursorResult[Any] = await connection.execute(again)
            return written.rowcount == 1

    async def end(self, silence_id: str, now: datetime) -> bool:
        """End one now; False if there is none that has not ended."""
        table = tables.silences
        mine = and_(table.c.silence_id == silence_id, table.c.until > now)
        async with self._database.begin() as connection:
            written: CursorResult[Any] = await connection.execute(update(table).where(mine).values(until=now))
            return written.rowcount == 1

    async def listed(self, now: datetime) -> Sequence[Silence]:
        """Those that have not ended."""
        async with self._database.begin() as connection:
            return await in_store(connection, now)


def _kept(silence_id: str, subscriber_id: str) -> Any:
    held = tables.held
    return and_(held.c.subscriber_id == subscriber_id, held.c.course == Course.SILENCED, held.c.detail == silence_id)


def _silence(entry: str, until: datetime) -> Silence:
    stored = SilenceEntry.model_validate_json(entry)
    return stored.model_copy(update={"until": until}).silence()
