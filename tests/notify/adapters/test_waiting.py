"""Alerts that wait: groups, digests, quiet hours, silences and limits, on real databases."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.notify.adapters import tables
from services.notify.filter import Filter
from services.notify.lanes import Digest, Lane, Rate, Timing
from services.notify.outcome import Answer
from services.notify.quiet import QuietHours
from services.notify.silence import Silence
from shared.db import Database
from shared.errors import TransientError
from shared.events.delivery import Outcome
from shared.events.vocabulary import Severity
from tests.notify.builders import NOW, make_signal
from tests.notify.fakes import ScriptedSender
from tests.notify.world import World, make_subscriber

NORMAL = Timing(lane=Lane.NORMAL)
DOWN = Answer(Outcome.SERVER_ERROR, 500, detail="HTTP 500")


def _act(number: int, **claim: Any) -> Any:
    """The n-th of several different acts."""
    item = ("gallium", "nickel", "cobalt", "tin", "tungsten", "lithium", "graphite", "antimony")[number % 8]
    actor = ("CN", "ID", "CD", "MM", "RU", "CL", "ZW", "GN")[number % 8]
    return make_signal(number, **{"commodities": (item,), "actors": (actor,), "evidence": (), **claim})


def _bodies(world: World) -> list[dict[str, Any]]:
    assert isinstance(world.sender, ScriptedSender)
    return [json.loads(message.body)["data"] for message in world.sender.sent]


async def _pass(world: World, seconds: float) -> int:
    """Let time pass, let go what is due, and send it."""
    world.clock.advance(seconds)
    await world.keeper.step()
    return await world.send_all()


async def test_alerts_that_come_close_together_are_one_message(store: Database) -> None:
    world = World(store, make_subscriber(timing=NORMAL))
    await world.tell(_act(1), _act(2, severity="medium"), _act(3))
    assert await _pass(world, 29) == 0
    assert await _pass(world, 2) == 1
    (body,) = _bodies(world)
    assert body["note"] == "Told together, the most severe first."
    alerts = [it["data"] for it in body["alerts"]]
    assert [alert["severity"] for alert in alerts] == ["high", "high", "medium"]
    assert alerts[-1]["sources"][0]["article_id"] == "article_2"
    assert await world.rows(tables.held, "story_id") == []


async def test_one_alert_by_itself_is_an_ordinary_delivery(store: Database) -> None:
    world = World(store, make_subscriber(timing=NORMAL))
    await world.tell(_act(1))
    assert await _pass(world, 31) == 1
    assert _bodies(world)[0]["kind"] == "export_restriction"
    assert await world.rows(tables.bundles, "bundle_id") == []


async def test_after_a_group_the_next_waits_for_the_interval(store: Database) -> None:
    world = World(store, make_subscriber(timing=NORMAL))
    await world.tell(_act(1))
    assert await _pass(world, 30) == 1
    await world.tell(_act(2))
    assert await _pass(world, 31) == 0
    assert await _pass(world, 300 - 31) == 1


async def test_what_is_critical_waits_for_nothing(store: Database) -> None:
    timing = replace(NORMAL, quiet=(QuietHours(0, 1440, bypass=None),), rate=Rate(1, timedelta(hours=1)))
    world = World(store, make_subscriber(timing=timing))
    await world.tell(_act(1, severity="critical"), _act(2, severity="critical"))
    assert await world.send_all() == 2


async def test_a_digest_comes_at_its_local_time(store: Database) -> None:
    """NOW is Wednesday, 12:00 UTC; 16:00 in Berlin is two hours later, in summer."""
    timing = Timing(lane=Lane.DIGEST, zone=ZoneInfo("Europe/Berlin"), digest=Digest((16 * 60,)))
    world = World(store, make_subscriber(timing=timing))
    await world.tell(_act(1), _act(2))
    assert await _pass(world, 7_199) == 0
    assert await _pass(world, 1) == 1
    (body,) = _bodies(world)
    assert (len(body["alerts"]), body["note"]) == (2, "Your digest, the most severe first.")


async def test_a_newer_revision_takes_the_place_of_one_that_waits(store: Database) -> None:
    world = World(store, make_subscriber(timing=NORMAL))
    await world.tell(make_signal(1, stage="announced"), make_signal(2, hours=0.001, stage="in_force"))
    assert await world.rows(tables.held, "revision", "subscriber_id") == [(2, "desk")]
    assert await _pass(world, 31) == 1
    assert _bodies(world)[0]["stage"] == "in_force"


async def test_who_was_told_in_a_group_hears_of_the_next_revision(store: Database) -> None:
    wants = frozenset({"announced"})
    world = World(store, make_subscriber(timing=NORMAL, stage=wants))
    await world.tell(make_signal(1), _act(3))
    assert await _pass(world, 31) == 1
    await world.tell(make_signal(2, hours=1, stage="in_force"))
    assert await _pass(world, 600) == 1
    assert _bodies(world)[-1]["stage"] == "in_force"


async def test_quiet_hours_keep_back_and_tell_afterwards(store: Database) -> None:
    quiet = QuietHours(11 * 60, 14 * 60, bypass=Severity.HIGH)
    world = World(store, make_subscriber(timing=replace(NORMAL, quiet=(quiet,))))
    await world.tell(_act(1, severity="medium"), _act(2, severity="low"), _act(3, severity="high"))
    assert await _pass(world, 31) == 1
    assert _bodies(world)[0]["severity"] == "high"
    assert await _pass(world, 7_200 - 32) == 0
    assert await _pass(world, 1) == 1
    assert "2 came during your quiet hours" in _bodies(world)[1]["note"]


async def test_a_limit_holds_back_and_tells_what_was_held(store: Database) -> None:
    timing = Timing(rate=Rate(2, timedelta(hours=1)))
    world = World(store, make_subscriber(timing=timing))
    await world.tell(*(_act(n) for n in range(5)))
    assert await world.send_all() == 2
    assert await _pass(world, 3_599) == 0
    assert await _pass(world, 1) == 1
    assert "3 held back by your limit of 2 in 1 h" in _bodies(world)[2]["note"]


def _silence(**more: Any) -> Silence:
    gallium = Filter(commodity=frozenset({"gallium"}))
    fields = {"author": "Ann", "reason": "audit", "until": NOW + timedelta(hours=1), **more}
    return Silence("audit", gallium, **fields)


async def test_a_silence_is_told_when_it_begins_and_ends_and_what_it_kept_back_follows(store: Database) -> None:
    world = World(store, make_subscriber("desk"), make_subscriber("chat"))
    world.silences = [_silence(subscribers=frozenset({"desk"}))]
    assert await _pass(world, 0) == 1
    await world.tell(make_signal(1), _act(3))
    assert await world.send_all() == 3
    assert await _pass(world, 1_800) == 0
    assert await _pass(world, 1_800) == 2
    titles = [body["headline"] for body in _bodies(world)]
    assert titles[0] == "Silence audit has begun, until 01 Jul 2026 13:00 UTC"
    assert "Silence audit of Ann has ended" in titles[-2:]
    assert "1 alert was kept back and follows." in [body["summary"] for body in _bodies(world)]
    assert await _pass(world, 3_600) == 0


async def test_a_silence_that_is_lifted_early_lets_go_at_once(store: Database) -> None:
    world = World(store, make_subscriber())
    world.silences = [_silence()]
    await _pass(world, 0)
    await world.tell(make_signal(1))
    world.silences = []
    assert await _pass(world, 1) == 2
    assert await world.rows(tables.held, "story_id") == []


async def test_replicas_let_go_of_each_alert_once(store: Database) -> None:
    worlds = [World(store, make_subscriber(timing=NORMAL), owner=owner) for owner in "abcd"]
    worlds[0].silences = [_silence(subscribers=frozenset({"desk"}), until=NOW + timedelta(hours=9))]
    for world in worlds[1:]:
        world.silences = worlds[0].silences
    await worlds[0].tell(*(_act(n) for n in range(1, 7)))
    for world in worlds:
        world.clock.advance(31)
    await asyncio.gather(*(world.keeper.step() for world in worlds for _ in range(3)))
    deliveries = await worlds[0].rows(tables.deliveries, "delivery_id", "story_id")
    assert len(deliveries) == 2
    assert len(await worlds[0].rows(tables.bundle_members, "story_id")) == 6
    assert len(await worlds[0].rows(tables.bundles, "bundle_id")) == 2


async def test_a_turn_that_fails_changes_nothing(store: Database) -> None:
    world = World(store, make_subscriber(timing=NORMAL))
    await world.tell(_act(1), _act(2))
    async with store.engine.begin() as connection:
        await connection.run_sync(tables.bundle_members.drop)
    with suppress(TransientError):  # SQLite says so of a missing table
        assert await _pass(world, 31) == 0
    assert len(await world.rows(tables.held, "story_id")) == 2
    async with store.engine.begin() as connection:
        await connection.run_sync(tables.bundle_members.create)
    assert await _pass(world, 1) == 1


async def test_a_bundle_drops_what_has_become_stale_while_it_waited(store: Database) -> None:
    world = World(store, make_subscriber(timing=NORMAL), sender=ScriptedSender(DOWN, Answer(Outcome.DELIVERED, 200)))
    await world.tell(make_signal(1), _act(3))
    assert await _pass(world, 31) == 1
    await world.tell(make_signal(2, hours=1, stage="in_force", severity="critical"))
    world.clock.advance(60)
    await world.send_all()
    assert [len(body["alerts"]) for body in _bodies(world)[1:] if "alerts" in body] == [1]


async def test_every_route_is_written_down_with_its_reason(store: Database) -> None:
    people = [make_subscriber("desk"), make_subscriber("team", timing=NORMAL), make_subscriber("none", kind={"x"})]
    world = World(store, *people)
    await world.tell(make_signal(1))
    ((_, routes),) = await world.rows(tables.routes, "revision", "routes")
    told = json.loads(routes)
    assert {name: it["course"] for name, it in told.items()} == {
        "desk": "at_once",
        "team": "grouped",
        "none": "filtered",
    }
    assert told["none"]["detail"] == "kind"


async def test_what_waits_for_a_subscriber_that_is_gone_is_given_up(store: Database) -> None:
    world = World(store, make_subscriber(timing=NORMAL))
    await world.tell(_act(1))
    world.people = {}
    await _pass(world, 3_600)
    assert len(await world.rows(tables.held, "story_id")) == 1
    await _pass(world, 6 * 86_400)
    assert await world.rows(tables.held, "story_id") == []


async def test_what_is_wrong_with_one_subscriber_stops_no_other(store: Database) -> None:
    world = World(store, make_subscriber("bad", timing=NORMAL), make_subscriber("good", timing=NORMAL))
    await world.tell(make_signal(1))
    async with store.begin() as connection:
        wrong = tables.held.update().where(tables.held.c.subscriber_id == "bad")
        await connection.execute(wrong.values(course="nonsense", due_at=NOW))
    assert await _pass(world, 31) == 1
    assert await world.rows(tables.held, "subscriber_id") == ["bad"]


async def test_a_long_backlog_is_told_in_messages_of_fifty(store: Database) -> None:
    world = World(store, make_subscriber(timing=NORMAL))
    world.silences = [Silence("all", Filter(), "Ann", "audit", NOW + timedelta(hours=1))]
    await world.keeper.step()
    for n in range(101):
        actor = f"{chr(65 + n // 26)}{chr(65 + n % 26)}"
        await world.tell(make_signal(n, actors=(actor,), evidence=()))
    assert len(await world.rows(tables.held, "story_id")) == 101
    world.clock.advance(3_600)
    await world.keeper.step()
    assert await world.rows(tables.held, "story_id") == []
    members = await world.rows(tables.bundle_members, "bundle_id", "story_id")
    assert len({story for _, story in members}) == 101
    assert len({bundle for bundle, _ in members}) == 3


TIMINGS = {
    "normal": NORMAL,
    "digest": Timing(lane=Lane.DIGEST),
    "quiet": replace(NORMAL, quiet=(QuietHours(13 * 60, 15 * 60),)),
    "capped": replace(NORMAL, rate=Rate(2, timedelta(hours=1))),
    "urgent": Timing(rate=Rate(3, timedelta(minutes=10))),
}
STAGES = ("proposal", "announced", "in_force", "suspended", "lifted")


@pytest.mark.parametrize("seed", range(2))
async def test_whatever_happens_in_between_everybody_is_told_the_newest_once(store: Database, seed: int) -> None:
    dice = Random(seed)
    people = [make_subscriber(name, timing=timing) for name, timing in TIMINGS.items()]
    flaky = [Answer(Outcome.DELIVERED, 200) if dice.random() < 0.7 else DOWN for _ in range(400)]
    worlds = [World(store, *people, sender=ScriptedSender(*flaky, Answer(Outcome.DELIVERED, 200))) for _ in "ab"]
    clock = worlds[1].clock = worlds[0].clock
    for world in worlds:
        world.notify._clock = world.keeper._clock = world.dispatcher._clock = clock
    stages = {act: iter(STAGES) for act in range(4)}
    for number in range(40):
        world, act = dice.choice(worlds), dice.randrange(4)
        if dice.random() < 0.4 and (stage := next(stages[act], None)):
            hours = (clock.now() - NOW).total_seconds() / 3600
            severity = dice.choice(["low", "high", "critical"])
            signal = _act(act + 1, hours=hours, stage=stage, severity=severity)
            await world.tell(signal.model_copy(update={"id": str(number)}))
        clock.advance(dice.choice([1, 31, 400, 4_000]))
        await asyncio.gather(*(it.keeper.step() for it in dice.sample(worlds, dice.randint(0, 2))))
        if dice.random() < 0.5:
            await world.send_all()
    for _ in range(40):
        await _pass(worlds[0], 20_000)
    await _check_each_was_told_the_newest_once(worlds[0], {it.id for it in people})


async def _check_each_was_told_the_newest_once(world: World, people: set[str]) -> None:
    assert await world.rows(tables.held, "story_id") == []
    sent = await world.rows(tables.deliveries, "subscriber_id", "story_id", "revision", "status")
    assert {status for *_, status in sent} <= {"delivered", "superseded"}
    members = await world.rows(tables.bundle_members, "bundle_id", "story_id", "revision")
    assert members
    arrived = [(who, name, revision) for who, name, revision, status in sent if status == "delivered"]
    told = [it for it in arrived if not it[1].startswith("bundle")]
    for who, bundle, _ in arrived:
        told += [(who, story, revision) for name, story, revision in members if name == bundle]
    assert len(told) == len(set(told))
    newest = dict(await world.rows(tables.stories, "story_id", "revision"))
    assert newest
    for who in people:
        heard = {story: max(r for w, s, r in told if (w, s) == (who, story)) for w, story, _ in told if w == who}
        assert heard == newest
