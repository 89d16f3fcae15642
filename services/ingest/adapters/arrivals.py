"""Whether news came out at the other end: looks through the deliveries on the stream."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import nats.errors
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import Error as JetStreamError

from shared.broker import Broker
from shared.clock import Clock
from shared.errors import TransientError
from shared.events import DeliverySucceeded
from shared.events.envelope import CORRELATION
from shared.streams import stream_of

_SUBJECT: Final = DeliverySucceeded.SUBJECT.format(channel="*")
_BATCH: Final = 256
_BATCHES: Final = 100
"""So many deliveries at most are looked through."""
_WAIT: Final = 1.0  # seconds for a batch; nothing more is there after that


class StreamArrivals:
    """See `Arrivals`."""

    def __init__(self, broker: Broker, clock: Clock) -> None:
        self._broker, self._clock = broker, clock

    def now(self) -> datetime:
        """See `Arrivals`."""
        return self._clock.now()

    async def arrived(self, article_id: str, *, since: datetime) -> bool:
        """See `Arrivals`."""
        try:
            return await self._look(article_id, since)
        except (nats.errors.Error, JetStreamError, OSError) as error:
            raise TransientError(f"the deliveries cannot be read: {type(error).__name__}") from error

    async def _look(self, article_id: str, since: datetime) -> bool:
        config = ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_TIME,
            opt_start_time=since,
            ack_policy=AckPolicy.NONE,
            headers_only=True,
            mem_storage=True,
            inactive_threshold=60.0,
        )
        stream = stream_of(_SUBJECT)
        subscription = await self._broker.jetstream().pull_subscribe(_SUBJECT, stream=stream, config=config)
        try:
            for _ in range(_BATCHES):
                messages = await subscription.fetch(_BATCH, timeout=_WAIT)
                if any((message.headers or {}).get(CORRELATION) == article_id for message in messages):
                    return True
        except nats.errors.TimeoutError:  # there are no more
            pass
        finally:
            await subscription.unsubscribe()
        return False
