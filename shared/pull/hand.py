"""What has been received and not yet answered, and the answers: each message gets exactly one, each in its time."""

from __future__ import annotations

from time import monotonic
from typing import Final

import nats.errors
import structlog
from nats.aio.msg import Msg

from shared.deadletter import MESSAGES, SECONDS, Bury, settle
from shared.pull.credit import Credit
from shared.streams import Consumer

log = structlog.get_logger(__name__)
KEEP_SHARE: Final = 3
"""The server hears of a message in hand each third of `ack_wait`, so that it gives it to nobody else."""


class Hand:
    """The messages in hand."""

    def __init__(self, consumer: Consumer, credit: Credit, bury: Bury, *, service: str) -> None:
        self._consumer, self._credit, self._bury, self._service = consumer, credit, bury, service
        self._held: dict[int, tuple[Msg, float]] = {}
        self._keep_every = consumer.ack_wait.total_seconds() / KEEP_SHARE
        self._kept = 0.0
        self._done = MESSAGES.labels(consumer.durable, "done")
        self._seconds = SECONDS.labels(consumer.durable)

    def __len__(self) -> int:
        return len(self._held)

    def take(self, message: Msg) -> None:
        """A message has come."""
        self._held[id(message)] = (message, monotonic())
        self._credit.received(len(message.data))

    async def done(self, message: Msg) -> None:
        """It is handled: acknowledge it. An answer that cannot be sent is made up for by a redelivery."""
        try:
            await message.ack()
        except (nats.errors.Error, OSError) as error:
            log.warning("ack_not_sent", subject=message.subject, why=type(error).__name__)
        self._done.inc()
        self._let_go(message)

    async def failed(self, message: Msg, error: BaseException) -> None:
        """It failed: answer as the failure table says."""
        try:
            outcome = await settle(message, error, service=self._service, bury=self._bury)
        except Exception:  # whatever happens to the answer, the place in hand becomes free
            log.exception("answer_not_sent", subject=message.subject)
            outcome = "retried"
        MESSAGES.labels(self._consumer.durable, outcome).inc()
        self._let_go(message)

    def abandon(self) -> None:
        """Leave what is in hand unanswered: the server gives it out again after `ack_wait`."""
        for message, _ in self._held.values():
            self._credit.answered(len(message.data))
        self._held.clear()

    def _let_go(self, message: Msg) -> None:
        _, since = self._held.pop(id(message))
        self._credit.answered(len(message.data))
        self._seconds.observe(monotonic() - since)

    async def keep(self) -> None:
        """Tell the server, when it is time, that we still work on what we have had for long."""
        now = monotonic()
        if now - self._kept < self._keep_every:
            return
        self._kept = now
        for message, since in tuple(self._held.values()):
            if now - since >= self._keep_every:
                try:
                    await message.in_progress()
                except nats.errors.Error:
                    return  # not connected: the server gives it out again, which is harmless
