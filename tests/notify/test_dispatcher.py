"""The loop that sends, on a real database and real HTTP receivers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from services.notify.adapters import tables
from services.notify.adapters.deliveries import LEASE, SqlDeliveries
from services.notify.adapters.sender import HttpSender
from services.notify.slots import MAX_EACH, Slots
from shared.db import Database, open_database
from shared.errors import TransientError
from shared.http import HttpClient
from tests.kit.wait import until
from tests.notify.builders import make_signal
from tests.notify.fakes import FrozenClock
from tests.notify.receiver import HANG, OK, receiving, status
from tests.notify.world import World, make_subscriber


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Database]:
    database = open_database(f"sqlite:///{tmp_path}/notify.db")
    async with database.engine.begin() as connection:
        await connection.run_sync(tables.metadata.create_all)
    yield database
    await database.close()


@asynccontextmanager
async def running(world: World) -> AsyncIterator[None]:
    """The dispatcher's loop beside the test."""
    async with HttpClient(allow_networks=("127.0.0.0/8",), concurrency=256) as client:
        world.dispatcher._sender = HttpSender(client, FrozenClock())
        loop = asyncio.create_task(world.dispatcher.run())
        try:
            yield
        finally:
            loop.cancel()
            with suppress(asyncio.CancelledError):
                await loop


async def _tell(world: World, count: int) -> None:
    for n in range(count):
        await world.tell(make_signal(n, actors=(f"Q{n:02}",)))
        world.dispatcher.wake()


async def test_a_committed_alert_is_sent_without_waiting_for_the_poll(store: Database) -> None:
    async with receiving(OK) as receiver:
        world = World(store, make_subscriber(url=receiver.url))
        async with running(world):
            await until(lambda: world.dispatcher._wake.is_set() is False)
            await _tell(world, 1)
            await until(lambda: receiver.requests, seconds=0.9)
            await until(lambda: world.meter.arrived)
    assert json.loads(receiver.requests[0].body)["data"]["story_id"]
    assert await world.statuses() == ["delivered"]


async def test_a_receiver_that_hangs_delays_nobody_else(store: Database) -> None:
    async with receiving(HANG) as stuck, receiving(OK) as good:
        world = World(store, make_subscriber("stuck", url=stuck.url), make_subscriber("good", url=good.url))
        async with running(world):
            await _tell(world, 20)
            await until(lambda: len(good.requests) == 20, seconds=5)
            assert len(stuck.requests) <= MAX_EACH
            for task in world.dispatcher._running:
                task.cancel()


async def test_every_kind_of_bad_receiver_ends_in_its_own_status(store: Database) -> None:
    async with (
        receiving(status(500)) as broken,
        receiving(status(429, retry_after="30")) as busy,
        receiving(status(410)) as gone,
        receiving(status(301, location="http://127.0.0.1:1/")) as moved,
        receiving(OK) as good,
    ):
        urls = {"broken": broken.url, "busy": busy.url, "gone": gone.url, "moved": moved.url, "good": good.url}
        world = World(store, *(make_subscriber(name, url=url) for name, url in urls.items()))
        async with running(world):
            await _tell(world, 1)
            await until(lambda: sum(world.meter.outcomes.values()) == 5)
    found = await world.rows(tables.deliveries, "subscriber_id", "status", "outcome")
    assert found == [
        ("broken", "waiting", "server_error"),
        ("busy", "waiting", "throttled"),
        ("gone", "held", "gone"),
        ("good", "delivered", "delivered"),
        ("moved", "waiting", "redirected"),
    ]


async def test_a_channel_that_breaks_is_a_failed_attempt_and_stops_nobody(store: Database) -> None:
    async with receiving(OK) as good:
        world = World(store, make_subscriber("broken"), make_subscriber("good", url=good.url))
        broken = world.people["broken"]
        object.__setattr__(broken, "settings", None)
        async with running(world):
            await _tell(world, 1)
            await until(lambda: sum(world.meter.outcomes.values()) == 2)
    found = await world.rows(tables.deliveries, "subscriber_id", "status", "detail")
    assert found[0] == ("broken", "waiting", "message could not be composed: AttributeError")
    assert found[1][1] == "delivered"


