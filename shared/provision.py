"""Applies the topology of `streams.py` to a NATS server: creates or updates, never deletes."""

from __future__ import annotations

import nats
import nats.errors
from nats.aio.client import Client
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.client import JetStreamContext
from nats.js.errors import APIError, NotFoundError

from shared.errors import Unreachable
from shared.masking import mask_url
from shared.streams import CONSUMERS, STREAMS, Consumer, Stream


def stream_config(stream: Stream, *, replicas: int) -> StreamConfig:
    """The server's configuration of one stream."""
    return StreamConfig(
        name=stream.name,
        description=stream.about,
        subjects=list(stream.subjects),
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.OLD,
        max_age=stream.max_age.total_seconds(),
        duplicate_window=stream.duplicate_window.total_seconds(),
        num_replicas=replicas,
        allow_direct=True,
    )


def consumer_config(consumer: Consumer) -> ConsumerConfig:
    """The server's configuration of one durable. Unlimited deliveries: giving up is our decision, not the server's."""
    return ConsumerConfig(
        durable_name=consumer.durable,
        filter_subject=consumer.subject,
        ack_policy=AckPolicy.EXPLICIT,
        deliver_policy=DeliverPolicy.ALL,
        ack_wait=consumer.ack_wait.total_seconds(),
        max_deliver=-1,
        max_ack_pending=consumer.max_ack_pending,
    )


async def provision(js: JetStreamContext, *, replicas: int = 1) -> list[str]:
    """Bring streams and durable consumers to what `streams.py` says. Returns a line for each.

    Raises:
        Unreachable: JetStream does not answer or refuses the configuration.
    """
    done = []
    try:
        for stream in STREAMS:
            done += [await _upsert_stream(js, stream_config(stream, replicas=replicas))]
        for consumer in CONSUMERS:
            await js.add_consumer(consumer.stream, consumer_config(consumer))
            done.append(f"consumer {consumer.durable} on {consumer.stream} ready")
    except APIError as error:
        raise Unreachable(f"JetStream refused the topology: {error.description}") from error
    except (nats.errors.Error, TimeoutError, OSError) as error:
        raise Unreachable(
            f"JetStream does not answer ({type(error).__name__}); is it enabled on the server?"
        ) from error
    return done


async def _upsert_stream(js: JetStreamContext, config: StreamConfig) -> str:
    try:
        await js.stream_info(config.name or "")
    except NotFoundError:
        await js.add_stream(config)
        return f"stream {config.name} created"
    await js.update_stream(config)
    return f"stream {config.name} up to date"


async def connect(url: str, *, name: str, creds: str | None = None) -> Client:
    """Connect a tool to NATS, failing fast.

    Raises:
        Unreachable: nobody answers there.
    """
    servers = url.split(",")
    try:
        return await nats.connect(
            servers,
            name=name,
            connect_timeout=3,
            max_reconnect_attempts=2,
            reconnect_time_wait=0.2,
            error_cb=_quiet,
            user_credentials=creds,
        )
    except (nats.errors.Error, TimeoutError, OSError) as error:
        hint = "start it with `orewire up`, or set OREWIRE_NATS_URL"
        raise Unreachable(f"no NATS server answers at {mask_url(url)} ({type(error).__name__}); {hint}") from error


async def _quiet(_error: Exception) -> None:
    """The error is raised, not logged: a tool tells it once, in its own words."""
