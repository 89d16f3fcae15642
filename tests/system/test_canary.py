"""The canary: it reaches its own subscriber and nobody else, and its absence is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import yaml

from services.demo.receiver import Receiver
from services.demo.serving import serving
from services.demo.workspace import new_secret
from services.notify.headline import COMES_THROUGH
from shared.clock import SystemClock
from shared.provision import connect
from tests.kit.stack import Stack, make_config, running
from tests.kit.wait import until

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]
CANARY = [{"id": "canary", "type": "canary", "interval": "5s"}]
LISTENER = """
  - id: listener
    channel: webhook
    url: {url}/webhook
    secret: {secret}
    filter: {{kind: canary}}
"""


@asynccontextmanager
async def _installation(folder: Path, listener: str = "") -> AsyncIterator[tuple[Stack, Receiver]]:
    """Everything, with a desk that wants all there is; the receiver is the desk's."""
    secret = new_secret()
    desk = Receiver(secret, SystemClock(), asyncio.Event())
    async with serving(desk.app) as url:
        config = make_config(folder, receiver_url=url, secret=secret, more=listener)
        (config / "sources.yaml").write_text(yaml.safe_dump({"sources": CANARY}), "utf-8")
        async with running(folder, config, desk, url) as started:
            yield started, desk


async def _told(started: Stack) -> list[str]:
    """What was told of the canary's health, first to last."""
    client = await connect(started.urls["nats"], name="test")
    try:
        subscription = await client.jetstream().subscribe("orewire.source.*.canary", ordered_consumer=True)
        told = []
        while subscription.pending_msgs or not told or (await subscription.consumer_info()).num_pending:
            message = await subscription.next_msg(timeout=60)
            told.append(message.subject.split(".")[2])
        return told
    finally:
        await client.close()


async def test_a_canary_reaches_its_subscriber_and_no_one_else(tmp_path: Path) -> None:
    secret = new_secret()
    listener = Receiver(secret, SystemClock(), asyncio.Event())
    async with serving(listener.app) as url, _installation(tmp_path, LISTENER.format(url=url, secret=secret)) as both:
        started, desk = both
        await until(lambda: len(listener.receipts) >= 3, seconds=60)
        assert {receipt.alert.kind for receipt in listener.receipts} == {"canary"}
        assert len({receipt.alert.story_id for receipt in listener.receipts}) == len(listener.receipts)
        assert listener.receipts[0].alert.headline == COMES_THROUGH
        assert not desk.receipts
        assert not started.bugs()
        log = started.log.read_text("utf-8")
    assert "delivered to nobody" not in log


async def test_canaries_that_nobody_receives_are_told_to_operators(tmp_path: Path) -> None:
    async with _installation(tmp_path) as (started, desk):
        assert await _told(started) == ["unhealthy"]
        assert not desk.receipts