async def test_a_database_that_is_away_does_not_lose_the_attempt(store: Database) -> None:
    async with receiving(status(500), OK) as receiver:
        world = World(store, make_subscriber(url=receiver.url))
        async with running(world):
            await _tell(world, 1)
            await until(lambda: world.meter.outcomes["server_error"])
            world.clock.advance(10)
            world.dispatcher.wake()
            await until(lambda: world.meter.arrived)
    ids = {request.headers["webhook-id"] for request in receiver.requests}
    assert len(receiver.requests) == 2
    assert len(ids) == 1


class _Flaky:
    """Deliveries in SQL whose database goes away for one call now and then."""

    def __init__(self, inner: SqlDeliveries, **failing: int) -> None:
        self._inner, self._failing = inner, failing
        self.failures: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if self._failing.get(name, 0) > 0:
            self._failing[name] -= 1
            self.failures.append(name)
            raise TransientError("database: gone for a moment")
        return getattr(self._inner, name)


async def test_a_claim_that_fails_leaves_what_is_under_way_alone(store: Database) -> None:
    async with receiving(OK) as good, receiving(HANG) as slow:
        world = World(store, make_subscriber("good", url=good.url), make_subscriber("slow", url=slow.url))
        async with running(world):
            await _tell(world, 1)
            await until(lambda: slow.requests and world.meter.arrived)
            [under_way] = world.dispatcher._running
            flaky = _Flaky(world.deliveries, claim=2)
            world.dispatcher._deliveries = flaky  # type: ignore[assignment]
            world.dispatcher.wake()
            await until(lambda: len(flaky.failures) == 2)
            await _tell(world, 2)
            await until(lambda: world.meter.arrived == 2)
            assert not under_way.done()
            for task in world.dispatcher._running:
                task.cancel()


async def test_the_end_of_an_attempt_is_written_when_the_database_is_back(store: Database) -> None:
    async with receiving(OK) as receiver:
        world = World(store, make_subscriber(url=receiver.url))
        flaky = _Flaky(world.deliveries, finish=2)
        world.dispatcher._deliveries = flaky  # type: ignore[assignment]
        async with running(world):
            await _tell(world, 1)
            await until(lambda: world.meter.arrived)
    assert flaky.failures == ["finish", "finish"]
    assert len(receiver.requests) == 1
    assert await world.statuses() == ["delivered"]


async def test_the_end_of_an_attempt_is_not_written_after_its_lease(store: Database) -> None:
    async with receiving(OK) as receiver:
        world = World(store, make_subscriber(url=receiver.url))
        flaky = _Flaky(world.deliveries, finish=99)
        world.dispatcher._deliveries = flaky  # type: ignore[assignment]
        async with running(world):
            await _tell(world, 1)
            await until(lambda: flaky.failures)
            world.clock.advance(LEASE.total_seconds())
            await until(lambda: not world.dispatcher._running)
    assert await world.statuses() == ["waiting"]


def test_slots_give_each_subscriber_its_own_slots() -> None:
    slots, intervals = Slots(), {"a": 0.0, "b": 0.0, "paced": 1.0}
    assert slots.room(intervals, 0.0) == {"a": MAX_EACH, "b": MAX_EACH, "paced": 1}
    for _ in range(MAX_EACH):
        slots.enter("a")
    assert slots.room(intervals, 0.0) == {"b": MAX_EACH, "paced": 1}
    assert slots.leave("a", good=False, interval=0.0, now=0.0)
    assert "a" not in slots.room(intervals, 0.0)
    for _ in range(MAX_EACH - 1):
        slots.leave("a", good=False, interval=0.0, now=0.0)
    assert slots.room(intervals, 0.0)["a"] == 1
    slots.enter("a")
    slots.leave("a", good=True, interval=0.0, now=0.0)
    assert slots.room(intervals, 0.0)["a"] == MAX_EACH


def test_a_paced_channel_rests_between_two_messages() -> None:
    slots, intervals = Slots(), {"slack": 1.0}
    slots.enter("slack")
    assert slots.room(intervals, 5.0) == {}
    slots.leave("slack", good=True, interval=1.0, now=5.0)
    assert slots.room(intervals, 5.9) == {}
    assert slots.room(intervals, 6.0) == {"slack": 1}
