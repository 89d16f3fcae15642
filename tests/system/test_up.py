"""`orewire up`: what it refuses, and what is left of it when it ends, however it ends."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.demo.receiver import Receiver
from services.demo.serving import serving
from shared.clock import SystemClock
from tests.kit.command import orewire
from tests.kit.misspelt import SECRET, broken_config
from tests.kit.news import flagged
from tests.kit.ports import free_port_base
from tests.kit.processes import MARK, marked
from tests.kit.stack import DEFAULT_VARIABLES, Stack, make_config, running
from tests.kit.wait import until

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]
NUMBERS = count()


async def test_up_starts_nothing_with_a_mistake_in_the_config(tmp_path: Path) -> None:
    config, places = broken_config(tmp_path)
    data, base = tmp_path / "data", free_port_base()
    ended = await orewire("up", "--config", str(config), "--data", str(data), "--port-base", str(base))
    assert (ended.code, ended.out) == (2, "")
    assert not [place for place in places if f"{place}:" not in ended.err]
    assert [path.name for path in data.iterdir()] == ["orewire.lock"]


@pytest.mark.parametrize(
    ("data", "port_base", "words"),
    [
        ("/proc/nowhere", 8700, "cannot be used as data directory"),
        ("{tmp}/config/sources.yaml", 8700, "cannot be used as data directory"),
        ("{tmp}/data", 70_000, "port 70001 for ingest"),
    ],
)
async def test_up_refuses_places_it_cannot_use(tmp_path: Path, data: str, port_base: int, words: str) -> None:
    config = make_config(tmp_path, receiver_url="http://127.0.0.1:1", secret=SECRET)
    places = ("--config", str(config), "--data", data.format(tmp=tmp_path), "--port-base", str(port_base))
    ended = await orewire("up", *places)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err
    assert "Traceback" not in ended.err


async def test_killed_or_interrupted_up_leaves_no_process_behind_and_starts_again(tmp_path: Path) -> None:
    async with _installation(tmp_path) as (mark, start):
        async with start() as up:
            await _post_page(up)
            await until(lambda: len(up.receiver.receipts) == 1, what="the alert before the crash")
            assert len(marked(mark)) >= 5
            up.process.kill()
            await until(lambda: not marked(mark), seconds=20, what="the end of every process after SIGKILL")
        async with start() as up:
            await _post_page(up)
            await until(lambda: len(up.receiver.receipts) == 2, what="the alert after the crash")
            up.process.send_signal(signal.SIGINT)
            assert await asyncio.wait_for(up.process.wait(), 20) == 0
            assert marked(mark) == []
            assert up.bugs() == []
            assert (up.receiver.tally.bad_signatures, up.receiver.tally.duplicates) == (0, 0)


@asynccontextmanager
async def _installation(folder: Path) -> AsyncIterator[tuple[str, Any]]:
    """A mark that all its processes carry, and how to start it; the receiver outlives the processes."""
    receiver = Receiver(SECRET, SystemClock(), asyncio.Event())
    mark = uuid4().hex
    async with serving(receiver.app) as url:
        config = make_config(folder, receiver_url=url, secret=SECRET)
        yield mark, lambda: running(folder, config, receiver, url, variables={**DEFAULT_VARIABLES, MARK: mark})


async def _post_page(up: Stack) -> None:
    """A flagged article as a web page: its parser runs in processes of its own."""
    article = flagged(next(NUMBERS), published_at=datetime.now(UTC).isoformat())
    page = f"<html><title>{article['title']}</title><body><p>{article['text']}</p></body></html>"
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        body = article | {"title": None, "text": None, "html": page}
        answer = await client.post(f"{up.urls['ingest']}/v1/articles", json=body)
    assert answer.json()["results"][0]["status"] == "accepted", answer.text
