"""Inbound edge: `article.collected` from JetStream to the use case."""

from __future__ import annotations

from faststream.nats import NatsMessage

from services.classify.usecases import Classify
from shared.broker import Broker, subscribe
from shared.events import ArticleCollected
from shared.inbound import envelope_of
from shared.streams import CLASSIFY


def connect(broker: Broker, use: Classify, *, parallel: int) -> None:
    """Let `use` handle every new article, at most `parallel` at a time."""

    async def on_article(event: ArticleCollected, message: NatsMessage) -> None:
        await use.on_article(event, envelope_of(message, ArticleCollected.TYPE))

    subscribe(broker, CLASSIFY, on_article, parallel=parallel)
