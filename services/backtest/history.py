"""What is stored: the articles of a window, and the signals that were sent since its begin. Reads, never writes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

import nats.errors
from nats.js.client import JetStreamContext
from nats.js.errors import Error as JetStreamError
from nats.js.errors import NotFoundError
from pydantic import ValidationError

from services.operate.stream import Start, follow
from shared.errors import Unreachable
from shared.events import ArticleCollected, Event, SignalDetected
from shared.streams import CLASSIFY

SIGNALS: Final = "orewire.signal.detected.*.*"
E = TypeVar("E", bound=Event)


@dataclass(frozen=True)
class Window:
    """Articles stored from `since` to `to`."""

    since: datetime
    to: datetime


@dataclass
class Count:
    """What could not be read."""

    unreadable: int = 0


Progress = Callable[[int, int], None]
"""Told after each message: how many were read, and how many there are in all as far as is known."""


async def articles(
    js: JetStreamContext, window: Window, count: Count, progress: Progress
) -> AsyncIterator[ArticleCollected]:
    """The stored articles of the window, oldest first.

    Raises:
        Unreachable: a stream is missing, or the connection was lost.
    """
    async for event in _events(js, CLASSIFY.subject, ArticleCollected, window, (count, progress)):
        yield event


async def signals(js: JetStreamContext, window: Window, count: Count) -> AsyncIterator[SignalDetected]:
    """The signals sent since the begin of the window, up to now: an article may have waited for classify.

    Raises:
        Unreachable: a stream is missing, or the connection was lost.
    """
    open_end = Window(window.since, datetime.max.replace(tzinfo=window.since.tzinfo))
    async for event in _events(js, SIGNALS, SignalDetected, open_end, (count, lambda _done, _all: None)):
        yield event


async def _events(
    js: JetStreamContext, subject: str, cls: type[E], window: Window, tell: tuple[Count, Progress]
) -> AsyncIterator[E]:
    count, progress = tell
    done = 0
    async with aclosing(follow(js, subject, Start(window.since), until_empty=True)) as messages:
        async for message in messages:
            if message.metadata.timestamp > window.to:
                return
            done += 1
            progress(done, done + message.metadata.num_pending)
            try:
                event = cls.model_validate_json(message.data)
            except ValidationError:
                count.unreadable += 1
            else:
                yield event


async def unclassified(js: JetStreamContext) -> int:
    """Articles that classify has not handled yet.

    Raises:
        Unreachable: the connection was lost.
    """
    try:
        info = await js.consumer_info(CLASSIFY.stream, CLASSIFY.durable)
    except NotFoundError:
        return 0
    except (nats.errors.Error, JetStreamError, TimeoutError) as error:
        raise Unreachable(f"the connection to NATS was lost ({type(error).__name__})") from error
    return (info.num_pending or 0) + (info.num_ack_pending or 0)
