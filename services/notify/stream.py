"""Inbound edge: `signal.detected` from JetStream to the use case."""

from __future__ import annotations

from faststream.nats import NatsMessage

from services.notify.usecases import Notify
from shared.broker import Broker, subscribe
from shared.events import SignalDetected
from shared.inbound import envelope_of
from shared.streams import NOTIFY


def connect(broker: Broker, use: Notify, *, parallel: int) -> None:
    """Let `use` handle every new signal, at most `parallel` at a time."""

    async def on_signal(event: SignalDetected, message: NatsMessage) -> None:
        await use.on_signal(event, envelope_of(message, SignalDetected.TYPE))

    subscribe(broker, NOTIFY, on_signal, parallel=parallel)
