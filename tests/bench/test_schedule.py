"""Thousands of sources on one core: are polls on time, and what does one cost? Prints what was measured."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from services.ingest.adapters.catalog import load
from services.ingest.adapters.tables import sources as table
from services.ingest.app import MIGRATIONS, NAME
from shared.db import Database, open_database
from shared.db.migrate import upgrade
from shared.settings import ROOT
from tests.kit.ports import free_port
from tests.kit.wait import until

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]
SOURCES, INTERVAL, SECONDS = 2_000, 60, 80
LATE, ON_TIME = 5.0, 0.95
UNCHANGED = 500
MEMORY = 400  # MB, of the service with its workers
LAST_CORE = "import os; os.sched_setaffinity(0, {max(os.sched_getaffinity(0))}); "
ONE_CORE = "import os; os.sched_setaffinity(0, {0}); "


@contextlib.asynccontextmanager
async def feeds(log: Path, *arguments: str) -> AsyncIterator[int]:
    """A feed server on the last core; yields its port."""
    code = LAST_CORE + "from tests.kit.feedserver import main; main()"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, str(log), *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield int(await process.stdout.readline())
    finally:
        process.kill()
        await process.wait()


def address(number: int, port: int) -> str:
    """Each feed has a host of its own."""
    return f"http://127.1.{number // 250}.{number % 250 + 1}:{port}/feed/{number}"


def write_sources(folder: Path, port: int, count: int) -> None:
    entry = '- {{id: feed-{0}, type: rss, url: "{1}", interval: {2}s, max_interval: {2}s}}\n'
    lines = (entry.format(number, address(number, port), INTERVAL) for number in range(count))
    (folder / "sources.yaml").write_text("sources:\n" + "".join(lines), "utf-8")


async def seeded(folder: Path) -> Database:
    """The tables as after hours of polling: sources are due evenly over the next interval."""
    database = open_database(f"sqlite:///{folder}/ingest.db")
    await upgrade(database, MIGRATIONS, service=NAME)
    begin = datetime.now(UTC) + timedelta(seconds=15)
    sources = load(folder, {})
    step = timedelta(seconds=INTERVAL) / len(sources)
    rows = [
        {
            "id": source.id, "fingerprint": source.fingerprint, "next_poll_at": begin + place * step,
            "lease_until": datetime(2000, 1, 1, tzinfo=UTC), "fence": 1, "cursor": '{"etag": "\\"a\\""}',
            "failures": 0, "waits": 0,
        }
        for place, source in enumerate(sources)
    ]  # fmt: skip
    async with database.begin() as connection:
        await connection.execute(insert(table), rows)
    return database


async def plans(database: Database, seen: dict[str, set[datetime]]) -> None:
    async with database.begin() as connection:
        for row in await connection.execute(select(table.c.id, table.c.next_poll_at)):
            seen[row.id].add(row.next_poll_at)


def memory(pid: int) -> float:
    """MB of the process and its children, shared pages counted once."""
    total = 0.0
    for child in [pid, *descendants(pid)]:
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{child}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:"))
    return total


def cpu_seconds(pid: int) -> float:
    """Processor time of the process itself, up to now."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def descendants(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            found += [int(child), *descendants(int(child))]
    return found


def lateness(seen: dict[str, set[datetime]], log: Path) -> list[float]:
    """Seconds between each planned time and the request that followed it."""
    asked: dict[str, list[float]] = defaultdict(list)
    for line in log.read_text().splitlines():
        path, at = line.split()
        asked["feed-" + path.rsplit("/", 1)[1]].append(float(at))
    end = max(moment for moments in asked.values() for moment in moments)
    found = []
    for source, times in seen.items():
        known = [planned for planned in (time.timestamp() for time in times) if planned < end - LATE]
        found += [min((at for at in asked[source] if at > planned - 1), default=end) - planned for planned in known]
    return sorted(found)


async def test_2000_sources_every_minute_are_polled_on_time_on_one_core(nats_url: str, tmp_path: Path) -> None:
    log = tmp_path / "asked.log"
    async with feeds(log) as port:
        write_sources(tmp_path, port, SOURCES)
        database = await seeded(tmp_path)
        settings = {
            "NATS_URL": nats_url, "DATABASE_URL": f"sqlite:///{tmp_path}/ingest.db", "CONFIG": str(tmp_path),
            "DATA": str(tmp_path), "PORT": str(free_port()), "ALLOW_NETWORKS": "127.0.0.0/8", "LOG_LEVEL": "warning",
        }  # fmt: skip
        variables = {f"OREWIRE_{key}": value for key, value in settings.items()}
        with (tmp_path / "ingest.log").open("wb") as errors:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", ONE_CORE + "from services.ingest.app import main; main()",
                cwd=ROOT, env={"PATH": os.environ["PATH"], **variables}, stderr=errors,
            )  # fmt: skip
        seen: dict[str, set[datetime]] = defaultdict(set)
        await until(lambda: log.stat().st_size > 0, seconds=60, what="the first poll")
        began, most = asyncio.get_running_loop().time(), 0.0
        while asyncio.get_running_loop().time() - began < SECONDS:
            await plans(database, seen)
            most = max(most, memory(process.pid))
            await asyncio.sleep(5)
        cpu = cpu_seconds(process.pid)
        process.terminate()
        await process.wait()
        await database.close()
    late = lateness(seen, log)
    share = sum(seconds <= LATE for seconds in late) / len(late)
    figures = {
        "sources": SOURCES,
        "polls": len(late),
        "within_5_s": round(share, 4),
        "median_s": round(late[len(late) // 2], 2),
        "p99_s": round(late[int(len(late) * 0.99)], 2),
        "most_s": round(late[-1], 2),
        "memory_mb": round(most),
        "cpu_share": round(cpu / SECONDS, 2),
    }
    print("\n" + json.dumps(figures))
    assert len(late) >= SOURCES
    assert share >= ON_TIME
    assert most < MEMORY


async def test_a_poll_of_500_unchanged_feeds_costs_under_3_s_of_processor(tmp_path: Path) -> None:
    async with feeds(tmp_path / "asked.log", "0") as port:
        write_sources(tmp_path, port, UNCHANGED)
        await (await seeded(tmp_path)).close()
        code = ONE_CORE + "from tests.kit.unchanged import main; main()"
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, str(tmp_path), str(port), cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
        out, _ = await process.communicate()
    figures = json.loads(out.decode().splitlines()[-1])
    print("\n" + json.dumps(figures | {"ratio": round(figures["ours_s"] / figures["bare_s"], 2), "feeds": UNCHANGED}))
    assert figures["ours_s"] < 3.0
