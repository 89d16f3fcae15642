"""The whole service: a signal on NATS becomes a signed webhook and events, and survives its own death."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import nats
import pytest
from standardwebhooks import Webhook

from services.notify.adapters.catalog import check
from services.notify.app import MIGRATIONS, build
from services.notify.settings import NotifySettings
from shared.clock import SystemClock
from shared.db import open_database
from shared.db.migrate import upgrade
from shared.errors import ConfigError
from shared.events import SignalDetected
from shared.publish import JetStreamPublisher, NatsConnection
from tests.kit.wait import until
from tests.notify.builders import NOW, make_signal
from tests.notify.receiver import OK, Receiver, receiving, status

SECRET = "whsec_" + base64.b64encode(b"thirty-two bytes of a secret key").decode()


def _config(folder: Path, url: str, more: str = "") -> Path:
    config = folder / "config"
    config.mkdir(exist_ok=True)
    entry = f"  - {{id: desk, channel: webhook, url: '{url}', secret: '{SECRET}'{more}}}\n"
    (config / "subscribers.yaml").write_text("subscribers:\n" + entry)
    return config


def _fresh(number: int, **claim: Any) -> SignalDetected:
    """A signal of right now."""
    hours = (SystemClock().now() - NOW).total_seconds() / 3600
    return make_signal(number, hours=hours, **claim)


@asynccontextmanager
async def serving(folder: Path, nats_url: str, receiver: Receiver, more: str = "") -> AsyncIterator[JetStreamPublisher]:
    """Notify as a service, and a publisher that plays classify."""
    url = f"sqlite:///{folder}/notify.db"
    database = open_database(url)
    await upgrade(database, MIGRATIONS, service="notify")
    await database.close()
    settings = NotifySettings(
        nats_url=nats_url, database_url=url, config=_config(folder, receiver.url, more), allow_networks=("127.0.0.0/8",)
    )
    app = build(settings, {}).app()
    client = await nats.connect(nats_url)
    try:
        async with app.router.lifespan_context(app):
            yield JetStreamPublisher(NatsConnection(client), service="classify")
    finally:
        await client.close()


async def _stream(nats_url: str, name: str) -> list[tuple[str, dict[str, Any]]]:
    client = await nats.connect(nats_url)
    js = client.jetstream()
    last = (await js.stream_info(name)).state.messages
    messages = [await js.get_msg(name, seq) for seq in range(1, last + 1)]
    await client.close()
    return [(str(it.subject), {"headers": it.headers, "body": json.loads(it.data or b"{}")}) for it in messages]


@pytest.mark.system
async def test_a_signal_becomes_a_signed_webhook_and_events(tmp_path: Path, nats_url: str) -> None:
    async with receiving(OK) as receiver, serving(tmp_path, nats_url, receiver) as classify:
        signal = _fresh(1)
        for _ in range(2):
            await classify.publish(signal, correlation_id="article_1")
        await until(lambda: receiver.requests)
        request = receiver.requests[0]
        body = Webhook(SECRET).verify(request.body, request.headers)
        assert body["data"]["actors"] == ["CN"]

        async def both() -> bool:
            return bool(await _stream(nats_url, "ORE_ALERTS") and await _stream(nats_url, "ORE_DELIVERIES"))

        await until(both)
        [(subject, alert)] = await _stream(nats_url, "ORE_ALERTS")
        assert subject == "orewire.alert.raised.export_restriction.high"
        assert alert["headers"]["ce-correlationid"] == "article_1"
        assert alert["headers"]["ce-causationid"] == signal.id
        [(subject, delivery)] = await _stream(nats_url, "ORE_DELIVERIES")
        assert subject == "orewire.delivery.succeeded.webhook"
        assert delivery["headers"]["ce-causationid"] == alert["headers"]["ce-id"]
        assert delivery["body"]["delivery_id"] == request.headers["webhook-id"]
    assert len(receiver.requests) == 1


@pytest.mark.system
async def test_what_waited_when_the_service_stopped_is_sent_when_it_is_back(tmp_path: Path, nats_url: str) -> None:
    async with receiving(status(503), OK) as receiver:
        async with serving(tmp_path, nats_url, receiver) as classify:
            await classify.publish(_fresh(1), correlation_id="article_1")
            await until(lambda: receiver.requests)
        async with serving(tmp_path, nats_url, receiver):
            await until(lambda: len(receiver.requests) == 2, seconds=15)
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1


@pytest.mark.system
async def test_a_group_that_waited_when_the_service_stopped_is_one_message_when_it_is_back(
    tmp_path: Path, nats_url: str
) -> None:
    lane = ", lane: normal, group_wait: 3s"
    async with receiving(OK) as receiver:
        async with serving(tmp_path, nats_url, receiver, lane) as classify:
            await classify.publish(_fresh(1), correlation_id="article_1")
            await classify.publish(_fresh(2, actors=("ID",), commodities=("tin",)), correlation_id="article_2")
            await until(lambda: _held(tmp_path) == 2)
        assert receiver.requests == []
        async with serving(tmp_path, nats_url, receiver, lane):
            await until(lambda: receiver.requests, seconds=15)
            await until(lambda: _held(tmp_path) == 0)
    (request,) = receiver.requests
    digest = Webhook(SECRET).verify(request.body, request.headers)["data"]
    assert (len(digest["alerts"]), digest["note"]) == (2, "Told together, the most severe first.")


def _held(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "notify.db")) as connection:
        return int(connection.execute("SELECT count(*) FROM notify_held").fetchone()[0])


def test_check_tells_what_was_found_or_every_mistake(tmp_path: Path) -> None:
    assert check(_config(tmp_path, "https://desk.example"), {}) == "1 subscribers, 1 enabled"
    with pytest.raises(ConfigError):
        check(_config(tmp_path, "nowhere"), {})
