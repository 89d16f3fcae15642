"""The order of arrival on real databases: shuffled, repeated, and in several replicas at once."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import pytest

from services.notify.adapters import tables
from shared.db import Database
from shared.events import SignalDetected
from tests.notify.builders import make_signal
from tests.notify.world import World, make_subscriber

COURSE: list[dict[str, Any]] = [
    {"hours": 0, "stage": "hint", "certainty": "unnamed_report"},
    {"hours": 1, "stage": "announced"},
    {"hours": 2, "commodities": ("gallium",), "effective_at": "2026-08-01"},
    {"hours": 3, "stage": "announced", "tier": 1, "certainty": "official_text", "targets": ("US",)},
    {"hours": 4, "effective_at": "2026-09-01"},
    {"hours": 5, "stage": "in_force", "severity": "critical"},
    {"hours": 6, "targets": ("US", "JP")},
    {"hours": 7, "stage": "announced"},
]
REPORTS: list[SignalDetected] = [
    make_signal(10 * act + number, **{"actors": (state,), **report})
    for act, state in enumerate(("CN", "ID"))
    for number, report in enumerate(COURSE, 1)
]


def _state(text: str) -> dict[str, Any]:
    """A story without what depends on when it was told: its id, revision and latency."""
    state = json.loads(text)
    return {
        name: value for name, value in state.items() if name not in {"story_id", "revision", "clock", "rules_digest"}
    }


async def _states(world: World) -> list[dict[str, Any]]:
    found = [_state(text) for text in await world.rows(tables.stories, "state")]
    return sorted(found, key=lambda state: str(state["claim"]["actors"]))


@pytest.mark.parametrize("seed", range(4))
async def test_any_order_of_arrival_in_two_replicas_ends_in_the_same_stories(store: Database, seed: int) -> None:
    expected = World(store, make_subscriber())
    await expected.tell(*REPORTS)
    states = await _states(expected)
    async with store.engine.begin() as connection:
        await connection.run_sync(tables.metadata.drop_all)
        await connection.run_sync(tables.metadata.create_all)
    worlds = [World(store, make_subscriber(), owner=owner) for owner in "ab"]
    arriving = [*REPORTS, *REPORTS[::3]]
    random.Random(seed).shuffle(arriving)
    await asyncio.gather(*(worlds[n % 2].tell(signal) for n, signal in enumerate(arriving)))
    assert await _states(worlds[0]) == states
    raised = [row for row in await worlds[0].rows(tables.revisions, "story_id", "type") if "raised" in row[1]]
    assert len(raised) == 2


async def test_every_decision_is_kept_with_its_reason(store: Database) -> None:
    world = World(store, make_subscriber())
    await world.tell(*REPORTS[:3], REPORTS[1])
    rows = await world.rows(tables.signals, "signal_id", "action", "reason", "revision", "article_id")
    assert rows == [
        ("signal_1", "raise", "new_story", 1, "article_1"),
        ("signal_2", "update", "stage_changed", 2, "article_2"),
        ("signal_3", "corroborate", "corroborated", None, "article_3"),
    ]


async def test_a_story_whose_signals_were_not_kept_takes_late_reports_where_they_arrive(store: Database) -> None:
    world = World(store, make_subscriber())
    await world.tell(make_signal(2, hours=2, stage="in_force"))
    async with store.begin() as connection:
        await connection.execute(tables.signals.update().values(body=None))
    await world.tell(make_signal(1, hours=1))
    assert world.meter.decisions == {"new_story": 1, "corroborated": 1}
    assert (await world.alert())["stage"] == "in_force"
