"""Inbound edge: `article.collected` from JetStream to the use case."""

from __future__ import annotations

from nats.aio.msg import Msg

from services.classify.usecases import Classify
from shared.events import ArticleCollected
from shared.inbound import decode, envelope_from
from shared.pull import Rest, Work


def reader(use: Classify) -> Work:
    """Let `use` handle every new article."""

    def on_article(message: Msg) -> Rest | None:
        headers = message.headers or {}
        event = decode(ArticleCollected, message.data, headers)
        return use.on_article(event, envelope_from(headers, ArticleCollected.TYPE))

    return on_article
