"""The loop of the continuous pull: ask, work, answer; no round trip and no task for an ordinary message."""

from __future__ import annotations

import asyncio
import contextlib
from time import monotonic
from typing import Final

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from shared.deadletter import Bury
from shared.errors import TransientError
from shared.pull.credit import Credit
from shared.pull.hand import Hand
from shared.pull.session import CLOSING, Session, Source
from shared.pull.work import Work
from shared.pull.workload import Workload
from shared.streams import Consumer

log = structlog.get_logger(__name__)
MAX_BYTES: Final = 16 * 2**20
"""Bytes of bodies in hand at most: a window full of articles of 1 MB must not fill the memory."""
TICK: Final = 0.25
"""Seconds after which the loop looks at the connection even when nothing happens."""
PAUSE: Final = 0.5
"""Seconds before asking again when the server refused."""
DRAIN_SECONDS: Final = 8.0
"""Seconds to finish what is in hand at the end."""


class Pull:
    """Feeds one durable's messages to `work`, at most `window` in hand at a time."""

    def __init__(self, consumer: Consumer, work: Work, bury: Bury, *, service: str, window: int) -> None:
        self.consumer = consumer
        self._credit = Credit(window, MAX_BYTES)
        self._hand = Hand(consumer, self._credit, bury, service=service)
        self._moved = asyncio.Event()
        self._load = Workload(work, self._hand, self._moved.set)
        self._stopping = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._refusal: str | None = None
        self._hold_until = 0.0

    @property
    def in_hand(self) -> int:
        """Messages received and not yet answered."""
        return len(self._hand)

    def check(self) -> str:
        """Prove that messages are being asked for; returns what is in hand.

        Raises:
            TransientError: nothing asks, or the server refuses.
        """
        if self._idle.is_set():
            raise TransientError("not consuming")
        if self._refusal is not None:
            raise TransientError(f"the server refuses to deliver: {self._refusal}")
        return f"{self.in_hand} in hand"

    async def run(self, source: Source) -> None:
        """Consume until stopped or cancelled; then finish what is in hand.

        Raises:
            TransientError: there is no connection to begin with.
        """
        client = source.client()
        self._credit.max_bytes = max(MAX_BYTES, 4 * client.max_payload)
        self._idle.clear()
        try:
            while not self._stopping:
                await self._converse(client)
        finally:
            try:
                await self._finish(client)
            finally:
                self._idle.set()

    async def stop(self) -> None:
        """Ask for nothing more, and return when what is in hand is finished."""
        self._stopping = True
        self._moved.set()
        await self._idle.wait()

    def received(self, message: Msg) -> None:
        """See `Listener`."""
        self._refusal = None
        self._hand.take(message)
        self._load.add(message)
        self._moved.set()

    def request_stands(self) -> None:
        """See `Listener`."""
        self._refusal = None

    def request_ended(self, refusal: str | None) -> None:
        """See `Listener`. After a refusal nothing is asked for a while, so that it does not spin."""
        self._credit.ended()
        if refusal is not None:
            self._hold_until = monotonic() + PAUSE
            if refusal != self._refusal:
                log.warning("pull_refused", consumer=self.consumer.durable, why=refusal)
        self._refusal = refusal
        self._moved.set()

    async def _converse(self, client: Client) -> None:
        """One session, from subscribing until the server may have forgotten us.

        Raises:
            TransientError: the connection is closed for good.
        """
        if client.is_closed:
            raise TransientError("the connection to NATS is closed")
        session = Session(client, self.consumer, self)
        try:
            await self._until_connected(client)
            await session.start()
            try:
                await self._serve(session)
            finally:
                await session.close()
        except (nats.errors.Error, OSError) as error:
            self.request_ended(type(error).__name__)
            await self._rest()
        finally:
            self._credit.ended()

    async def _until_connected(self, client: Client) -> None:
        while not (client.is_connected or client.is_closed or self._stopping):
            await self._load.some()
            await self._rest()

    async def _serve(self, session: Session) -> None:
        while not self._stopping and not session.lost():
            await self._load.some()
            await self._hand.keep()
            batch = self._credit.due()
            if batch and monotonic() >= self._hold_until:
                self._credit.asked(batch)
                await session.ask(batch, self._credit.bytes_room)
            await self._rest()

    async def _rest(self) -> None:
        """Let others run; with nothing to do, wait until something happens."""
        if self._load.waits:
            await asyncio.sleep(0)
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TICK):  # not wait_for: it may swallow a cancellation
                await self._moved.wait()
        self._moved.clear()

    async def _finish(self, client: Client) -> None:
        """Finish what is in hand; what takes too long stays unanswered and is delivered again."""
        end = monotonic() + DRAIN_SECONDS
        while self._load.busy and monotonic() < end:
            await self._load.some()
            await self._hand.keep()
            await self._rest()
        await self._load.give_up()
        if self.in_hand:
            log.warning("left_in_hand", messages=self.in_hand)
        self._hand.abandon()
        with contextlib.suppress(nats.errors.Error, TimeoutError, OSError):
            await client.flush(timeout=CLOSING)  # type: ignore[arg-type]  # nats-py takes fractions
