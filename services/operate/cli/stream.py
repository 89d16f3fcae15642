"""`tail` and `replay`: events as CloudEvents, one JSON object a line."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from datetime import datetime
from typing import Annotated, Any, Final

import typer

from services.operate.moment import parse_moment
from shared.clock import SystemClock
from shared.terminal import JsonFlag, exits, print_json

EVERYTHING: Final = "orewire.>"
SubjectArgument = Annotated[str, typer.Argument(help="Subject; `*` one token, `>` the rest.")]
NatsOption = Annotated[str | None, typer.Option("--nats", help="NATS URL; OREWIRE_NATS_URL by default.")]
LimitOption = Annotated[int, typer.Option("--limit", min=0, help="Stop after so many events; 0 is no limit.")]
FromOption = Annotated[str, typer.Option("--from", help="ISO time, or how long ago: 30m, 6h, 7d.")]


def register(root: typer.Typer) -> None:
    """Add the verbs that read the event stream."""

    @root.command(rich_help_panel="Watch")
    def tail(
        subject: SubjectArgument = EVERYTHING, nats: NatsOption = None, limit: LimitOption = 0, json: JsonFlag = True
    ) -> None:
        """Follow the event stream: every event from now on, as JSON lines.

        Example: orewire tail 'orewire.alert.>'
        """
        with exits():
            _run(_print(subject, nats, None, limit))

    @root.command(rich_help_panel="Watch")
    def replay(
        since: FromOption,
        subject: SubjectArgument = EVERYTHING,
        nats: NatsOption = None,
        limit: LimitOption = 0,
        json: JsonFlag = True,
    ) -> None:
        """Print stored events since a moment, then stop. Nobody is alerted again.

        Example: orewire replay --from 6h 'orewire.signal.>'
        """
        with exits():
            _run(_print(subject, nats, parse_moment(since, now=SystemClock().now()), limit))


def _run(work: Coroutine[Any, Any, None]) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(_until_interrupted(work))


async def _until_interrupted(work: Coroutine[Any, Any, None]) -> None:
    """Do `work` until it ends or SIGINT or SIGTERM comes. Handlers of our own: a script that starts us in the
    background leaves SIGINT ignored, and then Python would not listen to it either.
    """
    task = asyncio.ensure_future(work)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    await task


async def _print(subject: str, url: str | None, since: datetime | None, limit: int) -> None:
    from services.operate.connection import jetstream
    from services.operate.stream import Start, as_cloudevent, follow, streams_for

    streams_for(subject)  # a wrong subject is told before anything is connected
    count = 0
    async with jetstream(url) as js:
        async for message in follow(js, subject, Start(since), until_empty=since is not None):
            print_json(as_cloudevent(message.subject, dict(message.headers or {}), message.data))
            count += 1
            if limit and count >= limit:
                return
