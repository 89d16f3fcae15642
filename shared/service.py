"""The skeleton all services share: HTTP side, bus, background loops, and an orderly start and stop."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import nats.errors
import structlog
import uvicorn
import uvloop
from nats.js.errors import Error as JetStreamError
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from shared import log as logs
from shared.broker import Broker, check_subscribers
from shared.errors import TransientError
from shared.settings import RuntimeSettings
from shared.streams import Consumer
from shared.web import Check, make_app

log = structlog.get_logger(__name__)
Job = Callable[[], Awaitable[None]]
RETRY_SECONDS: Final = 1.0
STOP_SECONDS: Final = 10


@dataclass(frozen=True)
class Service:
    """One service, ready to run. `jobs` are endless loops; `closers` run last, in order."""

    name: str
    settings: RuntimeSettings
    broker: Broker
    consumer: Consumer | None = None
    routes: Sequence[BaseRoute] = ()
    checks: Mapping[str, Check] = field(default_factory=dict)
    startup: Sequence[Job] = ()
    jobs: Mapping[str, Job] = field(default_factory=dict)
    closers: Sequence[Job] = ()
    failures: dict[str, str] = field(default_factory=dict)
    """Loops that failed just now, and why."""

    def app(self) -> Starlette:
        """The ASGI application: its lifespan is the service's life."""
        token = self.settings.api_token
        return make_app(
            service=self.name,
            routes=self.routes,
            checks={"nats": self._nats_check, "loops": self._loops_check, **self.checks},
            token=token.get_secret_value() if token else None,
            lifespan=self._lifespan,
        )

    async def prepare(self) -> None:
        """Run the `startup` jobs, before anything is served.

        Raises:
            ConfigError: the service cannot run like this, for example because its tables are missing.
        """
        for job in self.startup:
            await job()

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        log.info("starting", **{f"setting_{name}": value for name, value in self.settings.masked().items()})
        loops = {"bus": self._join_bus, **self.jobs}
        tasks = [asyncio.create_task(_endless(name, job, self.failures), name=name) for name, job in loops.items()]
        try:
            yield
        finally:
            await self._stop(tasks)

    async def _stop(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        """Finish the messages in hand first, then end the loops, then close what they used."""
        tasks[0].cancel()
        await self.broker.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for close in self.closers:
            await close()
        log.info("stopped")

    async def _join_bus(self) -> None:
        """Connect, wait until the topology stands, start consuming; then stay."""
        await self.broker.connect()
        if self.consumer is not None:
            await self._topology(self.consumer)
        await self.broker.start()
        log.info("consuming" if self.consumer else "connected")
        await asyncio.Event().wait()

    async def _topology(self, consumer: Consumer) -> None:
        try:
            await self.broker.jetstream().consumer_info(consumer.stream, consumer.durable)
        except (nats.errors.Error, JetStreamError, TimeoutError) as error:
            raise TransientError(f"consumer {consumer.durable} is missing; run orewire provision") from error

    async def _loops_check(self) -> str:
        if self.failures:
            raise TransientError("; ".join(f"{name}: {why}" for name, why in self.failures.items()))
        return ", ".join(("bus", *self.jobs))

    async def _nats_check(self) -> str:
        if self.consumer is not None:
            return await check_subscribers(self.broker, self.consumer)
        self.broker.jetstream()
        return "connected"


async def _endless(name: str, job: Job, failures: dict[str, str]) -> None:
    """Run a loop for ever: an error is logged, told by /readyz, and the loop begins anew."""
    while True:
        try:
            await job()
        except TransientError as error:
            log.warning("loop_waits", loop=name, why=str(error))
            failures[name] = str(error)
        except Exception as error:
            log.exception("loop_failed", loop=name)
            failures[name] = type(error).__name__
        await asyncio.sleep(RETRY_SECONDS)
        asyncio.get_running_loop().call_later(2 * RETRY_SECONDS, failures.pop, name, None)


def serve(service: Service) -> None:
    """Run the service until SIGTERM or SIGINT.

    Raises:
        ConfigError: the service cannot run like this.
    """
    settings = service.settings
    logs.configure(settings.log_level, service.name)
    options: dict[str, Any] = {"http": "httptools", "lifespan": "on", "ws": "none"}
    config = uvicorn.Config(
        service.app(),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
        limit_concurrency=512,
        **options,
    )
    uvloop.run(_serve(service, uvicorn.Server(config)))


async def _serve(service: Service, server: uvicorn.Server) -> None:
    await service.prepare()
    gc.freeze()  # what was imported stays: looking through it again and again costs a busy service a third of its time
    await server.serve()
