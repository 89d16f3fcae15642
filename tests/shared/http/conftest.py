"""Raw servers and a client that may reach them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from shared.http import HttpClient
from tests.kit.rawserver import RawServers


@pytest.fixture
async def serve() -> AsyncIterator[RawServers]:
    servers = RawServers()
    yield servers
    await servers.stop()


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    """A client that may reach loopback."""
    async with HttpClient(allow_networks=["127.0.0.0/8"]) as ready:
        yield ready
