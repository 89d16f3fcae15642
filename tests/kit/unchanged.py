"""One poll of each of many feeds that have not changed, and the same requests in a bare loop; prints processor seconds.

`python -c "from tests.kit.unchanged import main; main()" FOLDER PORT`: FOLDER holds sources.yaml and the database.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import uvloop
from sqlalchemy import update

from services.ingest.adapters.catalog import load
from services.ingest.adapters.fetch import GuardedFetch
from services.ingest.adapters.folder import LocalFolder
from services.ingest.adapters.hosts import HostGate
from services.ingest.adapters.leases import SqlSourceStates
from services.ingest.adapters.metrics import PollCounter
from services.ingest.adapters.tables import sources as table
from services.ingest.adapters.turns import SqlTurns
from services.ingest.found import Origin
from services.ingest.politeness import Etiquette
from services.ingest.polling import Poll, PollReport
from services.ingest.ports import Reach
from services.ingest.schedule import Schedule
from services.ingest.sources.rss import Source
from shared import log as logs
from shared.clock import SystemClock
from shared.db import open_database
from shared.http import HttpClient
from tests.kit.wait import until


async def ours(folder: Path, sources: tuple[Source, ...]) -> float:
    """Processor seconds of one poll of each source, every one answered with 304."""
    clock, etiquette = SystemClock(), Etiquette(sources)
    database = open_database(f"sqlite:///{folder}/ingest.db")
    counted: list[str | None] = []
    async with HttpClient(allow_networks=["127.0.0.0/8"]) as client:
        gate = HostGate(clock, etiquette.gap, etiquette.is_shared, SqlTurns(database, clock))
        fetch = GuardedFetch(client, clock, gate=gate, etiquette=etiquette)
        nothing: Any = None
        poll = Poll(
            states=SqlSourceStates(database), collect=Nothing(),
            reach=Reach(fetch, nothing, LocalFolder(folder, clock)),
            errand=fetch.errand, publisher=nothing, origin_of=Origin, clock=clock, chance=random.random,
        )  # fmt: skip
        count = PollCounter(clock)

        def told(report: PollReport) -> None:
            count(report)
            counted.append(report.error)

        spent = 0.0
        for _ in range(2):  # the first round reads every robots.txt, as happens once a day
            counted.clear()
            async with database.begin() as connection:
                await connection.execute(update(table).values(next_poll_at=clock.now()))
            began = time.process_time()
            schedule = Schedule(poll.run, clock=clock, watch=told)
            schedule.start(sources)
            await until(lambda: len(counted) == len(sources), seconds=60)
            await schedule.stop()
            spent = time.process_time() - began
    assert set(counted) == {None}
    await database.close()
    return spent


class Nothing:
    """A `Collect` that is handed nothing: no feed has changed."""

    async def accept(self, pieces: list[Any], *, patient: bool) -> list[Any]:
        assert not pieces
        return []


async def bare(sources: tuple[Source, ...]) -> float:
    """Processor seconds of the same conditional requests with plain httpx, 64 at a time."""
    slots = asyncio.Semaphore(64)
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:

        async def ask(url: str) -> None:
            async with slots:
                reply = await client.get(url, headers={"if-none-match": '"a"'})
                assert reply.status_code == 304

        began = time.process_time()
        await asyncio.gather(*(ask(source.url) for source in sources))
        return time.process_time() - began


def main() -> None:
    """Measure both, three times, alternating; print the medians."""
    logs.configure("info", "ingest")
    folder = Path(sys.argv[1])
    sources: Any = load(folder, {})
    mine, plain = [], []
    for _ in range(3):
        mine.append(uvloop.run(ours(folder, sources)))
        plain.append(uvloop.run(bare(sources)))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"ours_s": sorted(mine)[1], "bare_s": sorted(plain)[1], "memory_mb": most}))
