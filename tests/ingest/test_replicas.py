"""Three replicas as real processes on one database: each source is polled by one of them, and one is killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import asyncpg
import pytest

from services.ingest.app import MIGRATIONS, NAME
from shared.db import open_database
from shared.db.migrate import upgrade
from shared.settings import ROOT
from tests.kit.ports import free_port
from tests.kit.wait import until

pytestmark = [pytest.mark.system, pytest.mark.timeout(150)]
SOURCES, REPLICAS = 30, 3
INTERVAL = 5.0  # seconds
TAKEN_OVER = 10.0  # seconds
FEED = b"<rss version='2.0'><channel><title>x</title><item><title>One</title></item></channel></rss>"


@dataclass
class Asked:
    """One request for a feed."""

    replica: str
    began: float
    ended: float = float("inf")


@dataclass
class Site:
    """Feeds on loopback, each at an address of its own; one of them may be told to hang."""

    asked: dict[str, list[Asked]] = field(default_factory=lambda: defaultdict(list))
    hangs: str = ""
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                await self._reply(head, writer)
        writer.close()

    async def _reply(self, head: str, writer: asyncio.StreamWriter) -> None:
        path = head.split()[1]
        if not path.startswith("/feed/"):
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return
        replica = head.split("user-agent: ")[1].split("\r\n", maxsplit=1)[0]
        asked = Asked(replica, time.monotonic())
        self.asked[path].append(asked)
        if path == self.hangs:
            await self.go_on.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(FEED), FEED))
        asked.ended = time.monotonic()


@pytest.fixture
async def site() -> AsyncIterator[tuple[Site, int]]:
    site = Site()
    server = await asyncio.start_server(site.answer, "0.0.0.0", 0)
    yield site, server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of its own with the tables of ingest."""
    url = f"sqlite:///{tmp_path}/ingest.db"
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_url")
        name = f"replicas_{secrets.token_hex(4)}"
        connection = await asyncpg.connect(server)
        await connection.execute(f"CREATE DATABASE {name}")
        await connection.close()
        url = f"{server.rsplit('/', 1)[0]}/{name}"
    database = open_database(url)
    await upgrade(database, MIGRATIONS, service=NAME)
    await database.close()
    return url


def entry(number: int, port: int) -> str:
    url = f"http://127.0.1.{number + 1}:{port}/feed/{number}"
    return f'- {{id: feed-{number}, type: rss, url: "{url}", interval: {INTERVAL:.0f}s, max_interval: 5s}}\n'


Started = dict[str, asyncio.subprocess.Process]


@contextlib.asynccontextmanager
async def replicas(folder: Path, nats_url: str, database_url: str) -> AsyncIterator[Started]:
    started: Started = {}
    for name in (f"replica-{number}" for number in range(REPLICAS)):
        settings = {
            "NATS_URL": nats_url, "DATABASE_URL": database_url, "CONFIG": str(folder), "DATA": str(folder),
            "PORT": str(free_port()), "ALLOW_NETWORKS": "127.0.0.0/8", "INGEST_USER_AGENT": name,
            "INGEST_WORKERS": "1", "INGEST_PARSE_TIMEOUT": "30",
        }  # fmt: skip
        variables = {f"OREWIRE_{key}": value for key, value in settings.items()}
        command = [sys.executable, "-c", "from services.ingest.app import main; main()"]
        with (folder / f"{name}.log").open("wb") as log:
            started[name] = await asyncio.create_subprocess_exec(
                *command, cwd=ROOT, env={"PATH": os.environ["PATH"], **variables}, stderr=log, start_new_session=True
            )
    try:
        yield started
    finally:
        for process in started.values():
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        await asyncio.gather(*(process.wait() for process in started.values()))


def doubles(site: Site) -> list[tuple[str, float]]:
    """Polls that began while another of the same source was under way, or before its interval was over."""
    return [
        (path, later.began - earlier.began)
        for path, asked in site.asked.items()
        for earlier, later in pairwise(asked)
        if later.began < earlier.ended or later.began - earlier.began < INTERVAL * 0.98
    ]


async def test_each_source_is_polled_by_one_replica_and_a_killed_ones_sources_pass_on(
    site: tuple[Site, int], nats_url: str, database_url: str, tmp_path: Path
) -> None:
    feeds, port = site
    (tmp_path / "sources.yaml").write_text("sources:\n" + "".join(entry(n, port) for n in range(SOURCES)), "utf-8")
    async with replicas(tmp_path, nats_url, database_url) as running:
        await until(
            lambda: len(feeds.asked) == SOURCES and all(len(asked) >= 2 for asked in feeds.asked.values()),
            seconds=60, what="every feed polled twice",
        )  # fmt: skip
        assert doubles(feeds) == []
        active = {asked.replica for polls in feeds.asked.values() for asked in polls}
        assert len(active) > 1, "the work is shared"

        feeds.hangs = "/feed/7"
        seen = len(feeds.asked["/feed/7"])
        await until(lambda: len(feeds.asked["/feed/7"]) > seen, seconds=20)
        victim = feeds.asked["/feed/7"][-1].replica
        os.kill(running[victim].pid, signal.SIGKILL)
        killed = time.monotonic()
        feeds.hangs = ""
        feeds.go_on.set()
        hung = feeds.asked["/feed/7"][-1]

        def all_asked_again() -> bool:
            return all(any(a.began > killed for a in polls if a.replica != victim) for polls in feeds.asked.values())

        await until(all_asked_again, seconds=30, what="every feed polled after the kill")
        firsts = {path: min(a.began for a in polls if a.began > killed) for path, polls in feeds.asked.items()}
        hung_for, longest = firsts["/feed/7"] - killed, max(firsts.values()) - killed
        print(f"\ntaken over after {hung_for:.1f} s, the last of all after {longest:.1f} s")
        assert longest <= TAKEN_OVER
        feeds.asked["/feed/7"].remove(hung)
        assert doubles(feeds) == []
