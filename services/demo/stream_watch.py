"""Reads the event stream beside the services, as any other service could: which articles came, what died."""

from __future__ import annotations

import asyncio
import json
from types import TracebackType
from typing import Final, Self

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg

from services.demo.articles import slug_of
from shared.streams import CONSUMERS

ARTICLES: Final = "orewire.article.collected.*"
DEAD: Final = "orewire.dead.*"


class StreamWatch:
    """Follows ORE_ARTICLES and ORE_DEAD from their beginning; `changed` is set at each message."""

    def __init__(self, url: str, changed: asyncio.Event) -> None:
        self._url = url
        self._client: Client | None = None
        self.collected: set[str] = set()
        self.dead: list[str] = []
        self.changed = changed

    async def __aenter__(self) -> Self:
        """Connect and begin to read."""
        self._client = await nats.connect(self._url, name="orewire-demo", max_reconnect_attempts=-1)
        jetstream = self._client.jetstream()
        await jetstream.subscribe(ARTICLES, stream="ORE_ARTICLES", ordered_consumer=True, cb=self._on_article)
        await jetstream.subscribe(DEAD, stream="ORE_DEAD", ordered_consumer=True, cb=self._on_dead)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        if self._client is not None:
            await self._client.close()

    async def backlog(self) -> int:
        """How many messages classify and notify have not finished; asked in the order the work flows."""
        assert self._client is not None
        waiting = 0
        for consumer in CONSUMERS:
            info = await self._client.jetstream().consumer_info(consumer.stream, consumer.durable)
            waiting += (info.num_pending or 0) + (info.num_ack_pending or 0)
        return waiting

    async def _on_article(self, message: Msg) -> None:
        self.collected.add(slug_of(json.loads(message.data)["article"]["url"]))
        self.changed.set()

    async def _on_dead(self, message: Msg) -> None:
        headers = message.headers or {}
        self.dead.append(f"{message.subject}: {headers.get('ore-dead-reason', 'unknown')}")
        self.changed.set()
