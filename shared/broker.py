"""FastStream on NATS, wired so that nothing is dropped by a default.

Each choice here answers a measured trap: reconnect for ever (the default ends in a busy loop), streams
are never declared by a service (that silently rewrites their limits), one message a pull and several
pulls at once (exact prefetch, clean drain), explicit negative acks with a delay.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import nats.errors
import structlog
from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, PullSub
from nats.aio.client import Client
from nats.js.client import JetStreamContext

from shared.errors import TransientError
from shared.settings import RuntimeSettings
from shared.streams import Consumer

log = structlog.get_logger(__name__)
PULL_TIMEOUT: Final = 5.0
RECONNECT_WAIT: Final = 0.25
PING_INTERVAL: Final = 15
"""Seconds. Two missed pings mean a half-open connection; the default of 120 s finds out far too late."""


class Broker(NatsBroker):
    """A NatsBroker that can be stopped while NATS is gone, and lends out its JetStream context."""

    _lent: tuple[Client, JetStreamContext] | None = None

    async def stop(self, *args: Any) -> None:
        """Stop consuming, drain and close, whatever state the connection is in."""
        try:
            await super().stop(*args)
        except (nats.errors.Error, OSError) as error:
            log.warning("nats_not_drained", why=type(error).__name__)
            client, self._connection = self._connection, None
            if client is not None:
                with contextlib.suppress(nats.errors.Error, OSError):
                    await client.close()
            self.config.disconnect()

    def client(self) -> Client:
        """The connection itself, for a consumer of our own.

        Raises:
            TransientError: not connected at the moment.
        """
        client = self._connection
        if client is None or not client.is_connected:
            raise TransientError("not connected to NATS", retry_after=1.0)
        return client

    def jetstream(self) -> JetStreamContext:
        """The JetStream context.

        Raises:
            TransientError: not connected at the moment.
        """
        client = self.client()
        if self._lent is None or self._lent[0] is not client:  # making one takes as long as publishing with it
            self._lent = client, client.jetstream()
        return self._lent[1]

    @property
    def is_connected(self) -> bool:
        """Whether the connection is up right now."""
        return self._connection is not None and self._connection.is_connected


def make_broker(settings: RuntimeSettings, *, service: str, middlewares: Sequence[Any] = ()) -> Broker:
    """A broker for `service`. It connects only when started."""
    return Broker(
        settings.nats_url.split(","),
        name=f"orewire-{service}",
        user_credentials=str(settings.nats_creds) if settings.nats_creds else None,
        max_reconnect_attempts=-1,
        reconnect_time_wait=RECONNECT_WAIT,  # type: ignore[arg-type]  # nats-py takes fractions
        ping_interval=PING_INTERVAL,
        error_cb=_log_error,
        disconnected_cb=_log_disconnect,
        logger=None,  # a log line for each message costs more than handling it
        middlewares=middlewares,
        ack_policy=AckPolicy.NACK_ON_ERROR,
    )


def subscribe(broker: Broker, consumer: Consumer, handler: Callable[..., Awaitable[None]], *, parallel: int) -> None:
    """Let `handler` work on `consumer`'s messages, at most `parallel` at a time in this process."""
    call: Any = handler
    for index in range(parallel):
        call = broker.subscriber(
            consumer.subject,
            stream=JStream(consumer.stream, declare=False),
            durable=consumer.durable,
            pull_sub=PullSub(batch_size=1, timeout=PULL_TIMEOUT),
            ack_policy=AckPolicy.NACK_ON_ERROR,
            include_in_schema=index == 0,
        )(call)


async def check_subscribers(broker: Broker, consumer: Consumer) -> str:
    """Prove that this process is really consuming; returns what it found.

    Raises:
        TransientError: no connection, a dead subscriber task, or the durable is gone.
    """
    js = broker.jetstream()
    for subscriber in broker.subscribers:
        tasks = getattr(subscriber, "tasks", ())
        if not subscriber.running or not tasks or all(task.done() for task in tasks):
            raise TransientError("a subscriber has stopped")
    try:
        info = await js.consumer_info(consumer.stream, consumer.durable, timeout=2)
    except (nats.errors.Error, TimeoutError) as error:
        raise TransientError(f"consumer {consumer.durable}: {type(error).__name__}; run orewire provision") from error
    return f"{info.num_pending} waiting, {info.num_ack_pending} in work"


async def _log_error(error: Exception) -> None:
    log.warning("nats_error", error=str(error) or type(error).__name__)


async def _log_disconnect() -> None:
    log.warning("nats_disconnected")
