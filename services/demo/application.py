"""Runs `orewire up` as a child process on free ports, with its log in a file."""

from __future__ import annotations

import asyncio
import random
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shared.embedded.supervisor import die_with_parent, wait_ready
from shared.errors import ConfigError, Unreachable

OFFSETS: Final = {"ingest": 1, "classify": 2, "notify": 3, "nats": 4, "nats monitor": 5}
SERVICES: Final = ("ingest", "classify", "notify")
READY_SECONDS: Final = 60.0
STOP_SECONDS: Final = 25.0
_BAD_CONFIGURATION: Final = 2
_TRIES: Final = 50
_ROUTINE: Final = '"level": "info"'
_COMPLAINTS: Final = ('"level": "warning"', '"level": "error"', '"level": "critical"')
_BASES: Final = range(10_000, 32_000, 10)
"""Below the ports that systems hand out by themselves: nobody's outgoing connection sits in between."""


@dataclass(frozen=True)
class Application:
    """A running `orewire up`."""

    port_base: int
    log: Path

    @property
    def nats_url(self) -> str:
        """URL of its NATS server."""
        return f"nats://127.0.0.1:{self.port_base + OFFSETS['nats']}"

    def url(self, service: str) -> str:
        """Base URL of one service's HTTP side."""
        return f"http://127.0.0.1:{self.port_base + OFFSETS[service]}"

    def complaints(self) -> list[str]:
        """The last warnings and errors in the services' logs."""
        lines = self.log.read_text("utf-8", "replace").splitlines()
        return [line for line in lines if any(level in line for level in _COMPLAINTS)][-20:]


@asynccontextmanager
async def running(config: Path, data: Path, env: Mapping[str, str]) -> AsyncIterator[Application]:
    """Start the application, wait until every service is ready, stop it with the block.

    Raises:
        ConfigError: it refused its configuration.
        Unreachable: it ended, or was not ready in time.
    """
    application = Application(free_port_base(), data.parent / "orewire.log")
    options = ("--config", str(config), "--data", str(data), "--port-base", str(application.port_base))
    with application.log.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "services", "up", *options),
            env=dict(env),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C reaches the demo only, which stops its child in order
            preexec_fn=die_with_parent if sys.platform == "linux" else None,
        )
    try:
        await _ready(application, process)
        yield application
    finally:
        await _stop(process)


def free_port_base() -> int:
    """A port after which all ports of OFFSETS are free.

    Raises:
        Unreachable: no such run of ports was found.
    """
    for base in random.sample(_BASES, _TRIES):
        if all(_is_free(base + offset) for offset in OFFSETS.values()):
            return base
    raise Unreachable("no run of free ports on 127.0.0.1 was found; close some programs and try again")


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


async def _ready(application: Application, process: asyncio.subprocess.Process) -> None:
    services = asyncio.create_task(_services_ready(application))
    ended = asyncio.create_task(process.wait())
    try:
        await asyncio.wait([services, ended], timeout=READY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if services.done():
            return
        _raise_not_ready(application, process.returncode)
    finally:
        services.cancel()
        ended.cancel()


async def _services_ready(application: Application) -> None:
    await asyncio.gather(*(wait_ready(f"{application.url(service)}/readyz") for service in SERVICES))


def _raise_not_ready(application: Application, code: int | None) -> None:
    lines = application.log.read_text("utf-8", "replace").splitlines()
    tail = "\n".join([line for line in lines if _ROUTINE not in line][-20:])
    if code == _BAD_CONFIGURATION:
        raise ConfigError.one("orewire up", f"refused the demo's configuration:\n{tail}")
    what = f"was not ready within {READY_SECONDS:.0f} s" if code is None else f"ended with code {code}"
    raise Unreachable(f"orewire up {what}; the end of its log:\n{tail}")


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
