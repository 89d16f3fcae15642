"""Reading the event stream from outside: `tail` follows it, `replay` starts in the past."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import nats.errors
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.client import JetStreamContext
from nats.js.errors import NotFoundError

from shared.errors import ConfigError, Unreachable
from shared.streams import STREAMS, Stream, matches

BATCH: Final = 100


@dataclass(frozen=True)
class Start:
    """Where to begin: only what comes from now on, or everything since a moment."""

    since: datetime | None = None

    def config(self, subject: str) -> ConsumerConfig:
        """An ephemeral consumer that disappears by itself and never holds work back from anyone."""
        policy = DeliverPolicy.NEW if self.since is None else DeliverPolicy.BY_START_TIME
        return ConsumerConfig(
            filter_subject=subject,
            deliver_policy=policy,
            opt_start_time=self.since,
            ack_policy=AckPolicy.NONE,
            inactive_threshold=60.0,
            mem_storage=True,
        )


def streams_for(pattern: str) -> list[tuple[Stream, str]]:
    """The streams a subject pattern reaches, each with the filter to use on it.

    Raises:
        ConfigError: the pattern reaches no stream.
    """
    found = []
    for stream in STREAMS:
        for subject in stream.subjects:
            if matches(pattern, subject):
                found.append((stream, subject))
            elif matches(subject, pattern) or _overlaps(pattern, subject):
                found.append((stream, pattern))
    if not found:
        subjects = ", ".join(subject for stream in STREAMS for subject in stream.subjects)
        raise ConfigError.one("SUBJECT", f"no stream keeps `{pattern}`", hint=f"subjects: {subjects}")
    return found


def _overlaps(pattern: str, subject: str) -> bool:
    """Whether two patterns can cover a common subject."""
    left, right = pattern.split("."), subject.split(".")
    for a, b in zip(left, right, strict=False):
        if ">" in (a, b):
            return True
        if a != b and "*" not in (a, b):
            return False
    return len(left) == len(right)


def as_cloudevent(subject: str, headers: dict[str, str], data: bytes) -> dict[str, Any]:
    """One message as a CloudEvent in JSON format, with the NATS subject beside it."""
    event = {key.removeprefix("ce-"): value for key, value in headers.items() if key.startswith("ce-")}
    event |= {key: value for key, value in headers.items() if key == "traceparent"}
    event |= {key: value for key, value in headers.items() if key.startswith("ore-dead-")}
    event["natssubject"] = subject
    event["datacontenttype"] = headers.get("content-type", "application/octet-stream")
    try:
        event["data"] = json.loads(data)
    except (ValueError, UnicodeDecodeError):
        event["data"] = data.decode("utf-8", "replace")
    return event


async def follow(js: JetStreamContext, pattern: str, start: Start, *, until_empty: bool) -> AsyncGenerator[Msg, None]:
    """Messages on `pattern`; endless, or until every stream has been read to its end."""
    queue: asyncio.Queue[Msg | None] = asyncio.Queue(maxsize=BATCH * 4)
    stopping = asyncio.Event()
    readers = [
        asyncio.create_task(_read(js, stream, start.config(subject), queue, stopping, until_empty=until_empty))
        for stream, subject in streams_for(pattern)
    ]
    waiting = len(readers)
    try:
        while waiting:
            message = await queue.get()
            if message is None:
                waiting -= 1
            else:
                yield message
        for reader in readers:
            reader.result()
    except NotFoundError as error:
        raise Unreachable("a stream is missing on the NATS server; run `orewire provision`") from error
    except nats.errors.Error as error:
        raise Unreachable(f"the connection to NATS was lost ({type(error).__name__})") from error
    finally:
        stopping.set()  # a cancellation that meets the end of a fetch is swallowed there: say it twice
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)


async def _read(
    js: JetStreamContext,
    stream: Stream,
    config: ConsumerConfig,
    queue: asyncio.Queue[Msg | None],
    stopping: asyncio.Event,
    *,
    until_empty: bool,
) -> None:
    try:
        subscription = await js.pull_subscribe(config.filter_subject or "", stream=stream.name, config=config)
        while not until_empty or (await subscription.consumer_info()).num_pending:
            for message in await _fetch(subscription):
                await queue.put(message)
            if stopping.is_set():
                return
    finally:
        if not stopping.is_set():
            await queue.put(None)


async def _fetch(subscription: JetStreamContext.PullSubscription) -> list[Msg]:
    try:
        return await subscription.fetch(BATCH, timeout=0.5)
    except TimeoutError:  # nats-py raises its own, a subclass, and the bare one
        return []
