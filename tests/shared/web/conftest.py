"""An app of the kit on a real uvicorn server, reached by httpx."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence

import httpx
import pytest
import uvicorn
from starlette.routing import BaseRoute

from shared.web import Check, Lifespan, make_app


class Apps:
    """Starts apps; each is a client with the app's address as base."""

    def __init__(self) -> None:
        self._stack = contextlib.AsyncExitStack()

    async def __call__(
        self,
        routes: Sequence[BaseRoute] = (),
        *,
        service: str = "ingest",
        checks: Mapping[str, Check] | None = None,
        token: str | None = None,
        lifespan: Lifespan | None = None,
    ) -> httpx.AsyncClient:
        app = make_app(service=service, routes=routes, checks=checks or {}, token=token, lifespan=lifespan)
        config = uvicorn.Config(app, port=0, log_config=None, access_log=False, http="httptools", ws="none")
        port = await self._serve(uvicorn.Server(config))
        client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False)
        return await self._stack.enter_async_context(client)

    async def _serve(self, server: uvicorn.Server) -> int:
        server.config.load()
        server.lifespan = server.config.lifespan_class(server.config)
        await server.startup()
        self._stack.push_async_callback(server.shutdown)
        port: int = server.servers[0].sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        await self._stack.aclose()


@pytest.fixture
async def run() -> AsyncIterator[Apps]:
    apps = Apps()
    yield apps
    await apps.stop()
