"""The ways out: one for each transport a message may name, and the one over HTTP.

Every failure becomes an answer; no answer holds a secret, a path or what the receiver wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import structlog
from prometheus_client import Counter

from services.notify.message import Message
from services.notify.outcome import Answer, outcome_of
from services.notify.ports import Sender
from services.notify.retry import retry_after_seconds
from shared.clock import Clock
from shared.events.delivery import Outcome
from shared.http import AddressBlocked, BadRequest, ConnectionFailed, HttpClient, HttpFailure, Reply, TimedOut

log = structlog.get_logger(__name__)
TOTAL_TIMEOUT: Final = 15.0
"""Seconds for connecting (5 at most), sending and reading."""
MAX_REPLY: Final = 4_096
"""Bytes of the reply that are read. Its text is never kept: receivers echo secrets."""
REMARKS: Final = Counter(
    "orewire_notify_remarks_total", "Messages sent although making them went wrong: broken templates.", ["transport"]
)
_OUTCOMES: Final[tuple[tuple[type[HttpFailure], Outcome], ...]] = (
    (AddressBlocked, Outcome.ADDRESS_BLOCKED),
    (TimedOut, Outcome.TIMED_OUT),
    (ConnectionFailed, Outcome.UNREACHABLE),
    (BadRequest, Outcome.REFUSED),
)


class Transports:
    """Hands each message to the sender of its transport, and says aloud what went wrong in making it."""

    def __init__(self, senders: Mapping[str, Sender]) -> None:
        self._senders = senders

    async def send(self, message: Message) -> Answer:
        """See `Sender.send`."""
        if message.remark:
            REMARKS.labels(message.transport).inc()
            log.warning("message_made_differently", transport=message.transport, why=message.remark)
        return await self._senders[message.transport].send(message)


class HttpSender:
    """See `Sender`."""

    def __init__(self, client: HttpClient, clock: Clock, *, total_timeout: float = TOTAL_TIMEOUT) -> None:
        self._client, self._clock, self._timeout = client, clock, total_timeout

    async def send(self, message: Message) -> Answer:
        """See `Sender.send`. Redirects are not followed; a reply without end counts by its status."""
        try:
            reply = await self.exchange(message)
        except HttpFailure as failure:
            return failed(failure)
        return self.judged(reply)

    async def exchange(self, message: Message) -> Reply:
        """Send the message and give the reply as it is.

        Raises:
            HttpFailure: there is none.
        """
        return await self._client.request(
            "POST",
            message.url,
            headers=message.headers,
            content=message.body,
            max_bytes=MAX_REPLY,
            total_timeout=self._timeout,
        )

    def judged(self, reply: Reply) -> Answer:
        """What the reply means by its status alone."""
        retry_after = retry_after_seconds(reply.headers.get("retry-after"), self._clock.now())
        return Answer(outcome_of(reply.status), reply.status, retry_after, f"HTTP {reply.status}")


def failed(failure: HttpFailure) -> Answer:
    """What it means that there is no reply."""
    outcome = next((outcome for kind, outcome in _OUTCOMES if isinstance(failure, kind)), Outcome.BAD_RESPONSE)
    return Answer(outcome, detail=failure.detail)
