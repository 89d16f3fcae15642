"""A consumer that pulls: the window, the answers, and an orderly end."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from prometheus_client import REGISTRY

from services.operate.dead import letters
from services.operate.stream import Start
from shared.clock import SystemClock
from shared.errors import PermanentError, TransientError
from shared.pull.consumer import MAX_BYTES
from tests.kit.nats import NatsServer
from tests.kit.wait import until
from tests.shared.pull.conftest import Bench, Record, names

MANY = 20_000


async def test_no_more_than_the_window_is_ever_in_hand(bench: Bench) -> None:
    most, gate = 0, asyncio.Semaphore(0)

    async def step(_name: str) -> None:
        nonlocal most
        most = max(most, pull.in_hand, (await bench.info()).num_ack_pending or 0)
        await gate.acquire()

    record = Record(step)
    pull = await bench.start(record, window=8)
    await bench.store(names(40))
    await until(lambda: len(record.names) == 8)
    assert (await bench.info()).num_pending == 32
    for _ in range(40):
        gate.release()
    await until(bench.settled)
    assert most == 8
    assert sorted(record.names) == sorted(names(40))


async def test_large_messages_are_bounded_by_their_bytes(bench: Bench) -> None:
    gate, body = asyncio.Event(), b"x" * 900_000
    record = Record(lambda _name: gate.wait())
    pull = await bench.start(record, window=256)
    await bench.store(names(40), body)
    await until(lambda: pull.in_hand >= 9)
    info = await bench.info()
    assert (info.num_ack_pending or 0) * len(body) <= MAX_BYTES
    gate.set()
    await until(bench.settled)
    assert sorted(record.names) == sorted(names(40))


async def test_twenty_thousand_messages_go_through_once_each(bench: Bench, nats_process: NatsServer) -> None:
    await nats_process.stop()
    nats_process.relax()
    await nats_process.start()
    record = Record()
    await until(lambda: bench.broker.is_connected)
    await bench.start(record, window=256)
    await bench.store(names(MANY))
    await until(bench.settled, seconds=30)
    assert Counter(record.names) == Counter(names(MANY))


async def test_messages_that_waited_before_the_start_go_through_once_each(bench: Bench) -> None:
    record = Record()
    await bench.store(names(2_000))
    await bench.start(record, window=64)
    await until(bench.settled, seconds=30)
    assert Counter(record.names) == Counter(names(2_000))


async def test_replicas_share_the_work(bench: Bench) -> None:
    records = [Record(), Record()]
    for record in records:
        await bench.start(record, window=4)
    await bench.store(names(400))
    await until(bench.settled)
    assert sorted(records[0].names + records[1].names) == sorted(names(400))
    assert all(record.names for record in records)


async def test_a_message_that_takes_longer_than_ack_wait_is_given_out_once(bench: Bench) -> None:
    consumer, gate = await bench.impatient(0.6), asyncio.Event()
    record = Record(lambda _name: gate.wait())
    await bench.start(record, consumer=consumer)
    await bench.store(["slow"])
    await until(lambda: record.names)
    loop = asyncio.get_running_loop()
    end = loop.time() + 2.0
    await until(lambda: loop.time() > end)  # more than three times ack_wait
    delivered = (await bench.info(consumer)).delivered
    gate.set()
    assert delivered is not None
    assert delivered.consumer_seq == 1
    await until(lambda: bench.settled(consumer))
    assert record.names == ["slow"]


async def test_what_a_dead_replica_had_in_hand_goes_to_another(bench: Bench) -> None:
    consumer = await bench.impatient(0.5)
    gate = asyncio.Event()
    dead, alive = Record(lambda _name: gate.wait()), Record()
    first = await bench.start(dead, consumer=consumer, window=8)
    await bench.store(names(8))
    await until(lambda: first.in_hand == 8)
    await bench.lose(first)
    await bench.start(alive, consumer=consumer, window=8)
    await until(lambda: bench.settled(consumer))
    gate.set()
    assert sorted(alive.names) == sorted(names(8))


async def test_a_passing_failure_is_tried_again_until_it_works(bench: Bench) -> None:
    async def step(_name: str) -> None:
        if len(record.names) < 3:
            raise TransientError("busy", retry_after=0.01)

    record = Record(step)
    await bench.start(record)
    await bench.store(["one"])
    await until(lambda: len(record.names) == 3)
    await until(bench.settled)


@pytest.mark.parametrize("at_once", [True, False])
async def test_what_can_never_work_is_buried_once_and_stops_nothing(bench: Bench, at_once: bool) -> None:
    class Picky(Record):
        def __call__(self, message):
            super().__call__(message)
            bad = self.names[-1].startswith("bad")
            if bad and at_once:
                raise PermanentError("made_up", "because")
            return self._refuse() if bad else None

        async def _refuse(self) -> None:
            raise PermanentError("made_up", "because")

    started, record = SystemClock().now(), Picky()
    await bench.start(record)
    await bench.store([*names(20), *names(5, "bad"), *names(20, "later")])
    await until(bench.settled)
    found = [letter async for letter in letters(bench.js, Start(started))]
    assert [letter.reason for letter in found] == ["made_up"] * 5
    assert Counter(record.names) == Counter([*names(20), *names(5, "bad"), *names(20, "later")])


async def test_outcomes_are_counted_by_durable(bench: Bench) -> None:
    def counted(outcome: str) -> float:
        labels = {"consumer": "classify", "outcome": outcome}
        return REGISTRY.get_sample_value("orewire_messages_total", labels) or 0.0

    async def step(name: str) -> None:
        if name == "bad":
            raise PermanentError("made_up")

    before = {outcome: counted(outcome) for outcome in ("done", "buried")}
    await bench.start(Record(step))
    await bench.store(["good", "bad"])
    await until(bench.settled)
    await until(lambda: counted("done") == before["done"] + 1)
    await until(lambda: counted("buried") == before["buried"] + 1)


async def test_stopping_finishes_what_is_in_hand_and_leaves_the_rest_to_others(bench: Bench) -> None:
    gate, other = asyncio.Event(), Record()
    record = Record(lambda _name: gate.wait())
    pull = await bench.start(record, window=8)
    await bench.store(names(30))
    await until(lambda: len(record.names) == 8)
    stopping = asyncio.create_task(pull.stop())
    await until(lambda: stopping.done() or pull.in_hand == 8)
    gate.set()
    await stopping
    assert pull.in_hand == 0
    await until(lambda: _all_answered(bench), seconds=20)
    assert (await bench.info()).num_pending == 30 - len(record.names)
    with pytest.raises(TransientError):
        pull.check()
    await bench.start(other)
    await until(bench.settled)
    assert Counter(record.names + other.names) == Counter(names(30))


async def _all_answered(bench: Bench) -> bool:
    return (await bench.info()).num_ack_pending == 0


async def test_stopping_under_load_strands_nothing(bench: Bench) -> None:
    first, second = Record(), Record()
    await bench.store(names(1_500))
    pull = await bench.start(first, window=64)
    await until(lambda: len(first.names) > 500)
    await pull.stop()
    await until(lambda: _all_answered(bench), seconds=20)  # the server reads acknowledgements at its leisure
    assert (await bench.info()).num_pending == 1_500 - len(first.names)
    await bench.start(second)
    await until(bench.settled)
    assert Counter(first.names + second.names) == Counter(names(1_500))


async def test_a_header_that_looks_like_the_servers_word_is_a_message_like_any_other(bench: Bench) -> None:
    record = Record()
    await bench.start(record)
    await bench.js.publish("orewire.article.collected.test", b"", headers={"Status": "503", "name": "sly"})
    await until(lambda: record.names == ["sly"])
    await until(bench.settled)
