"""Corrections and retractions of what waits for its time or was told with other alerts, on real databases."""

from __future__ import annotations

import json
from typing import Any

from services.notify.adapters import tables
from services.notify.adapters.records import SqlRecords
from services.notify.edit import Edit
from services.notify.lanes import Lane, Timing
from services.notify.outcome import Answer
from shared.db import Database
from shared.events.delivery import Outcome
from tests.notify.builders import make_signal
from tests.notify.fakes import ScriptedSender
from tests.notify.world import World, make_subscriber

NORMAL, DIGEST = Timing(lane=Lane.NORMAL), Timing(lane=Lane.DIGEST)
GALLIUM = make_signal(1, commodities=("gallium",), evidence=())
TIN = make_signal(2, commodities=("tin",), actors=("ID",), evidence=())
DAY = 86_400


async def _retract(world: World, item: str = "gallium") -> int:
    _, count = await world.editing.apply(await _story(world, item), Edit(world.clock.now(), "wrong", retracts=True))
    return count


async def _story(world: World, item: str) -> str:
    told = await world.rows(tables.revisions, "story_id", "alert")
    return next(story_id for story_id, alert in told if item in json.loads(alert)["commodities"])


async def _let_go(world: World, seconds: float) -> None:
    """Let time pass, and make deliveries of what is due."""
    world.clock.advance(seconds)
    await world.keeper.step()


def _bodies(world: World) -> list[dict[str, Any]]:
    assert isinstance(world.sender, ScriptedSender)
    return [json.loads(message.body)["data"] for message in world.sender.sent]


async def test_what_waits_for_a_digest_is_dropped_and_told_to_nobody(store: Database) -> None:
    world = World(store, make_subscriber(timing=DIGEST))
    await world.tell(GALLIUM)
    assert await _retract(world) == 0
    assert await world.rows(tables.held, "story_id") == []
    await _let_go(world, 3 * DAY)
    assert await world.send_all() == 0


async def test_a_denial_of_talk_that_waits_for_a_digest_is_told_to_nobody(store: Database) -> None:
    world = World(store, make_subscriber(timing=DIGEST))
    await world.tell(make_signal(1, stage="rumour", certainty="unnamed_report"))
    await world.tell(make_signal(2, hours=1, stage="denied", certainty="official_speech"))
    assert (await world.alert())["reason"] == "denied"
    assert await world.rows(tables.held, "story_id") == []


async def test_who_got_it_with_others_is_told_that_it_was_taken_back(store: Database) -> None:
    world = World(store, make_subscriber("group", timing=NORMAL), make_subscriber("never", timing=DIGEST))
    await world.tell(GALLIUM, TIN)
    await _let_go(world, 31)
    assert await world.send_all() == 1
    assert await _retract(world) == 1
    await _let_go(world, 3_600)
    assert await world.send_all() == 1
    assert _bodies(world)[-1]["headline"].startswith("Retracted: ")


async def test_a_retraction_comes_in_the_lane_of_its_reader(store: Database) -> None:
    world = World(store, make_subscriber(timing=DIGEST))
    await world.tell(GALLIUM)
    await _let_go(world, DAY)
    assert await world.send_all() == 1
    assert await _retract(world) == 1
    assert await world.rows(tables.held, "revision", "course") == [(2, "digest")]


async def test_what_was_taken_back_is_left_out_of_a_message_that_has_not_gone_out(store: Database) -> None:
    world = World(store, make_subscriber(timing=NORMAL))
    await world.tell(GALLIUM, TIN)
    await _let_go(world, 31)
    assert await _retract(world) == 0
    assert await world.send_all() == 1
    assert [it["data"]["commodities"] for it in _bodies(world)[0]["alerts"]] == [["tin"]]


async def test_a_message_of_which_everything_was_taken_back_is_not_sent(store: Database) -> None:
    world = World(store, make_subscriber(timing=NORMAL))
    await world.tell(GALLIUM, TIN)
    await _let_go(world, 31)
    assert (await _retract(world), await _retract(world, "tin")) == (0, 0)
    assert await world.send_all() == 0
    assert await world.statuses() == ["superseded"]


async def test_who_may_have_got_it_with_others_is_told_that_it_was_taken_back(store: Database) -> None:
    unsure, fine = Answer(Outcome.TIMED_OUT, detail="timed out"), Answer(Outcome.DELIVERED, 200)
    world = World(store, make_subscriber(timing=NORMAL), sender=ScriptedSender(unsure, fine))
    await world.tell(GALLIUM, TIN)
    await _let_go(world, 31)
    assert await world.send_all() == 1
    assert await _retract(world) == 1


async def test_what_waits_for_a_digest_is_corrected_and_told_once(store: Database) -> None:
    world = World(store, make_subscriber(timing=DIGEST), make_subscriber("stranger", kind=frozenset({"other"})))
    await world.tell(GALLIUM)
    edit = Edit(world.clock.now(), "from October", values={"effective_at": "2026-10-01"})
    _, count = await world.editing.apply(await _story(world, "gallium"), edit)
    assert count == 1
    decisions = await SqlRecords(store).why(await _story(world, "gallium"))
    assert [it["recipients"] for it in decisions if it["sent"]] == [1, 1]
    assert await world.rows(tables.held, "revision", "subscriber_id") == [(2, "desk")]
    await _let_go(world, DAY)
    assert await world.send_all() == 1
    assert _bodies(world)[0]["effective_at"] == "2026-10-01"


async def test_what_waits_with_others_is_corrected_in_its_place(store: Database) -> None:
    world = World(store, make_subscriber(timing=NORMAL))
    await world.tell(GALLIUM, TIN)
    await _let_go(world, 31)
    edit = Edit(world.clock.now(), "it is critical", values={"severity": "critical"})
    assert (await world.editing.apply(await _story(world, "gallium"), edit))[1] == 1
    assert await world.send_all() == 2
    told = [it["data"]["commodities"] for body in _bodies(world) if "alerts" in body for it in body["alerts"]]
    assert told == [["tin"]]
