"""A real nats-server on a free port."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from shared.embedded import nats_server as embedded
from shared.embedded.supervisor import wait_ready
from tests.kit.ports import free_port


class NatsServer:
    """One nats-server with JetStream, which a test may kill and start again on the same port and files."""

    def __init__(self, folder: Path) -> None:
        self.port, self._monitor = free_port(), free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self._config = embedded.write_config(folder, port=self.port, monitor_port=self._monitor)
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start and wait until it is healthy."""
        self._process = await asyncio.create_subprocess_exec(str(embedded.binary()), "-c", str(self._config))
        async with asyncio.timeout(10):
            await wait_ready(f"http://127.0.0.1:{self._monitor}/healthz", pause=0.01)

    async def stop(self, number: int = signal.SIGTERM) -> None:
        """End the process this object started; SIGKILL to crash it."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.send_signal(number)
            await process.wait()

    def relax(self) -> None:
        """Let the disk write when it likes, from the next start on: for tests of quantities, not of crashes."""
        text = self._config.read_text("utf-8")
        assert "sync_interval: always" in text
        self._config.write_text(text.replace("sync_interval: always", "sync_interval: 1m"), "utf-8")

    def signal(self, number: int) -> None:
        """Send a signal and go on: SIGSTOP makes a server that answers nothing."""
        assert self._process is not None
        self._process.send_signal(number)


@asynccontextmanager
async def nats_server(folder: Path) -> AsyncIterator[NatsServer]:
    """A running server, stopped at the end."""
    server = NatsServer(folder)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
