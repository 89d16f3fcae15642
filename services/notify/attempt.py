"""One attempt of one delivery: compose, send message by message, and judge the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from time import perf_counter
from typing import Final

import structlog

from services.notify.message import Message
from services.notify.outcome import Answer, Verdict, verdict_of
from services.notify.ports import Channel, Result, Sender, Subscriber, Task
from services.notify.retry import after
from shared.clock import Clock
from shared.events.delivery import Outcome

log = structlog.get_logger(__name__)
MAX_SECONDS: Final = 18.0
"""For all messages of a delivery together: shorter than the lease, so that nobody else sends them too."""


async def attempt(task: Task, subscriber: Subscriber, channel: Channel, sender: Sender, clock: Clock) -> Result:
    """Send what of the delivery has not arrived yet. A refusal of the receiver is a result, not an error."""
    started = perf_counter()
    answer, sent = await _send_rest(task, subscriber, channel, sender, clock)
    at = clock.now()
    verdict = verdict_of(answer, final=channel.final)
    return Result(
        answer=answer,
        verdict=verdict,
        next=after(answer, verdict, delivery_id=task.delivery_id, attempt=task.step, now=at),
        at=at,
        duration_ms=round((perf_counter() - started) * 1000, 3),
        sent=sent,
        fingerprint=subscriber.fingerprint,
    )


async def _send_rest(
    task: Task, subscriber: Subscriber, channel: Channel, sender: Sender, clock: Clock
) -> tuple[Answer, int]:
    try:
        messages = _composed(task, subscriber, channel, clock.now())
    except Exception as error:  # a bug in a channel must not stop the others; the schedule outlasts the fix
        log.exception("message_not_composed", delivery=task.delivery_id, channel=task.channel)
        return Answer(Outcome.REFUSED, detail=f"message could not be composed: {type(error).__name__}"), task.sent
    return await send_all(messages, sender, interval=channel.interval, sent=task.sent)


def _composed(task: Task, subscriber: Subscriber, channel: Channel, at: datetime) -> Sequence[Message]:
    """What is sent. A notice, which has no alerts, is told like one."""
    name, settings, bundle = task.delivery_id, subscriber.settings, task.bundle
    if bundle is not None and bundle.alerts:
        return channel.compose_digest(bundle.alerts, settings, delivery_id=name, at=at, note=bundle.note)
    return channel.compose(task.alert, settings, delivery_id=name, at=at)


async def send_all(
    messages: Sequence[Message], sender: Sender, *, interval: float, sent: int = 0
) -> tuple[Answer, int]:
    """Send the messages after the first `sent`; the last answer, and how many have arrived in all."""
    answer = Answer(Outcome.DELIVERED, detail="nothing left to send")
    try:
        async with asyncio.timeout(MAX_SECONDS):
            for message in messages[sent:]:
                answer = await sender.send(message)
                if verdict_of(answer, final=()) != Verdict.DONE:
                    break
                sent += 1
                if sent < len(messages):
                    await asyncio.sleep(interval)
    except TimeoutError:
        answer = Answer(Outcome.TIMED_OUT, detail="not all messages of the alert were sent in time")
    return answer, sent
