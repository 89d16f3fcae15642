"""Why people were told, and why not: every decision about a story, from signals, operators and dates."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters import tables
from services.notify.course import NOT_TOLD
from shared.events.alert import Reason

MAX_DECISIONS: Final = 1_000
"""Decisions shown of one story, the newest."""
Counts = Mapping[tuple[str, int], int]
Told = tuple[datetime, Mapping[str, Any]]
_BY_HAND: Final = frozenset({Reason.CORRECTED, Reason.RETRACTED})


async def why(connection: AsyncConnection, name: str) -> Sequence[Mapping[str, Any]]:
    """The decisions about the story, signal or article of that id, oldest first."""
    signals, told = tables.signals, tables.revisions
    about = or_(signals.c.story_id == name, signals.c.signal_id == name, signals.c.article_id == name)
    newest = select(signals).where(about).order_by(signals.c.handled_at.desc()).limit(MAX_DECISIONS)
    decided = (await connection.execute(newest)).all()
    stories = {name, *(row.story_id for row in decided if row.story_id)}
    newest_told = select(told).where(told.c.story_id.in_(stories)).order_by(told.c.raised_at.desc())
    alerts = {
        (row.story_id, row.revision): (row.raised_at, json.loads(row.alert))
        for row in await connection.execute(newest_told.limit(MAX_DECISIONS))
    }
    counts = await _recipients(connection, stories)
    of_signals = [_of_signal(row, alerts.get((row.story_id, row.revision)), counts) for row in decided]
    known = {(row.story_id, row.revision) for row in decided}
    others = [_of_revision(*told, counts) for key, told in alerts.items() if key[0] == name and key not in known]
    unsent = [_of_reminder(row) for row in await connection.execute(_unsent(name))]
    return sorted([*of_signals, *others, *unsent], key=lambda it: (it["at"], it["revision"] or 0))


def _unsent(story_id: str) -> Any:
    """Reminders still to come, or passed over; those that were sent are revisions."""
    table = tables.reminders
    return select(table).where(table.c.story_id == story_id, table.c.revision.is_(None)).order_by(table.c.due_at)


async def _recipients(connection: AsyncConnection, stories: Iterable[str]) -> Counts:
    """How many were told of each revision, at once or later; revisions of older versions have deliveries alone."""
    table, routes, names = tables.deliveries, tables.routes, list(stories)
    keys = (table.c.story_id, table.c.revision)
    found = await connection.execute(select(*keys, func.count()).where(table.c.story_id.in_(names)).group_by(*keys))
    counts = {(story_id, revision): count for story_id, revision, count in found}
    for row in await connection.execute(select(routes).where(routes.c.story_id.in_(names))):
        courses = [taken["course"] for taken in json.loads(row.routes).values()]
        counts[row.story_id, row.revision] = sum(course not in NOT_TOLD for course in courses)
    return counts


def _of_signal(row: Row[Any], told: Told | None, counts: Counts) -> dict[str, Any]:
    article = json.loads(row.body)["article"] if row.body else {}
    source = {name: article.get(name) for name in ("source_id", "source_tier", "lang", "title", "url", "copy_of")}
    return {
        "at": _time(row.handled_at),
        "by": "signal",
        "action": row.action,
        "reason": row.reason,
        "sent": told is not None,
        "story_id": row.story_id,
        "revision": row.revision,
        "recipients": counts.get((row.story_id, row.revision), 0),
        "changes": told[1]["changes"] if told else [],
        "note": "",
        "signal_id": row.signal_id,
        "article_id": row.article_id,
        "told_at": _time(row.told_at),
        **source,
    }


def _of_revision(at: datetime, alert: Mapping[str, Any], counts: Counts) -> dict[str, Any]:
    """A revision that no signal led to."""
    number, reason = alert["revision"], alert["reason"]
    return {
        "at": _time(at),
        "by": "operator" if reason in _BY_HAND else "date",
        "action": "retract" if reason == Reason.RETRACTED else "update",
        "reason": reason,
        "sent": True,
        "story_id": alert["story_id"],
        "revision": number,
        "recipients": counts.get((alert["story_id"], number), 0),
        "changes": alert["changes"],
        "note": alert.get("note", ""),
    }


def _of_reminder(row: Row[Any]) -> dict[str, Any]:
    return {
        "at": _time(row.settled_at or row.due_at),
        "by": "date",
        "action": "nothing",
        "reason": f"reminder_{row.status}",
        "sent": False,
        "story_id": row.story_id,
        "revision": None,
        "recipients": 0,
        "changes": [],
        "note": f"{row.days} days before {row.field} {row.date.isoformat()}",
    }


def _time(value: datetime | None) -> str | None:
    return value.isoformat().replace("+00:00", "Z") if value else None
