"""A feed server in a process of its own: quick, quiet, and it writes down when each feed was asked for.

`python -c "from tests.kit.feedserver import main; main()" LOG`: prints its port, then serves until it is ended.
Feeds live at any loopback address; a request that knows their ETag gets 304, but for one in `FRESH`.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TextIO

FRESH = 100
"""Every so many conditional requests there is news."""
ITEM = "<item><title>Notice {0}</title><link>http://n.example/{0}</link><description>Words of it.</description></item>"


class Feeds:
    """Answers requests; the log gets a line `path time` for each feed."""

    def __init__(self, log: TextIO, fresh: int) -> None:
        self.log, self.fresh, self.asked = log, fresh, 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                writer.write(self.answer(await reader.readuntil(b"\r\n\r\n")))
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()

    def answer(self, head: bytes) -> bytes:
        path = head.split(b" ", 2)[1].decode()
        if path == "/robots.txt":
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        self.log.write(f"{path} {time.time()}\n")
        self.asked += 1
        if b"if-none-match" in head.lower() and (not self.fresh or self.asked % self.fresh):
            return b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'
        item = ITEM.format(f"{path.rsplit('/', 1)[-1]}-{self.asked}")
        body = f"<rss version='2.0'><channel><title>x</title>{item}</channel></rss>".encode()
        return b'HTTP/1.1 200 OK\r\nETag: "a"\r\nContent-Length: %d\r\n\r\n%s' % (len(body), body)


async def serve(log: TextIO, fresh: int) -> None:
    """Serve until cancelled; the port is printed first."""
    server = await asyncio.start_server(Feeds(log, fresh), "0.0.0.0", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    """Serve. Arguments: the log, and `FRESH` (0: never)."""
    fresh = int(sys.argv[2]) if len(sys.argv) > 2 else FRESH
    with open(sys.argv[1], "w", buffering=1) as log:
        asyncio.run(serve(log, fresh))
