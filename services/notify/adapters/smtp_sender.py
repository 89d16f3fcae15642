"""The way out over SMTP: one guarded connection a message, and every failure turned into an answer."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from functools import lru_cache
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from services.notify.adapters.guard import Guard
from services.notify.adapters.sender import TOTAL_TIMEOUT, failed
from services.notify.addresses import SMTP_PORTS
from services.notify.message import Message
from services.notify.outcome import Answer
from shared.events.delivery import Outcome
from shared.http import HttpFailure

CONNECT_TIMEOUT: Final = 5.0
QUIT_TIMEOUT: Final = 1.0
_BUSY: Final = frozenset({421, 452})
"""The server asks to be left alone: too many connections, or its disk is full."""


class SmtpSender:
    """See `Sender`. A message's URL is the server, its headers name the envelope."""

    def __init__(self, guard: Guard, *, total_timeout: float = TOTAL_TIMEOUT) -> None:
        self._guard, self._timeout = guard, total_timeout

    async def send(self, message: Message) -> Answer:
        """See `Sender.send`. What the server says is kept as its code only."""
        try:
            async with asyncio.timeout(self._timeout):
                return await self._send(message)
        except HttpFailure as failure:
            return failed(failure)
        except SMTPRecipientsRefused as error:
            return _refused(error.recipients[0].code)
        except SMTPResponseException as error:
            return _refused(error.code)
        except (SMTPException, OSError, ValueError) as error:
            return _broken(error)

    async def _send(self, message: Message) -> Answer:
        server = urlsplit(message.url)
        host, port = server.hostname or "", server.port or SMTP_PORTS[server.scheme]
        async with asyncio.timeout(CONNECT_TIMEOUT):
            connection = await self._guard.connect(host, port)
        client = _client(server, connection, message.headers.get("ca", ""), self._timeout)
        try:
            await _open(client, server)
            await client.sendmail(message.headers["mail-from"], [message.headers["rcpt-to"]], message.body)
            with contextlib.suppress(SMTPException, OSError, TimeoutError):  # it is delivered already
                await client.quit(timeout=QUIT_TIMEOUT)
        finally:
            _close(client, connection)
        return Answer(Outcome.DELIVERED, 250, detail="SMTP 250")


def _client(server: SplitResult, connection: socket.socket, ca: str, timeout: float) -> SMTP:
    address = connection.getsockname()[0]
    return SMTP(
        hostname=server.hostname,
        sock=connection,
        use_tls=server.scheme == "smtps",
        start_tls=False,
        tls_context=None if server.scheme == "smtp+plain" else _trust(ca),
        local_hostname=f"[IPv6:{address}]" if ":" in address else f"[{address}]",
        timeout=timeout,
    )


def _close(client: SMTP, connection: socket.socket) -> None:
    """Whatever happened before, nothing stays open."""
    if isinstance(client.transport, asyncio.WriteTransport):
        client.transport.abort()
    client.close()
    connection.close()


async def _open(client: SMTP, server: SplitResult) -> None:
    """Connect, encrypt unless the scheme says otherwise, and log in where there is a user."""
    await client.connect()
    if server.scheme == "smtp":
        await client.starttls()  # raises when the server offers none: never in the clear by accident
    if server.username:
        user, password = unquote(server.username), unquote(server.password or "")
        await client.ehlo()
        plain = "plain" in client.server_auth_methods  # one try: trying every method locks accounts
        await (client.auth_plain(user, password) if plain else client.login(user, password))


@lru_cache(maxsize=64)
def _trust(ca: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca:
        context.load_verify_locations(cadata=ca)
    return context


def _refused(code: int) -> Answer:
    """4xx may work later, 5xx is refused; a code that is neither is no SMTP."""
    detail = f"SMTP {code}"
    if code in _BUSY:
        return Answer(Outcome.THROTTLED, code, detail=detail)
    if 400 <= code < 500:
        return Answer(Outcome.SERVER_ERROR, code, detail=detail)
    return Answer(Outcome.REFUSED if 500 <= code < 600 else Outcome.BAD_RESPONSE, code, detail=detail)


def _broken(error: Exception) -> Answer:
    """There is no code: what kind of failure it was."""
    if isinstance(error, TimeoutError):
        return Answer(Outcome.TIMED_OUT, detail="no reply in time")
    if isinstance(error, ssl.SSLError):
        return Answer(Outcome.UNREACHABLE, detail="TLS could not be set up")
    if isinstance(error, SMTPServerDisconnected | OSError):
        return Answer(Outcome.UNREACHABLE, detail="connection failed")
    return Answer(Outcome.BAD_RESPONSE, detail="the server does not speak SMTP as it must")
