"""Bringing a real server to the topology."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.errors import Unreachable
from shared.provision import connect, provision
from shared.streams import CLASSIFY, CONSUMERS, STREAMS
from tests.kit.nats import nats_server


async def test_every_stream_and_durable_stands_with_its_limits(nats_url: str) -> None:
    client = await connect(nats_url, name="test")
    js = client.jetstream()
    for stream in STREAMS:
        config = (await js.stream_info(stream.name)).config
        assert config.subjects == list(stream.subjects)
        assert config.max_age == stream.max_age.total_seconds()
        assert config.duplicate_window == stream.duplicate_window.total_seconds()
    for consumer in CONSUMERS:
        assert (await js.consumer_info(consumer.stream, consumer.durable)).config.max_deliver == -1
    await client.close()


async def test_a_second_run_repairs_what_drifted_and_loses_nothing(nats_url: str) -> None:
    client = await connect(nats_url, name="test")
    js = client.jetstream()
    await js.publish("orewire.article.collected.wire", b"kept")
    config = (await js.stream_info("ORE_ARTICLES")).config
    config.max_age = 60.0
    config.duplicate_window = 30.0
    await js.update_stream(config)
    await js.delete_consumer(CLASSIFY.stream, CLASSIFY.durable)
    await provision(js)
    info = await js.stream_info("ORE_ARTICLES")
    assert info.config.max_age == STREAMS[0].max_age.total_seconds()
    assert info.state.messages == 1
    assert (await js.consumer_info(CLASSIFY.stream, CLASSIFY.durable)).num_pending == 1
    await client.close()


async def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    async with nats_server(tmp_path) as server:
        url = server.url
    with pytest.raises(Unreachable, match="no NATS server answers at"):
        await connect(url, name="test")
