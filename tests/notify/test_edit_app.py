"""The whole service: a story is taken back over HTTP, and the receiver and the stream hear of it."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from services.notify.app import MIGRATIONS, build
from services.notify.settings import NotifySettings
from shared.db import open_database
from shared.db.migrate import upgrade
from shared.publish import JetStreamPublisher, NatsConnection
from tests.kit.wait import until
from tests.notify.receiver import OK, receiving
from tests.notify.test_app import _config, _fresh, _stream


@pytest.mark.system
async def test_a_story_taken_back_is_told_to_the_receiver_and_the_stream(tmp_path: Path, nats_url: str) -> None:
    import nats

    url = f"sqlite:///{tmp_path}/notify.db"
    database = open_database(url)
    await upgrade(database, MIGRATIONS, service="notify")
    await database.close()
    async with receiving(OK) as receiver:
        settings = NotifySettings(
            nats_url=nats_url,
            database_url=url,
            config=_config(tmp_path, receiver.url),
            allow_networks=("127.0.0.0/8",),
        )
        app = build(settings, {}).app()
        client = await nats.connect(nats_url)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as api,
        ):
            await JetStreamPublisher(NatsConnection(client), service="classify").publish(
                _fresh(1), correlation_id="article_1"
            )
            await until(lambda: receiver.requests)

            async def delivered() -> bool:
                return bool((await api.get("/v1/deliveries", params={"status": "delivered"})).json()["deliveries"])

            await until(delivered)
            story_id = (await api.get("/v1/alerts")).json()["alerts"][0]["story_id"]
            reply = await api.post(f"/v1/alerts/{story_id}/retract", json={"why": "it was about imports"})
            assert reply.json()["recipients"] == 1
            await until(lambda: len(receiver.requests) == 2)

            async def published() -> bool:
                return len(await _stream(nats_url, "ORE_ALERTS")) == 2

            await until(published)
        await client.close()
    body = json.loads(receiver.requests[1].body)
    assert (body["type"], body["data"]["reason"]) == ("io.orewire.alert.retracted.v1", "retracted")
    [_, (subject, event)] = await _stream(nats_url, "ORE_ALERTS")
    assert subject == "orewire.alert.retracted.export_restriction.high"
    assert event["body"]["note"] == "Retracted: it was about imports"
    assert event["headers"]["ce-correlationid"] == "article_1"
