"""A short-lived connection to the stream, for the verbs that look at it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from shared.settings import RuntimeSettings, load_settings

if TYPE_CHECKING:
    from nats.js.client import JetStreamContext


def creds(settings: RuntimeSettings) -> str | None:
    """Path of the NATS credentials file, if one is set."""
    return str(settings.nats_creds) if settings.nats_creds else None


@asynccontextmanager
async def jetstream(url: str | None) -> AsyncIterator[JetStreamContext]:
    """JetStream at `url`, or at OREWIRE_NATS_URL.

    Raises:
        Unreachable: no server answers there.
    """
    from shared.provision import connect

    settings = load_settings(RuntimeSettings)
    client = await connect(url or settings.nats_url, name="orewire-tool", creds=creds(settings))
    try:
        yield client.jetstream()
    finally:
        await client.close()
