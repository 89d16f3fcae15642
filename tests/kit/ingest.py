"""One ingest service as a process of its own, which a test may kill and start again on the same files."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from services.ingest.app import MIGRATIONS, NAME
from shared.db import open_database
from shared.db.migrate import upgrade
from tests.kit.ports import free_port
from tests.kit.wait import until


class IngestProcess:
    """`orewire run ingest` on a free port, with `folder` as config and data directory."""

    def __init__(self, nats_url: str, folder: Path, *, database_url: str | None = None) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder, self.log = folder, folder / "ingest.log"
        self.database_url = database_url or f"sqlite:///{folder}/ingest.db"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("OREWIRE_")}
        self.variables = kept | {
            "OREWIRE_NATS_URL": nats_url,
            "OREWIRE_DATABASE_URL": self.database_url,
            "OREWIRE_CONFIG": str(folder),
            "OREWIRE_DATA": str(folder),
            "OREWIRE_PORT": str(self.port),
            "OREWIRE_ALLOW_NETWORKS": "127.0.0.0/8",
        }
        self._process: asyncio.subprocess.Process | None = None

    async def migrate(self) -> None:
        """Make the tables."""
        database = open_database(self.database_url)
        await upgrade(database, MIGRATIONS, service=NAME)
        await database.close()

    async def start(self) -> None:
        """Start and wait until it is ready."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", "services", "run", "ingest", env=self.variables, stdout=log, stderr=log
            )
        async with httpx.AsyncClient(trust_env=False) as client:

            async def ready() -> bool:
                assert self._process is not None
                assert self._process.returncode is None, self.log.read_text("utf-8")[-2000:]
                try:
                    return (await client.get(f"{self.url}/readyz")).status_code == 200
                except httpx.HTTPError:
                    return False

            await until(ready, seconds=30, what="ingest ready")

    async def stop(self, number: int = signal.SIGTERM) -> None:
        """End it; SIGKILL to crash it."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.send_signal(number)
            await asyncio.wait_for(process.wait(), 30)


@asynccontextmanager
async def ingest_process(nats_url: str, folder: Path) -> AsyncIterator[IngestProcess]:
    """A running service, stopped at the end."""
    process = IngestProcess(nats_url, folder)
    if not (folder / "sources.yaml").exists():
        (folder / "sources.yaml").write_text("sources: []\n", "utf-8")
    await process.migrate()
    await process.start()
    try:
        yield process
    finally:
        await process.stop()
