"""Pools of connections, one an origin."""

from __future__ import annotations

import asyncio

import pytest

from shared.http import HttpClient, pools
from tests.kit.rawserver import OK, RawServers


async def test_pools_of_many_hosts_are_closed_while_many_ask_at_once(
    serve: RawServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await serve(OK)

    async def loopback(host: str, port: int, /) -> list[str]:
        return ["127.0.0.1"]

    async with HttpClient(allow_networks=["127.0.0.1"], resolve=loopback) as client:
        for name in ("first", "second"):
            urls = [f"http://{name}-{number}.example:{server.port}/" for number in range(60)]
            got = await asyncio.gather(*(client.request("GET", url, max_bytes=10) for url in urls))
            assert {reply.body for reply in got} == {b"ok"}
            monkeypatch.setattr(pools, "KEEPALIVE", 0.0)  # those of the first round are idle for too long now
