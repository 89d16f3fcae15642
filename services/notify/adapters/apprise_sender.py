"""The way out through Apprise, in threads, with everything it could do beyond sending switched off.

Apprise says why it failed only in its log, with tokens in it at times: what is read from there is the HTTP status, and
nothing of it is logged. It makes its own connections, so the address of a self-hosted service is checked before, not at
connect time.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final
from urllib.parse import urlsplit

from services.notify.adapters.guard import Guard
from services.notify.adapters.sender import TOTAL_TIMEOUT, failed
from services.notify.message import Message
from services.notify.outcome import Answer, outcome_of
from shared.events.delivery import Outcome
from shared.http import HttpFailure

CONNECT_TIMEOUT, READ_TIMEOUT = 4.0, 9.0
"""Seconds; together shorter than the time an answer is waited for."""
THREADS: Final = 32
SELF_HOSTED: Final = frozenset(
    """
gotify gotifys matrix matrixs mmost mmosts nctalk nctalks ntfy ntfys revolt rocket rockets signal signals synology
synologys workflow workflows zulip
""".split()
)
"""Schemes whose URL names the host that is connected to."""
_STATUS: Final = re.compile(r"error=(\d{3})")


class AppriseSender:
    """See `Sender`."""

    def __init__(self, guard: Guard, *, total_timeout: float = TOTAL_TIMEOUT) -> None:
        self._guard, self._timeout = guard, total_timeout
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="apprise")
        self._stuck: set[str] = set()

    async def send(self, message: Message) -> Answer:
        """See `Sender.send`. A receiver that still holds a thread of an earlier attempt gets no second one."""
        if message.url in self._stuck:
            return Answer(Outcome.TIMED_OUT, detail="the attempt before has not ended yet")
        try:
            async with asyncio.timeout(self._timeout):
                await self._check(message.url)
                return await self._in_thread(message)
        except HttpFailure as failure:
            return failed(failure)
        except TimeoutError:
            return Answer(Outcome.TIMED_OUT, detail="no reply in time")

    async def aclose(self) -> None:
        """Let go of the threads; those that hang end with their own timeouts."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _check(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in SELF_HOSTED and "." in (parts.hostname or ""):
            await self._guard.check(parts.hostname or "", parts.port or 443)

    async def _in_thread(self, message: Message) -> Answer:
        work: Future[Answer] = self._threads.submit(_notify, message.url, json.loads(message.body))
        try:
            return await asyncio.wrap_future(work)
        except asyncio.CancelledError:
            if not work.done():
                self._stuck.add(message.url)
                work.add_done_callback(lambda _: self._stuck.discard(message.url))
            raise


class _Statuses(logging.Handler):
    """Remembers the HTTP status of the last failure in each thread, and lets nothing else through."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last = threading.local()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the status of a failure."""
        found = _STATUS.search(record.getMessage())
        if found:
            self.last.status = int(found.group(1))


_STATUSES: Final = _Statuses()
for _library in ("urllib3", "requests_oauthlib", "oauthlib"):  # they log paths, which hold tokens
    logging.getLogger(_library).setLevel(logging.CRITICAL)


def _notify(url: str, told: dict[str, str]) -> Answer:
    """Send in this thread."""
    import apprise  # takes a second: only those who use it pay

    _hush()
    service = parsed(url)
    if service is None:
        return Answer(Outcome.REFUSED, 400, detail="no URL that Apprise understands")
    service.socket_connect_timeout, service.socket_read_timeout = CONNECT_TIMEOUT, READ_TIMEOUT
    service.request_rate_per_sec = 0  # the dispatcher keeps the pace; a sleeping thread helps nobody
    service.overflow_mode = apprise.OverflowMode.SPLIT
    _STATUSES.last.status = None
    sender = apprise.Apprise(asset=service.asset)
    sender.add(service)
    done = sender.notify(
        body=told["body"],
        title=told["title"],
        notify_type=apprise.NotifyType(told["type"]),
        body_format=apprise.NotifyFormat.TEXT,
    )
    if done:
        return Answer(Outcome.DELIVERED, detail="taken")
    status = _STATUSES.last.status
    if status is None:
        return Answer(Outcome.UNREACHABLE, detail="Apprise could not send it")
    return Answer(outcome_of(status), status, detail=f"HTTP {status}")


def _hush() -> None:
    """Take Apprise's log for ourselves. Again each time: whoever logs at all levels may have undone it."""
    logger = logging.getLogger("apprise")
    logger.propagate = False
    logger.setLevel(logging.WARNING)
    if _STATUSES not in logger.handlers:
        logger.addHandler(_STATUSES)


def parsed(url: str) -> Any:
    """The service the URL names, as Apprise sees it; None when it understands it not. Nothing is sent."""
    import apprise

    asset = apprise.AppriseAsset(
        secure_logging=True,
        async_mode=False,
        http_redirects=False,
        service_timeout=0,  # its own would move the work to threads of its own
        storage_mode=apprise.PersistentStoreMode.MEMORY,
    )
    return apprise.Apprise.instantiate(url, asset=asset)
