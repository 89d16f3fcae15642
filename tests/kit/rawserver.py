"""Raw loopback servers that may be as hostile as a test wants."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class RawServer:
    """A server on a free port of 127.0.0.1. `requests` holds what it was sent, as raw bytes."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"


class RawServers:
    """Starts raw servers, and stops them with everything they were doing."""

    def __init__(self) -> None:
        self._stack = contextlib.AsyncExitStack()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, answer: Answer | bytes, *, tls: ssl.SSLContext | None = None) -> RawServer:
        """Answer each request by writing `answer`; a function may write what and when it likes."""
        known = RawServer(0)

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._tasks.add(task)
            known.connections += 1
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while True:
                    known.requests.append(await _read_request(reader))
                    if isinstance(answer, bytes):
                        writer.write(answer)
                        await writer.drain()
                    else:
                        await answer(writer)
                        break
            writer.close()
            self._tasks.discard(task)

        server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
        self._stack.push_async_callback(_close, server)
        known.port = server.sockets[0].getsockname()[1]
        return known

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._stack.aclose()


async def _close(server: asyncio.Server) -> None:
    server.close()
    await server.wait_closed()


async def _read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return head + await reader.readexactly(int(line.split(b":")[1]))
    return head


async def send(writer: asyncio.StreamWriter, data: bytes) -> None:
    """Write and wait until it is gone."""
    writer.write(data)
    await writer.drain()


def reply(status: str, body: bytes = b"", **headers: str) -> bytes:
    """A whole HTTP reply; `_` in header names stands for `-`."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{lines}\r\n".encode() + body
