"""How sources are doing: what counts as unusual, who is told, and what people see."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import nats
import pytest
from sqlalchemy import update

from services.ingest.adapters.leases import SqlSourceStates
from services.ingest.adapters.tables import sources
from services.ingest.found import Found, Origin
from services.ingest.health import FAILURES, History, diagnose, usual_gap, went_well
from services.ingest.polling import LEASE, LOST, Poll, PollReport
from services.ingest.ports import Lease, Reach
from services.ingest.source import ConfiguredSource, Cursor, Polled
from shared.db import Database
from shared.errors import TransientError
from shared.events import Event, SourceRecovered, SourceUnhealthy, Trouble
from shared.publish import JetStreamPublisher, NatsConnection
from tests.ingest.conftest import NOW, Desk, transient
from tests.kit.wait import until

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OFFICE_WEEK = [3600] * 45 + [15 * 3600] * 4 + [63 * 3600]
"""Gaps of a source that publishes hourly from nine to six on working days."""


class Told(ConfiguredSource):
    """A source that does what it is told."""

    def __init__(self) -> None:
        super().__init__(id="wire", type="told", interval=HOUR)

    async def poll(self, cursor: Cursor, reach: Reach) -> Polled:
        return await WIRES[-1](cursor, reach)


class Wire:
    """What `Told` does."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.news: list[str] = []
        self.gate: asyncio.Event | None = None
        self.polls = 0

    async def __call__(self, cursor: Cursor, reach: Reach) -> Polled:
        self.polls += 1
        if self.gate:
            await self.gate.wait()
        if self.error:
            raise self.error
        return Polled(tuple(Found(title=words, text=words) for words in self.news))


WIRES: list[Wire] = []


@pytest.fixture
def wire() -> Wire:
    WIRES.append(Wire())
    return WIRES[-1]


class NoErrand:
    requests = 0
    fresh_for = None

    async def __call__(self, url: str, **_: Any) -> None:
        raise AssertionError("this source fetches nothing")


def make_poll(desk: Desk, database: Database, **settings: Any) -> Poll:
    nothing: Any = None
    return Poll(
        states=SqlSourceStates(database), collect=desk.collect(), reach=Reach(nothing, nothing, nothing),
        errand=NoErrand, publisher=desk.publisher, origin_of=Origin, clock=desk.clock, chance=lambda: 0.0,
        **settings,
    )  # fmt: skip


def told(desk: Desk) -> list[Event]:
    return [event for event in desk.publisher.events.values() if isinstance(event, SourceUnhealthy | SourceRecovered)]


async def next_poll(desk: Desk, poll: Poll) -> PollReport:
    report = await poll.run(Told())
    assert report.polled
    desk.clock.time = report.next_look
    return report


@pytest.mark.parametrize(
    ("gaps", "usual"),
    [
        ([], None),
        ([60] * 4, None),
        ([60] * 5, 60),
        ([60] * 20 + [61], 60),
        ([0, 0, 0, 0, 0], 0),
        (OFFICE_WEEK, 63 * 3600),
        (OFFICE_WEEK[:40], 3600),
    ],
)
def test_the_usual_gap_is_weighed_by_time(gaps: list[int], usual: int | None) -> None:
    assert usual_gap(gaps) == (None if usual is None else timedelta(seconds=usual))


def test_gaps_are_counted_between_polls_that_brought_something_new() -> None:
    history = History()
    for hour, new in enumerate([True, False, False, True, True]):
        history = went_well(history, at=NOW + hour * HOUR, new=new)
    assert (history.gaps, history.last_new_at, history.last_ok_at) == ((10_800, 3600), NOW + 4 * HOUR, NOW + 4 * HOUR)
    for hour in range(100):
        history = went_well(history, at=NOW + (10 + hour) * HOUR, new=True)
    assert len(history.gaps) == 50


@pytest.mark.parametrize(
    ("silence", "options", "trouble"),
    [
        (3 * HOUR, {}, None),
        (3 * HOUR + timedelta(seconds=1), {}, Trouble.SILENT),
        (30 * HOUR, {"silent_after": 2 * DAY}, None),
        (3 * DAY, {"silent_after": 2 * DAY}, Trouble.SILENT),
        (HOUR, {"failures": FAILURES - 1}, None),
        (HOUR, {"failures": FAILURES}, Trouble.FAILING),
        (30 * HOUR, {"failures": FAILURES}, Trouble.FAILING),
    ],
)
def test_when_a_source_is_unhealthy(silence: timedelta, options: dict[str, Any], trouble: Trouble | None) -> None:
    settings = {"failures": 0, "silent_after": None} | options
    history = History(NOW, NOW, (3600,) * 10)
    found = diagnose(history, now=NOW + silence, error="HTTP 503", **settings)
    assert found.trouble is trouble
    assert bool(found.why) == bool(trouble)


