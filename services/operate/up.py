"""`orewire up`: everything on one machine, as one embedded NATS server and a child process a service."""

from __future__ import annotations

import asyncio
import fcntl
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from services.operate.parts import Part
from shared.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.embedded.supervisor import Child

NATS_OFFSET: Final = 4
MONITOR_OFFSET: Final = 5
HOST: Final = "127.0.0.1"


@dataclass(frozen=True)
class Plan:
    """Where everything of one `up` lives."""

    config: Path
    data: Path
    port_base: int

    @property
    def nats_url(self) -> str:
        """URL of the embedded NATS server."""
        return f"nats://{HOST}:{self.port_base + NATS_OFFSET}"

    def url(self, part: Part) -> str:
        """Base URL of a service's HTTP side."""
        return f"http://{HOST}:{self.port_base + part.port_offset}"

    def database_url(self, part: Part) -> str:
        """The service's own SQLite file: services share no tables."""
        return f"sqlite:///{self.data / part.name}.db"

    def environment(self, part: Part, env: Mapping[str, str]) -> dict[str, str]:
        """The environment of a service's process."""
        return dict(env) | {
            "OREWIRE_NATS_URL": self.nats_url,
            "OREWIRE_DATABASE_URL": self.database_url(part),
            "OREWIRE_CONFIG": str(self.config),
            "OREWIRE_DATA": str(self.data),
            "OREWIRE_HOST": HOST,
            "OREWIRE_PORT": str(self.port_base + part.port_offset),
        }


@contextmanager
def lock(data: Path) -> Iterator[IO[str]]:
    """Hold the data directory, so that two `up` never share it.

    Raises:
        ConfigError: another process holds it, or it cannot be written.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        handle = (data / "orewire.lock").open("w")
    except OSError as error:
        raise ConfigError.one(str(data), f"cannot be used as data directory: {error.strerror}") from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            hint = "stop it, or give another --data"
            raise ConfigError.one(str(data), "another `orewire up` runs on this data directory", hint=hint) from error
        yield handle


async def start(plan: Plan, parts: Sequence[Part], env: Mapping[str, str], *, told: Callable[[], None]) -> None:
    """Start everything, call `told` once all is ready, stay until SIGINT or SIGTERM, stop in order.

    Raises:
        ConfigError: a port is taken, or a service refused its configuration.
        Unreachable: something did not become ready.
    """
    from shared import log
    from shared.embedded.supervisor import Supervisor, until_stopped

    log.configure("info", "up")
    _require_free_ports(plan, parts)
    supervisor = Supervisor()

    async def life(stop: asyncio.Event) -> None:
        try:
            await supervisor.start([_nats_child(plan, env)])
            await _prepare(plan, parts)
            await supervisor.start([_service_child(plan, part, env) for part in parts])
            told()
            await stop.wait()
        finally:
            await supervisor.stop()

    await until_stopped(life)


def _nats_child(plan: Plan, env: Mapping[str, str]) -> Child:
    from shared.embedded import nats_server
    from shared.embedded.supervisor import Child

    monitor = plan.port_base + MONITOR_OFFSET
    config = nats_server.write_config(plan.data / "nats", port=plan.port_base + NATS_OFFSET, monitor_port=monitor)
    ready = f"http://{HOST}:{monitor}/healthz"
    return Child("nats", (str(nats_server.binary()), "-c", str(config)), ready, env)


def _service_child(plan: Plan, part: Part, env: Mapping[str, str]) -> Child:
    from shared.embedded.supervisor import Child

    # -P: a folder called `services` in the user's working directory must not be imported instead of ours
    argv = (sys.executable, "-P", "-m", "services", "run", part.name)
    return Child(part.name, argv, f"{plan.url(part)}/readyz", plan.environment(part, env))


async def _prepare(plan: Plan, parts: Sequence[Part]) -> None:
    """Streams, consumers and tables, before anyone needs them."""
    from shared.provision import connect, provision

    client = await connect(plan.nats_url, name="orewire-provision")
    try:
        await provision(client.jetstream())
    finally:
        await client.close()
    await upgrade({part: plan.database_url(part) for part in parts if part.migrations})


async def upgrade(urls: Mapping[Part, str]) -> dict[str, str]:
    """Bring the tables of each part, in its database, to the newest version; returns version by name."""
    from shared.db import open_database
    from shared.db.migrate import upgrade as migrate

    versions = {}
    for part, url in urls.items():
        database = open_database(url)
        try:
            if part.migrations is not None:
                versions[part.name] = await migrate(database, part.migrations, service=part.name)
        finally:
            await database.close()
    return versions


def _require_free_ports(plan: Plan, parts: Sequence[Part]) -> None:
    import socket

    wanted = {part.name: plan.port_base + part.port_offset for part in parts}
    wanted |= {"nats": plan.port_base + NATS_OFFSET, "nats monitor": plan.port_base + MONITOR_OFFSET}
    for name, port in wanted.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except (OSError, OverflowError) as error:
                message = f"port {port} for {name} is taken"
                raise ConfigError.one("--port-base", message, hint="choose another with --port-base") from error
