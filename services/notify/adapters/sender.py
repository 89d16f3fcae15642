"""The way out: one guarded HTTP request a message, and every failure turned into an answer."""

from __future__ import annotations

from typing import Final

from services.notify.outcome import Answer, outcome_of
from services.notify.ports import Message
from services.notify.retry import retry_after_seconds
from shared.clock import Clock
from shared.events.delivery import Outcome
from shared.http import AddressBlocked, BadRequest, ConnectionFailed, HttpClient, HttpFailure, TimedOut

TOTAL_TIMEOUT: Final = 15.0
"""Seconds for connecting (5 at most), sending and reading."""
MAX_REPLY: Final = 4_096
"""Bytes of the reply that are read. Its text is never kept: receivers echo secrets."""
_OUTCOMES: Final[tuple[tuple[type[HttpFailure], Outcome], ...]] = (
    (AddressBlocked, Outcome.ADDRESS_BLOCKED),
    (TimedOut, Outcome.TIMED_OUT),
    (ConnectionFailed, Outcome.UNREACHABLE),
    (BadRequest, Outcome.REFUSED),
)


class HttpSender:
    """See `Sender`."""

    def __init__(self, client: HttpClient, clock: Clock, *, total_timeout: float = TOTAL_TIMEOUT) -> None:
        self._client, self._clock, self._timeout = client, clock, total_timeout

    async def send(self, message: Message) -> Answer:
        """See `Sender.send`. Redirects are not followed; a reply without end counts by its status."""
        try:
            reply = await self._client.request(
                "POST",
                message.url,
                headers=message.headers,
                content=message.body,
                max_bytes=MAX_REPLY,
                total_timeout=self._timeout,
            )
        except HttpFailure as failure:
            outcome = next((outcome for kind, outcome in _OUTCOMES if isinstance(failure, kind)), Outcome.BAD_RESPONSE)
            return Answer(outcome, detail=failure.detail)
        retry_after = retry_after_seconds(reply.headers.get("retry-after"), self._clock.now())
        return Answer(outcome_of(reply.status), reply.status, retry_after, f"HTTP {reply.status}")
