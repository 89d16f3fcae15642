"""A consumer that pulls on a real server, and what it has been given."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import nats.errors
import pytest
from nats.aio.msg import Msg
from nats.js.api import ConsumerInfo
from nats.js.client import JetStreamContext
from nats.js.errors import Error as JetStreamError

from shared.broker import Broker, make_broker
from shared.errors import TransientError
from shared.provision import consumer_config
from shared.publish import JetStreamPublisher
from shared.pull import Pull, Rest, Work
from shared.settings import RuntimeSettings
from shared.streams import CLASSIFY, Consumer
from tests.kit.wait import until

SUBJECT = "orewire.article.collected.test"
Step = Callable[[str], Awaitable[None]]


class Bench:
    """Connections and consumers on one server, ended with the test."""

    def __init__(self, url: str, exits: AsyncExitStack) -> None:
        self._url, self._exits = url, exits
        self.broker: Broker
        self.clients: dict[Pull, Broker] = {}
        """The connection of each consumer."""

    async def connect(self) -> Broker:
        """A connection as services have it: it comes back whatever happens to the server."""
        broker = make_broker(RuntimeSettings(nats_url=self._url), service="test")
        await broker.connect()
        self._exits.push_async_callback(broker.stop)
        return broker

    async def start(self, work: Work, *, consumer: Consumer = CLASSIFY, window: int = 8) -> Pull:
        """A running consumer on a connection of its own."""
        broker = await self.connect()
        bury = JetStreamPublisher(broker, service="test").publish_raw
        pull = Pull(consumer, work, bury, service="test", window=window)
        task = asyncio.create_task(pull.run(broker))

        async def end() -> None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        self._exits.push_async_callback(end)
        self.clients[pull] = broker
        await until(lambda: _asks(pull))
        return pull

    async def lose(self, pull: Pull) -> None:
        """Cut the connection of a consumer for good, as a crash does: nothing of it is answered any more."""
        await self.clients[pull].client().close()

    @property
    def js(self) -> JetStreamContext:
        """JetStream, for the test itself."""
        return self.broker.jetstream()

    async def store(self, ids: Sequence[str], body: bytes = b"{}") -> None:
        """Store messages, again and again until each is stored."""
        for start in range(0, len(ids), 200):
            await asyncio.gather(*(self._store(name, body) for name in ids[start : start + 200]))

    async def _store(self, name: str, body: bytes) -> None:
        headers = {"Nats-Msg-Id": name, "name": name}
        while True:
            try:
                await self.broker.client().jetstream().publish(SUBJECT, body, headers=headers, timeout=2)
            except (nats.errors.Error, JetStreamError, TimeoutError, TransientError):
                await asyncio.sleep(0.05)
            else:
                return

    async def info(self, consumer: Consumer = CLASSIFY) -> ConsumerInfo:
        """What the server says of the durable."""
        return await self.js.consumer_info(consumer.stream, consumer.durable)

    async def settled(self, consumer: Consumer = CLASSIFY) -> bool:
        """Whether every stored message has been answered."""
        info = await self.info(consumer)
        return info.num_pending == 0 and info.num_ack_pending == 0

    async def impatient(self, seconds: float) -> Consumer:
        """A durable whose messages are given out again after `seconds`."""
        consumer = Consumer(CLASSIFY.stream, "impatient", CLASSIFY.subject, ack_wait=timedelta(seconds=seconds))
        await self.js.add_consumer(consumer.stream, consumer_config(consumer))
        return consumer


def _asks(pull: Pull) -> bool:
    try:
        return bool(pull.check())
    except TransientError:
        return False


def name_of(message: Msg) -> str:
    """The name under which a message was stored."""
    return (message.headers or {})["name"]


class Record:
    """Work that keeps what it was given, and does `step` with it if there is one."""

    def __init__(self, step: Step | None = None) -> None:
        self.names: list[str] = []
        self._step = step

    def __call__(self, message: Msg) -> Rest | None:
        """Handle one message."""
        name = name_of(message)
        self.names.append(name)
        return self._later(name) if self._step else None

    async def _later(self, name: str) -> None:
        assert self._step is not None
        await self._step(name)


@asynccontextmanager
async def _bench(url: str) -> AsyncIterator[Bench]:
    async with AsyncExitStack() as exits:
        made = Bench(url, exits)
        made.broker = await made.connect()
        yield made


@pytest.fixture
async def bench(nats_url: str) -> AsyncIterator[Bench]:
    """Consumers on a provisioned server."""
    async with _bench(nats_url) as made:
        yield made


def names(count: int, prefix: str = "m") -> list[str]:
    """Names of messages."""
    return [f"{prefix}{number}" for number in range(count)]
