"""All ways out together, opened and closed as one."""

from __future__ import annotations

from collections.abc import Iterable

from services.notify.adapters.apprise_sender import AppriseSender
from services.notify.adapters.guard import Guard
from services.notify.adapters.sender import HttpSender, Transports
from services.notify.adapters.slack_sender import SlackSender
from services.notify.adapters.smtp_sender import SmtpSender
from services.notify.message import Message
from services.notify.outcome import Answer
from services.notify.thread import Threads
from shared.clock import Clock
from shared.http import HttpClient


class Exits:
    """See `Sender`: every transport a channel may name."""

    def __init__(
        self, client: HttpClient, clock: Clock, threads: Threads, *, allow_networks: Iterable[str] = ()
    ) -> None:
        """The client stays the caller's to close.

        Raises:
            ConfigError: one of `allow_networks` is no network.
        """
        http = HttpSender(client, clock)
        self._guard = Guard(allow_networks=allow_networks)
        self._apprise = AppriseSender(self._guard)
        self._transports = Transports(
            {
                "http": http,
                "slack": SlackSender(http, threads, clock),
                "smtp": SmtpSender(self._guard),
                "apprise": self._apprise,
            }
        )

    async def send(self, message: Message) -> Answer:
        """See `Sender.send`."""
        return await self._transports.send(message)

    async def aclose(self) -> None:
        """Let go of threads and resolver."""
        await self._apprise.aclose()
        await self._guard.aclose()


class NoThreads:
    """See `Threads`: keeps none. For messages that belong to no story, such as tests of a channel."""

    async def find(self, story_id: str, place: str) -> None:
        """Nothing is found."""

    async def keep(self, thread: object, at: object) -> None:
        """Nothing is kept."""

    async def forget(self, story_id: str, place: str) -> None:
        """Nothing is there to forget."""
