"""A real HTTP server on loopback that answers as told, however badly, and keeps what it was sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

OK: Final = b"HTTP/1.1 204 No Content\r\n\r\n"
HANG: Final = b""
"""Accept the request and never answer."""


def status(code: int, **headers: str) -> bytes:
    """A short answer with this status and these headers."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {code} Answer\r\n{lines}content-length: 2\r\n\r\nok".encode()


@dataclass
class Received:
    """One request."""

    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Answers the n-th request with the n-th answer, and all further ones with the last."""

    answers: list[bytes] = field(default_factory=lambda: [OK])
    endless: bool = False
    requests: list[Received] = field(default_factory=list)
    url: str = ""
    on_request: Callable[[], None] = lambda: None

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                received = await _read(reader)
                answer = self.answers[min(len(self.requests), len(self.answers) - 1)]
                self.requests.append(received)
                self.on_request()
                if answer == HANG:
                    await reader.read()
                    break
                writer.write(answer)
                while self.endless:
                    writer.write(b"x" * 65536)
                    await writer.drain()
                await writer.drain()
        writer.close()


async def _read(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(headers, body)


@asynccontextmanager
async def receiving(*answers: bytes, endless: bool = False) -> AsyncIterator[Receiver]:
    """A running receiver."""
    receiver = Receiver(list(answers) or [OK], endless)
    connections: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        try:
            with suppress(asyncio.CancelledError):  # asyncio complains of a handler that was cancelled
                await receiver.handle(reader, writer)
        finally:
            connections.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook/s3cret-path"
    try:
        yield receiver
    finally:
        server.close()
        for task in list(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
