"""Reminders in SQL: which are planned, which fell due, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters import tables
from services.notify.adapters.tables import reminders as table
from services.notify.reminder import Reminder, plan
from services.notify.story import Story
from shared.db import Database

PLANNED, SENT, PASSED = "planned", "sent", "passed"


async def sync(database: Database, connection: AsyncConnection, story: Story, now: datetime) -> None:
    """Plan what the story's dates ask for now. Dates that were edited away are forgotten, what was sent is not."""
    wanted = plan(story)
    dates = {(reminder.field, reminder.date) for reminder in wanted}
    stays = or_(*(and_(table.c.field == name, table.c.date == on) for name, on in dates)) if dates else None
    gone = and_(table.c.story_id == story.story_id, table.c.status == PLANNED)
    await connection.execute(delete(table).where(gone if stays is None else and_(gone, ~stays)))
    rows = [_row(story.story_id, reminder) for reminder in wanted if reminder.due_at > now]
    if rows:
        await connection.execute(database.insert(table).on_conflict_do_nothing(), rows)


def _row(story_id: str, reminder: Reminder) -> Mapping[str, Any]:
    return {
        "story_id": story_id,
        "field": reminder.field,
        "date": reminder.date,
        "days": reminder.days,
        "due_at": reminder.due_at,
        "status": PLANNED,
    }


async def due_stories(connection: AsyncConnection, now: datetime, limit: int) -> Sequence[tuple[str, str]]:
    """Id and kind of stories with a reminder that fell due."""
    stories = tables.stories
    query = select(table.c.story_id, stories.c.kind).join(stories, stories.c.story_id == table.c.story_id)
    found = await connection.execute(query.where(_is_due(now)).distinct().limit(limit))
    return [(row.story_id, row.kind) for row in found]


async def due(connection: AsyncConnection, story_id: str, now: datetime) -> Sequence[Reminder]:
    """What fell due of one story."""
    found = await connection.execute(select(table).where(table.c.story_id == story_id, _is_due(now)))
    return [Reminder(row.field, row.date, row.days) for row in found]


async def settle(
    connection: AsyncConnection, story_id: str, sent: Sequence[Reminder], revision: int | None, now: datetime
) -> None:
    """Write down that these were sent as that revision; whatever else fell due was passed over."""
    mine = and_(table.c.story_id == story_id, _is_due(now))
    for reminder in sent:
        this = and_(table.c.field == reminder.field, table.c.date == reminder.date, table.c.days == reminder.days)
        done = {"status": SENT, "revision": revision, "settled_at": now}
        await connection.execute(update(table).where(mine, this).values(done))
    await connection.execute(update(table).where(mine).values(status=PASSED, settled_at=now))


def _is_due(now: datetime) -> Any:
    return and_(table.c.status == PLANNED, table.c.due_at <= now)
