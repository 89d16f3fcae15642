"""Stories and deliveries on real databases: what every store must do, and two replicas on one."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

import pytest

from services.notify.adapters import tables
from services.notify.adapters.deliveries import GIVE_UP, LEASE
from services.notify.adapters.owners import new_owner
from services.notify.outcome import Answer
from services.notify.ports import Status
from shared.db import Database
from shared.events.delivery import Outcome
from tests.notify.builders import NOW, make_signal
from tests.notify.fakes import ScriptedSender
from tests.notify.world import World, make_subscriber

DOWN = Answer(Outcome.SERVER_ERROR, 500, detail="HTTP 500")
SLOW_DOWN = Answer(Outcome.THROTTLED, 429, retry_after=600, detail="HTTP 429")
BAD_GATEWAY = Answer(Outcome.THROTTLED, 502, detail="HTTP 502")
GONE = Answer(Outcome.GONE, 410, detail="HTTP 410")
OK = Answer(Outcome.DELIVERED, 200, detail="HTTP 200")


async def test_a_signal_becomes_a_story_a_revision_deliveries_and_an_event(store: Database) -> None:
    world = World(store, make_subscriber("desk"), make_subscriber("other", kind=frozenset({"alliance_move"})))
    await world.tell(make_signal(1))
    assert await world.rows(tables.deliveries, "subscriber_id", "status") == [("desk", "waiting")]
    assert await world.rows(tables.signals, "signal_id", "reason") == [("signal_1", "new_story")]
    assert await world.published() == ["orewire.alert.raised.export_restriction.high"]
    assert world.woken == 1


async def test_a_redelivered_signal_has_no_effect(store: Database) -> None:
    world = World(store, make_subscriber())
    await world.tell(make_signal(1), make_signal(1), make_signal(1))
    assert await world.statuses() == ["waiting"]
    assert len(await world.published()) == 1


async def test_ten_reports_of_one_act_are_one_delivery(store: Database) -> None:
    world = World(store, make_subscriber())
    await world.tell(*(make_signal(n, hours=n / 100) for n in range(10)))
    assert await world.send_all() == 1
    assert world.meter.decisions == {"new_story": 1, "corroborated": 9}


async def test_signals_that_arrive_at_once_in_two_replicas_are_one_story(store: Database) -> None:
    worlds = [World(store, make_subscriber(), owner=owner) for owner in "ab"]
    await asyncio.gather(*(worlds[n % 2].tell(make_signal(n)) for n in range(12)))
    assert len(await worlds[0].rows(tables.stories, "story_id")) == 1
    assert await worlds[0].statuses() == ["waiting"]


async def test_the_same_signal_in_two_replicas_at_once_counts_once(store: Database) -> None:
    worlds = [World(store, make_subscriber(), owner=owner) for owner in "ab"]
    await asyncio.gather(*(world.tell(make_signal(1)) for world in worlds * 3))
    assert len(await worlds[0].published()) == 1


async def test_two_replicas_never_claim_the_same_delivery(store: Database) -> None:
    people = [make_subscriber(f"desk{n}") for n in range(10)]
    world = World(store, *people)
    await world.tell(make_signal(1))
    room = {subscriber.id: 4 for subscriber in people}
    claims = await asyncio.gather(*(world.deliveries.claim(NOW, owner=owner, room=room, limit=4) for owner in "abcdef"))
    ids = [task.delivery_id for tasks in claims for task in tasks]
    assert len(ids) == len(set(ids)) == 10


async def test_a_claim_respects_the_room_of_each_subscriber(store: Database) -> None:
    world = World(store, make_subscriber("slow"), make_subscriber("fast"))
    await world.tell(*(make_signal(n, actors=(f"Q{n}",)) for n in range(6)))
    tasks = await world.deliveries.claim(NOW, owner="a", room={"slow": 1, "fast": 4}, limit=64)
    counts = [sum(task.subscriber_id == name for task in tasks) for name in ("slow", "fast")]
    assert counts == [1, 4]
    assert await world.deliveries.claim(NOW, owner="a", room={}, limit=64) == ()


async def test_a_lease_ends_and_the_delivery_is_free_again(store: Database) -> None:
    world = World(store, make_subscriber())
    await world.tell(make_signal(1))
    room = {"desk": 4}
    [lost] = await world.deliveries.claim(NOW, owner="died", room=room, limit=9)
    assert await world.deliveries.claim(NOW + LEASE - timedelta(seconds=1), owner="b", room=room, limit=9) == ()
    [found] = await world.deliveries.claim(NOW + LEASE, owner="b", room=room, limit=9)
    assert found.delivery_id == lost.delivery_id
    assert (lost.attempt, found.attempt) == (1, 2)


async def test_what_a_process_that_ended_held_is_free_at_the_next_start(store: Database) -> None:
    world = World(store, make_subscriber())
    await world.tell(make_signal(1))
    await world.tell(make_signal(2, actors=("ID",)))
    ended = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await ended.wait()
    room = {"desk": 1}
    await world.deliveries.claim(NOW, owner=f"notify-x@pid{ended.pid}", room=room, limit=1)
    await world.deliveries.claim(NOW, owner=new_owner("notify"), room=room, limit=1)
    freed = await world.deliveries.release()
    found = await world.deliveries.claim(NOW, owner="b", room={"desk": 4}, limit=9)
    here = store.dialect == "sqlite"  # on PostgreSQL the owner may run on another machine: its lease has to end
    assert (freed, len(found)) == ((1, 1) if here else (0, 0))


async def test_who_lost_the_lease_writes_nothing(store: Database) -> None:
    world, late = World(store, make_subscriber()), World(store, make_subscriber(), owner="late")
    await world.tell(make_signal(1))
    gate = asyncio.Event()
    assert isinstance(late.sender, ScriptedSender)
    late.sender.gates["https://desk.example/hook"] = gate
    assert await late.dispatcher.step() == 1
    world.clock.advance(LEASE.total_seconds())
    assert await world.send_all() == 1
    gate.set()
    await late.dispatcher.settle()
    assert await world.rows(tables.attempts, "attempt", "outcome") == [(2, "delivered")]
    assert len(await world.published()) == 2


async def test_a_failing_delivery_follows_the_schedule_to_its_end(store: Database) -> None:
    world = World(store, make_subscriber(), sender=ScriptedSender(DOWN))
    await world.tell(make_signal(1))
    pauses = []
    for _ in range(10):
        assert await world.send_all() == 1
        [due] = await world.rows(tables.deliveries, "next_attempt_at")
        if due is not None:
            pauses.append((due - world.clock.now()).total_seconds())
            world.clock.at = due
    planned = [5, 30, 120, 300, 1800, 7200, 18000, 36000, 36000]
    assert all(0.8 * plan <= pause <= 1.2 * plan for plan, pause in zip(planned, pauses, strict=True))
    assert await world.statuses() == ["exhausted"]
    events = [subject.split(".")[2] for subject in await world.published()]
    assert events == ["raised", *["failed"] * 9, "exhausted"]


async def test_a_receiver_that_comes_back_gets_the_alert_under_the_same_id(store: Database) -> None:
    sender = ScriptedSender(DOWN, DOWN, OK)
    world = World(store, make_subscriber(), sender=sender)
    await world.tell(make_signal(1))
    for _ in range(3):
        await world.send_all()
        world.clock.advance(3600)
    assert await world.statuses() == ["delivered"]
    assert len({message.headers["webhook-id"] for message in sender.sent}) == 1
    assert len({message.body for message in sender.sent}) == 1


async def test_a_throttled_subscriber_waits_with_all_its_deliveries_and_nobody_else_does(store: Database) -> None:
    world = World(store, make_subscriber("slow"), sender=ScriptedSender(SLOW_DOWN, OK))
    await world.tell(make_signal(1))
    assert await world.send_all() == 1
    world.people["other"] = make_subscriber("other")
    await world.tell(make_signal(2, actors=("ID",)))
    assert await world.send_all() == 1
    world.clock.advance(599)
    assert await world.send_all() == 0
    world.clock.advance(1)
    assert await world.send_all() == 2
    assert await world.statuses() == ["delivered"] * 3


async def test_gone_disables_the_subscriber_until_its_address_changes(store: Database) -> None:
    world = World(store, make_subscriber(), sender=ScriptedSender(GONE, OK))
    await world.tell(make_signal(1))
    await world.send_all()
    await world.tell(make_signal(2, actors=("ID",)))
    assert await world.statuses() == ["held", "held"]
    await world.dispatcher.reconcile()
    assert await world.send_all() == 0
    world.people["desk"] = make_subscriber("desk", url="https://new.example/hook")
    await world.dispatcher.reconcile()
    assert await world.send_all() == 2
    assert await world.statuses() == ["delivered", "delivered"]


async def test_what_was_held_gets_a_fresh_schedule_at_the_new_address(store: Database) -> None:
    world = World(store, make_subscriber(), sender=ScriptedSender(*[DOWN] * 9, GONE, DOWN))
    await world.tell(make_signal(1))
    for _ in range(10):
        await world.send_all()
        world.clock.advance(50_000)
    assert await world.statuses() == ["held"]
    world.people["desk"] = make_subscriber("desk", url="https://new.example/hook")
    await world.dispatcher.reconcile()
    assert await world.send_all() == 1
    [due] = await world.rows(tables.deliveries, "next_attempt_at")
    assert due - world.clock.now() < timedelta(seconds=7)


async def test_an_old_delivery_that_fails_holds_the_newest_alert_for_two_minutes_at_most(store: Database) -> None:
    world = World(store, make_subscriber(), sender=ScriptedSender(*[BAD_GATEWAY] * 7, OK))
    await world.tell(make_signal(1))
    for _ in range(7):
        assert await world.send_all() == 1
        [due] = await world.rows(tables.deliveries, "next_attempt_at")
        failed, world.clock.at = world.clock.at, due
    world.clock.at = failed
    await world.tell(make_signal(2, actors=("ID",)))
    world.clock.advance(121)
    assert await world.send_all() == 1
    assert (await world.rows(tables.deliveries, "status", "attempts"))[0] == ("delivered", 1)


async def test_a_shorter_hold_does_not_end_a_longer_one(store: Database) -> None:
    sender = ScriptedSender(SLOW_DOWN, BAD_GATEWAY)
    world = World(store, make_subscriber(), sender=sender)
    await world.tell(make_signal(1), make_signal(2, actors=("ID",)))
    assert await world.dispatcher.step() == 2
    await world.dispatcher.settle()
    assert await world.rows(tables.subscribers, "hold_until") == [NOW + timedelta(seconds=600)]


async def test_a_success_does_not_end_a_hold_that_was_asked_for_meanwhile(store: Database) -> None:
    world = World(store, make_subscriber(), sender=ScriptedSender(SLOW_DOWN, OK))
    await world.tell(make_signal(1), make_signal(2, actors=("ID",)), make_signal(3, actors=("MY",)))
    room = {"desk": 2}
    tasks = await world.deliveries.claim(NOW, owner="a", room=room, limit=2)
    for task in tasks:
        world.dispatcher._begin(task, world.people["desk"])
    await world.dispatcher.settle()
    assert sorted(await world.statuses()) == ["delivered", "waiting", "waiting"]
    assert await world.send_all() == 0
    world.clock.advance(600)
    assert await world.send_all() == 2
    assert await world.rows(tables.subscribers, "hold_until") == []


async def test_a_hold_ends_when_the_address_changes(store: Database) -> None:
    world = World(store, make_subscriber(), sender=ScriptedSender(SLOW_DOWN, OK))
    await world.tell(make_signal(1))
    await world.send_all()
    await world.tell(make_signal(2, actors=("ID",)))
    assert await world.send_all() == 0
    world.people["desk"] = make_subscriber("desk", url="https://new.example/hook")
    await world.dispatcher.reconcile()
    assert await world.send_all() == 1


async def test_deliveries_of_a_removed_subscriber_are_given_up_after_five_days(store: Database) -> None:
    people = make_subscriber("desk"), make_subscriber("left")
    world = World(store, *people, sender=ScriptedSender(DOWN))
    await world.tell(make_signal(1))
    del world.people["left"]
    world.clock.advance(GIVE_UP.total_seconds() - 1)
    await world.dispatcher.reconcile()
    assert await world.statuses() == ["waiting", "waiting"]
    world.clock.advance(1)
    await world.dispatcher.reconcile()
    found = await world.rows(tables.deliveries, "subscriber_id", "status", "detail")
    assert found == [("desk", "waiting", ""), ("left", "exhausted", "no such subscriber any more")]
    world.people["left"] = people[1]
    assert await world.send_all() == 1


async def test_a_manual_retry_that_succeeds_enables_a_disabled_subscriber(store: Database) -> None:
    world = World(store, make_subscriber(), sender=ScriptedSender(GONE, OK))
    await world.tell(make_signal(1))
    await world.send_all()
    await world.tell(make_signal(2, actors=("ID",)))
    held = [
        name for name, outcome in await world.rows(tables.deliveries, "delivery_id", "outcome") if outcome == "gone"
    ]
    assert await world.deliveries.retry(held[0], NOW) == Status.HELD
    assert await world.send_all() == 2
    assert await world.statuses() == ["delivered", "delivered"]


async def test_a_manual_retry_begins_a_fresh_schedule(store: Database) -> None:
    world = World(store, make_subscriber(), sender=ScriptedSender(DOWN))
    await world.tell(make_signal(1))
    for _ in range(10):
        await world.send_all()
        world.clock.advance(50_000)
    [name] = await world.rows(tables.deliveries, "delivery_id")
    assert await world.deliveries.retry(name, world.clock.now()) == Status.EXHAUSTED
    await world.send_all()
    assert await world.statuses() == ["waiting"]
    assert await world.rows(tables.deliveries, "attempts") == [11]


async def test_a_delivered_delivery_is_not_sent_again_by_hand(store: Database) -> None:
    world = World(store, make_subscriber())
    await world.tell(make_signal(1))
    await world.send_all()
    [name] = await world.rows(tables.deliveries, "delivery_id")
    assert await world.deliveries.retry(name, NOW) == Status.DELIVERED
    assert await world.deliveries.retry("delivery_unknown", NOW) is None
    assert await world.send_all() == 0


async def test_a_waiting_revision_is_dropped_for_the_newer_one(store: Database) -> None:
    world = World(store, make_subscriber())
    await world.tell(make_signal(1), make_signal(2, stage="in_force"))
    assert await world.statuses() == ["superseded", "waiting"]
    assert await world.send_all() == 1


async def test_a_revision_that_fails_while_a_newer_one_waits_is_dropped(store: Database) -> None:
    sender = ScriptedSender(DOWN, OK)
    sender.gates["https://desk.example/hook"] = asyncio.Event()
    world = World(store, make_subscriber(), sender=sender)
    await world.tell(make_signal(1))
    await world.dispatcher.step()
    await world.tell(make_signal(2, stage="in_force"))
    sender.gates["https://desk.example/hook"].set()
    await world.dispatcher.settle()
    await world.send_all()
    assert await world.statuses() == ["superseded", "delivered"]


async def test_a_revision_whose_sender_died_is_not_sent_after_a_newer_one(store: Database) -> None:
    world = World(store, make_subscriber())
    await world.tell(make_signal(1))
    await world.deliveries.claim(NOW, owner="died", room={"desk": 4}, limit=9)
    await world.tell(make_signal(2, stage="in_force"))
    assert await world.send_all() == 1
    world.clock.advance(LEASE.total_seconds())
    assert await world.send_all() == 0
    assert await world.statuses() == ["superseded", "delivered"]
    [stale, _] = await world.rows(tables.deliveries, "revision", "delivery_id")
    assert await world.deliveries.retry(stale[1], world.clock.now()) == Status.SUPERSEDED
    assert await world.send_all() == 0


async def test_an_exhausted_revision_is_not_sent_by_hand_when_there_is_a_newer_one(store: Database) -> None:
    world = World(store, make_subscriber(), sender=ScriptedSender(*[DOWN] * 10, OK))
    await world.tell(make_signal(1))
    for _ in range(10):
        await world.send_all()
        world.clock.advance(50_000)
    await world.tell(make_signal(2, hours=90, stage="in_force"))
    [old, _] = await world.rows(tables.deliveries, "revision", "delivery_id", "status")
    assert old[2] == "exhausted"
    assert await world.deliveries.retry(old[1], world.clock.now()) == Status.SUPERSEDED
    assert await world.send_all() == 1


async def test_a_story_is_found_among_many_of_the_same_state(store: Database) -> None:
    world = World(store)
    others = [f"metal_{n}" for n in range(60)]
    await world.tell(make_signal(0), *(make_signal(n, hours=1, commodities=(it,)) for n, it in enumerate(others, 1)))
    await world.tell(make_signal(99, hours=2, measure="export_ban"))
    assert world.meter.decisions == {"new_story": 61, "corroborated": 1}


async def test_a_numbered_instrument_is_found_months_later(store: Database) -> None:
    number = {"number": "61 of 2026", "authority": "MOFCOM"}
    world = World(store)
    await world.tell(make_signal(1, instrument=number))
    await world.tell(make_signal(2, hours=24 * 200, instrument=number, commodities=("tungsten",), tier=3))
    await world.tell(make_signal(3, hours=24 * 200, commodities=("tungsten",)))
    assert world.meter.decisions == {"new_story": 2, "corroborated": 1}


async def test_who_was_told_of_a_ban_hears_of_its_suspension(store: Database) -> None:
    bans_only = make_subscriber("bans", direction=frozenset({"tighten"}))
    world = World(store, bans_only, make_subscriber("late", stage=frozenset({"suspended"})))
    await world.tell(make_signal(1))
    await world.send_all()
    await world.tell(make_signal(2, hours=1, stage="suspended", direction="ease"))
    found = await world.rows(tables.deliveries, "subscriber_id", "revision", "status")
    assert found == [("bans", 1, "delivered"), ("bans", 2, "waiting"), ("late", 2, "waiting")]


async def test_gated_signals_are_noted_with_their_reason(store: Database) -> None:
    world = World(store, make_subscriber())
    await world.tell(make_signal(1, published=NOW - timedelta(days=12)), make_signal(2, published=None))
    assert await world.rows(tables.signals, "signal_id", "story_id", "reason") == [
        ("signal_1", None, "too_old"),
        ("signal_2", None, "undated"),
    ]
    assert await world.published() == []


async def test_news_that_waited_in_a_backlog_is_told_late(store: Database) -> None:
    world = World(store, make_subscriber())
    world.clock.advance(9 * 24 * 3600)
    await world.tell(make_signal(1))
    assert world.meter.decisions == {"new_story": 1}


async def test_a_failed_transaction_leaves_nothing(store: Database) -> None:
    world = World(store, make_subscriber())
    world.people["broken"] = object()  # type: ignore[assignment]
    with pytest.raises(AttributeError):
        await world.tell(make_signal(1))
    del world.people["broken"]
    await world.tell(make_signal(1))
    assert await world.statuses() == ["waiting"]
    assert len(await world.published()) == 1
