"""One conversation with the server about one durable: an inbox, one open request at a time, and what comes of it.

A session ends when the connection was made anew or the server falls silent. Its requests may then still lie with the
server, so the next session gets an inbox of its own: nothing asked for twice can arrive twice over the window.
"""

from __future__ import annotations

import contextlib
import json
from time import monotonic
from typing import Final, Protocol

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from shared.streams import Consumer

log = structlog.get_logger(__name__)
EXPIRES: Final = 30.0
"""Seconds the server keeps a request open."""
HEARTBEAT: Final = 1.0
"""Seconds after which the server says that it still has our request, when there is nothing else to say."""
SILENCE: Final = 2.5 * HEARTBEAT
"""Seconds without a sign of life after which an open request is taken for lost."""
CLOSING: Final = 2.0
"""Seconds to wait for what is under way when a session ends."""
GOOD_ENDS: Final = frozenset({"404", "408"})
GOOD_REASONS: Final = frozenset({"Batch Completed", "Message Size Exceeds MaxBytes"})
"""Reasons that come with status 409, like refusals, and are none."""


class Source(Protocol):
    """Where the connection comes from; it may not be up yet."""

    def client(self) -> Client:
        """The connected client.

        Raises:
            TransientError: there is no connection at the moment.
        """
        ...


class Listener(Protocol):
    """Hears what the server sends. Called from the connection's own reader: it must not wait for anything."""

    def received(self, message: Msg) -> None:
        """A message has come."""
        ...

    def request_stands(self) -> None:
        """The server has the request and nothing to send."""
        ...

    def request_ended(self, refusal: str | None) -> None:
        """The request brings nothing more; None when it only ran out."""
        ...


class Session:
    """Asks, and hands on what comes."""

    def __init__(self, client: Client, consumer: Consumer, listener: Listener) -> None:
        self._client, self._listener = client, listener
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{consumer.stream}.{consumer.durable}"
        self._inbox = client.new_inbox()
        self._request = 0
        self._open = False
        self._connects = client.stats["reconnects"]
        self._heard = 0.0
        self._subscription: Subscription | None = None

    async def start(self) -> None:
        """Listen on the inbox."""
        # No limit of its own: what can arrive is what was asked for, and a limit would drop it unseen.
        self._subscription = await self._client.subscribe(
            f"{self._inbox}.*", cb=self._take, pending_msgs_limit=0, pending_bytes_limit=0
        )

    def lost(self) -> bool:
        """Whether the server may have forgotten us."""
        if self._client.stats["reconnects"] != self._connects:
            return True
        return self._open and monotonic() - self._heard > SILENCE

    async def ask(self, batch: int, max_bytes: int) -> None:
        """Ask for up to `batch` messages of up to `max_bytes` in all."""
        self._request += 1
        self._open, self._heard = True, monotonic()
        wish = {
            "batch": batch,
            "max_bytes": max_bytes,
            "expires": int(EXPIRES * 1e9),
            "idle_heartbeat": int(HEARTBEAT * 1e9),
        }
        await self._client.publish(self._subject, json.dumps(wish).encode(), reply=f"{self._inbox}.{self._request}")

    async def close(self) -> None:
        """Stop listening; what is under way on a live connection is still handed on."""
        assert self._subscription is not None
        try:
            await self._client.flush(timeout=CLOSING)  # type: ignore[arg-type]  # nats-py takes fractions
            await self._subscription.drain()  # type: ignore[no-untyped-call]
        except (nats.errors.Error, TimeoutError, OSError):
            with contextlib.suppress(nats.errors.Error, OSError):
                await self._subscription.unsubscribe()

    async def _take(self, message: Msg) -> None:
        self._heard = monotonic()
        headers = message.headers or {}
        status = headers.get("Status")
        if (
            status is None or message.reply
        ):  # the server's own word has no reply subject, whatever headers a message has
            self._listener.received(message)
        elif message.subject != f"{self._inbox}.{self._request}":
            return
        elif status == "100":
            self._listener.request_stands()
        else:
            self._open = False
            self._listener.request_ended(_refusal(status, headers.get("Description", "")))


def _refusal(status: str, why: str) -> str | None:
    """Why the server refused a request; None when it only ran out."""
    if status in GOOD_ENDS or why in GOOD_REASONS:
        return None
    return {"503": "no such consumer"}.get(status, f"{status} {why}".strip())
