"""Fixtures every test may use: a real NATS server, a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from shared.db import Database, open_database
from shared.provision import connect, provision
from tests.kit import postgres
from tests.kit.nats import NatsServer, nats_server


@pytest.fixture
async def nats_process(tmp_path: Path) -> AsyncIterator[NatsServer]:
    """A real server with the topology provisioned."""
    async with nats_server(tmp_path / "nats") as server:
        client = await connect(server.url, name="test-provision")
        await provision(client.jetstream())
        await client.close()
        yield server


@pytest.fixture
def nats_url(nats_process: NatsServer) -> str:
    """URL of a real, provisioned server."""
    return nats_process.url


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL of a real PostgreSQL."""
    if not postgres.available():
        pytest.skip("no PostgreSQL here: install it, or set TEST_PG_URL")
    with postgres.postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A real database, once SQLite and once PostgreSQL. Tests make the tables they need."""
    sqlite = f"sqlite:///{tmp_path}/test.db"
    opened = open_database(sqlite if request.param == "sqlite" else request.getfixturevalue("postgres_url"))
    yield opened
    await opened.close()
