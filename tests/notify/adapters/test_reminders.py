"""Reminders on real databases: each once, whatever restarts, replicas and edits of dates come in between."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.notify.adapters import tables
from services.notify.adapters.stories import SqlStories
from services.notify.edit import Edit
from services.notify.filter import Filter
from services.notify.lanes import Lane, Timing
from services.notify.reminding import Reminding
from services.notify.silence import Silence
from shared.db import Database
from tests.notify.builders import make_signal
from tests.notify.world import World, make_subscriber

DATE = date(2026, 10, 1)


def _reminding(world: World) -> Reminding:
    stories, silences = SqlStories(world.database), lambda: world.silences
    return Reminding(stories, lambda: world.people, world.clock, world.meter, wake=world._wake, silences=silences)


async def _look(world: World, *days: str) -> None:
    """Let the loop look on these mornings."""
    for day in days:
        world.clock.at = datetime.fromisoformat(f"{day}T07:00:00").replace(tzinfo=UTC)
        await _reminding(world).step()


async def _sent(world: World) -> list[tuple[str, str]]:
    """Who was reminded, and on which day."""
    by_revision = {
        revision: at.date().isoformat()
        for revision, at in await world.rows(tables.revisions, "revision", "raised_at")
        if revision > 1
    }
    found = await world.rows(tables.deliveries, "subscriber_id", "revision")
    return sorted((name, by_revision[revision]) for name, revision in found if revision > 1)


async def test_everybody_who_cares_is_reminded_30_7_and_1_days_before(store: Database) -> None:
    world = World(store, make_subscriber("desk"), make_subscriber("other", kind=frozenset({"alliance_move"})))
    await world.tell(make_signal(1, effective_at=DATE))
    await _look(world, "2026-08-31", "2026-09-01", "2026-09-02", "2026-09-24", "2026-09-30", "2026-10-01", "2026-11-01")
    assert await _sent(world) == [("desk", day) for day in ("2026-09-01", "2026-09-24", "2026-09-30")]
    assert (await world.published())[1:] == ["orewire.alert.updated.export_restriction.high"] * 3


async def test_a_reminder_comes_in_the_lane_of_its_reader_and_waits_for_silences(store: Database) -> None:
    world = World(store, make_subscriber(), make_subscriber("daily", timing=Timing(lane=Lane.DIGEST)))
    await world.tell(make_signal(1, effective_at=DATE))
    until = datetime(2026, 9, 2, tzinfo=UTC)
    world.silences = [Silence("audit", Filter(), "Ann", "audit", until, subscribers=frozenset({"desk"}))]
    await _look(world, "2026-09-01")
    waits = await world.rows(tables.held, "subscriber_id", "revision", "course")
    assert waits == [("daily", 2, "digest"), ("desk", 2, "silenced")]
    assert await _sent(world) == []


async def test_any_number_of_replicas_remind_once(store: Database) -> None:
    world = World(store, make_subscriber())
    await world.tell(make_signal(1, effective_at=DATE))
    world.clock.at = datetime(2026, 9, 1, 7, tzinfo=UTC)
    await asyncio.gather(*(_reminding(world).step() for _ in range(6)))
    assert len(await _sent(world)) == 1


async def test_a_date_that_was_moved_reminds_of_the_new_date_only(store: Database) -> None:
    world = World(store, make_subscriber())
    await world.tell(make_signal(1, effective_at=DATE))
    await _look(world, "2026-09-01")
    await world.tell(make_signal(2, hours=1, effective_at=date(2026, 12, 1)))
    await _look(world, "2026-09-24", "2026-09-30")
    assert len(await _sent(world)) == 2  # the reminder in September, and the change of the date
    await _look(world, "2026-11-01", "2026-11-24", "2026-11-30")
    assert [day for _, day in await _sent(world)][-3:] == ["2026-11-01", "2026-11-24", "2026-11-30"]


async def test_a_date_that_comes_back_does_not_remind_again(store: Database) -> None:
    world = World(store, make_subscriber())
    await world.tell(make_signal(1, effective_at=DATE))
    await _look(world, "2026-09-01")
    [story_id] = await world.rows(tables.stories, "story_id")
    for day in ("2026-12-01", "2026-10-01"):
        edit = Edit(world.clock.now(), "typing error", values={"effective_at": day})
        await world.editing.apply(story_id, edit)
    await _look(world, "2026-09-01", "2026-09-02")
    reasons = [row for row in await world.rows(tables.reminders, "days", "status") if row[1] == "sent"]
    assert reasons == [(30, "sent")]


async def test_a_date_nearer_than_a_reminder_was_just_told(store: Database) -> None:
    world = World(store, make_subscriber())
    await world.tell(make_signal(1, effective_at=date(2026, 7, 6)))
    await _look(world, "2026-07-02", "2026-07-05")
    assert await _sent(world) == [("desk", "2026-07-05")]


async def test_what_fell_due_while_nothing_ran_is_told_once_or_passed_over(store: Database) -> None:
    world = World(store, make_subscriber())
    await world.tell(make_signal(1, effective_at=DATE), make_signal(2, actors=("ID",), effective_at=date(2026, 9, 2)))
    await _look(world, "2026-09-26")
    assert await _sent(world) == [("desk", "2026-09-26")]
    statuses = [status for _, status in await world.rows(tables.reminders, "due_at", "status")]
    assert sorted(statuses) == ["passed"] * 4 + ["planned", "sent"]


@pytest.mark.parametrize("over", [{"stage": "denied"}, {"stage": "dropped"}])
async def test_an_act_that_is_over_reminds_nobody(store: Database, over: dict[str, Any]) -> None:
    world = World(store, make_subscriber())
    await world.tell(make_signal(1, effective_at=DATE), make_signal(2, hours=1, **over))
    await _look(world, "2026-09-01", "2026-09-24")
    assert {day for _, day in await _sent(world)} == {"2026-07-01"}
