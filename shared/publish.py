"""Publishing events: deterministic ids, a bounded wait for the server's acknowledgement, and retries."""

from __future__ import annotations

from typing import Final, Protocol

import nats.errors
from nats.aio.client import Client
from nats.js.client import JetStreamContext
from nats.js.errors import APIError
from nats.js.errors import Error as JetStreamError

from shared.clock import Clock, SystemClock
from shared.errors import PermanentError, TransientError
from shared.events import Event
from shared.events.envelope import Envelope, envelop, to_headers
from shared.streams import stream_of

PUBLISH_TIMEOUT: Final = 5.0
"""Seconds to wait for one acknowledgement. A publish that timed out may still be stored later; the
message id makes the repetition harmless."""
MAX_BODY: Final = 1_000_000
"""Bytes. A NATS server takes 1 MiB a message unless it is told otherwise."""


class Publisher(Protocol):
    """Publishes events durably."""

    async def publish(self, event: Event, *, correlation_id: str, cause: Envelope | None = None) -> None:
        """Publish and return once the event is stored.

        Raises:
            TransientError: not stored for now; publish the same event again.
            PermanentError: it can never be stored.
        """
        ...


class JetStreamPublisher:
    """Publishes to JetStream over a connection that others open and close."""

    def __init__(self, connection: Connection, *, service: str, clock: Clock | None = None) -> None:
        self._connection = connection
        self._service = service
        self._clock = clock or SystemClock()

    async def publish(self, event: Event, *, correlation_id: str, cause: Envelope | None = None) -> None:
        """See `Publisher.publish`."""
        at = self._clock.now()
        envelope = envelop(event, service=self._service, at=at, cause=cause, correlation_id=correlation_id)
        await self.publish_raw(event.subject, event.body(), to_headers(envelope))

    async def publish_raw(self, subject: str, body: bytes, headers: dict[str, str]) -> None:
        """Publish a message as it is, with the same guarantees."""
        if len(body) > MAX_BODY:
            raise PermanentError("event_too_large", f"{len(body)} bytes, {MAX_BODY} at most")
        await publish_acked(self._connection.jetstream(), subject, body, headers)


class Connection(Protocol):
    """Where the publisher gets JetStream from; it may not be connected yet."""

    def jetstream(self) -> JetStreamContext:
        """The JetStream context.

        Raises:
            TransientError: there is no connection at the moment.
        """
        ...


class NatsConnection:
    """A plain nats-py connection as a `Connection`, for tools and tests."""

    def __init__(self, client: Client) -> None:
        self._context = client.jetstream(timeout=PUBLISH_TIMEOUT)

    def jetstream(self) -> JetStreamContext:
        """The JetStream context of the client."""
        return self._context


async def publish_acked(js: JetStreamContext, subject: str, body: bytes, headers: dict[str, str]) -> None:
    """Publish once and wait for the acknowledgement.

    Raises:
        TransientError: no acknowledgement within the timeout, no connection, or the server refused for now.
    """
    try:
        await js.publish(subject, body, headers=headers, stream=stream_of(subject), timeout=PUBLISH_TIMEOUT)
    except APIError as error:
        raise TransientError(f"NATS refused {subject}: {error.description or error.code}") from error
    except (TimeoutError, nats.errors.Error, JetStreamError, OSError) as error:
        raise TransientError(f"NATS did not store {subject}: {type(error).__name__}") from error
