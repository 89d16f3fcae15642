"""A consumer that pulls, while NATS stops, dies, freezes, or loses the durable."""

from __future__ import annotations

import asyncio
import signal

import pytest

from shared.errors import TransientError
from shared.provision import provision
from shared.streams import CLASSIFY
from tests.kit.nats import NatsServer
from tests.kit.wait import until
from tests.shared.pull.conftest import Bench, Record, names

COUNT = 2_000


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_a_restart_of_nats_under_load_loses_and_strands_nothing(
    bench: Bench, nats_process: NatsServer, number: int
) -> None:
    async def step(_name: str) -> None:
        await asyncio.sleep(0)

    record, consumer = Record(step), await bench.impatient(2.0)
    pull = await bench.start(record, consumer=consumer, window=64)
    storing = asyncio.create_task(bench.store(names(COUNT)))
    for share in (1, 2):
        await until(lambda reached=share: len(record.names) > reached * COUNT // 4)
        await nats_process.stop(number)
        await nats_process.start()
    await storing
    await until(lambda: set(record.names) == set(names(COUNT)), seconds=40)
    await until(lambda: bench.settled(consumer), seconds=40)
    await until(lambda: pull.in_hand == 0)
    await bench.store(["after"])
    await until(lambda: "after" in record.names, seconds=5)


async def test_a_server_that_froze_for_a_while_is_asked_anew(bench: Bench, nats_process: NatsServer) -> None:
    record = Record()
    await bench.start(record)
    await bench.store(["before"])
    loop = asyncio.get_running_loop()
    nats_process.signal(signal.SIGSTOP)
    end = loop.time() + 4.0
    await until(lambda: loop.time() > end)  # longer than a silence that makes the consumer give a request up
    nats_process.signal(signal.SIGCONT)
    await bench.store(names(50))
    await until(lambda: set(record.names) == {"before", *names(50)})
    await until(bench.settled)


async def test_a_deleted_durable_is_told_without_spinning_and_comes_back(bench: Bench) -> None:
    record = Record()
    pull = await bench.start(record)
    await bench.js.delete_consumer(CLASSIFY.stream, CLASSIFY.durable)
    await until(lambda: _refused(pull))
    client = bench.clients[pull].client()
    sent, loop = client.stats["out_msgs"], asyncio.get_running_loop()
    end = loop.time() + 2.0
    await until(lambda: loop.time() > end)  # the time in which requests are counted
    assert client.stats["out_msgs"] - sent <= 6
    assert _refused(pull)
    await provision(bench.js)
    await until(lambda: not _refused(pull))
    await bench.store(["after"])
    await until(lambda: record.names == ["after"])


def _refused(pull) -> bool:
    try:
        pull.check()
    except TransientError as error:
        return "refuses" in str(error)
    return False