async def test_a_source_that_fails_three_times_is_told_of_once_and_again_when_it_is_well(
    desk: Desk, sqlite: Database, wire: Wire
) -> None:
    poll = make_poll(desk, sqlite)
    wire.error = TransientError("HTTP 503")
    await next_poll(desk, poll)
    await next_poll(desk, poll)
    assert told(desk) == []
    waits = []
    for _ in range(6):
        before = desk.clock.now()
        await next_poll(desk, poll)
        waits.append(desk.clock.now() - before)
    [unhealthy] = told(desk)
    assert isinstance(unhealthy, SourceUnhealthy)
    assert (unhealthy.subject, unhealthy.trouble) == ("orewire.source.unhealthy.wire", Trouble.FAILING)
    assert unhealthy.why == "3 polls in a row failed: HTTP 503"
    assert waits == [8 * HOUR, 16 * HOUR, DAY, DAY, DAY, DAY], "never given up, only slowed to daily"
    wire.error = None
    await next_poll(desk, poll)
    await next_poll(desk, poll)
    recovered = told(desk)[-1]
    assert isinstance(recovered, SourceRecovered)
    assert (recovered.subject, recovered.since, len(told(desk))) == ("orewire.source.recovered.wire", unhealthy.at, 2)


async def test_the_event_is_on_the_stream_of_sources_once_even_if_told_twice(
    desk: Desk, sqlite: Database, wire: Wire, nats_url: str
) -> None:
    client = await nats.connect(nats_url)
    desk.publisher = JetStreamPublisher(NatsConnection(client), service="ingest")  # type: ignore[assignment]
    poll = make_poll(desk, sqlite)
    wire.error = TransientError("HTTP 503")
    for _ in range(4):
        await next_poll(desk, poll)
    async with sqlite.begin() as connection:  # as if it had crashed between telling and settling
        await connection.execute(update(sources).values(trouble=None))
    await next_poll(desk, poll)
    js = client.jetstream()
    state = (await js.stream_info("ORE_SOURCES")).state
    message = await js.get_msg("ORE_SOURCES", 1)
    await client.close()
    assert (state.messages, message.subject) == (1, "orewire.source.unhealthy.wire")
    assert SourceUnhealthy.model_validate_json(message.data or b"").trouble is Trouble.FAILING


async def test_a_source_that_falls_silent_is_told_of(desk: Desk, sqlite: Database, wire: Wire) -> None:
    poll = make_poll(desk, sqlite)
    for number in range(8):
        wire.news = [f"Notice {number}"]
        await next_poll(desk, poll)
    for _ in range(3):
        await next_poll(desk, poll)
    assert told(desk) == []
    await next_poll(desk, poll)
    [silent] = told(desk)
    assert isinstance(silent, SourceUnhealthy)
    assert (silent.trouble, silent.why) == (Trouble.SILENT, "nothing new for 4 h, its usual gap is 60 min")
    wire.news = ["Notice 9"]
    await next_poll(desk, poll)
    assert isinstance(told(desk)[-1], SourceRecovered)


async def test_what_cannot_be_told_now_is_told_after_the_next_poll(desk: Desk, sqlite: Database, wire: Wire) -> None:
    poll = make_poll(desk, sqlite)
    wire.error = TransientError("HTTP 503")
    desk.publisher.fails = lambda _: transient("no NATS")
    for _ in range(4):
        await next_poll(desk, poll)
    assert told(desk) == []
    desk.publisher.fails = lambda _: None
    await next_poll(desk, poll)
    assert len(told(desk)) == 1


async def test_our_own_trouble_is_not_a_sources(desk: Desk, sqlite: Database, wire: Wire) -> None:
    poll = make_poll(desk, sqlite)
    wire.news = ["Notice"]
    desk.publisher.fails = lambda _: transient("no NATS")
    for _ in range(5):
        await next_poll(desk, poll)
    state = (await SqlSourceStates(sqlite).look(["wire"]))["wire"]
    assert (state.failures, state.pace, state.last_error) == (0, "postponed", "no NATS")


async def test_who_lost_the_lease_stops_and_settles_nothing(desk: Desk, sqlite: Database, wire: Wire) -> None:
    poll = make_poll(desk, sqlite, renew=timedelta(milliseconds=20))
    wire.gate = asyncio.Event()
    slow = asyncio.create_task(poll.run(Told()))
    await until(lambda: wire.polls)
    desk.clock.advance(2 * LEASE)  # as if this replica had been frozen
    states = SqlSourceStates(sqlite)
    now = desk.clock.now()

    async def other() -> Lease | None:
        lease = await states.claim("wire", Told().fingerprint, now=desk.clock.now(), until=now + DAY)
        desk.clock.advance(2 * LEASE)
        return lease if isinstance(lease, Lease) else None

    taken = await until(other)
    report = await asyncio.wait_for(slow, 5)
    assert taken is not None
    assert (report.polled, report.error) == (False, LOST)
    state = (await states.look(["wire"]))["wire"]
    assert state.lease_until == now + DAY


async def test_a_database_that_is_locked_for_seconds_costs_no_lease(
    desk: Desk, sqlite: Database, wire: Wire, tmp_path: Path
) -> None:
    poll = make_poll(desk, sqlite, renew=timedelta(milliseconds=50))
    wire.gate = asyncio.Event()
    under_way = asyncio.create_task(poll.run(Told()))
    await until(lambda: wire.polls)
    async with sqlite.begin():  # the writer's turn is taken: renewals wait
        desk.clock.advance(LEASE - timedelta(seconds=1))
        wire.gate.set()
        await asyncio.sleep(0.3)
        assert not under_way.done()
    report = await asyncio.wait_for(under_way, 5)
    assert (report.polled, report.error) == (True, None)
