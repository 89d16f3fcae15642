"""A whole orewire on free ports: `orewire up` as a child process, with a receiver that verifies signatures."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from services.demo.receiver import Receiver
from services.demo.serving import serving
from services.demo.workspace import new_secret
from shared.clock import SystemClock
from shared.settings import DEFAULT_CONFIG
from tests.kit.ports import free_port_base

DEFAULT_VARIABLES: Final = {"OREWIRE_ALLOW_NETWORKS": "127.0.0.0/8"}
_BUG: Final = re.compile(r'Traceback|"level": "(error|critical)"')
SUBSCRIBERS = """
subscribers:
  - id: desk
    channel: webhook
    url: {url}/webhook
    secret: {secret}
    lane: urgent
"""


@dataclass
class Stack:
    """A running installation."""

    process: asyncio.subprocess.Process
    urls: dict[str, str]
    receiver: Receiver
    receiver_url: str
    config: Path
    data: Path
    log: Path
    environment: dict[str, str] = field(default_factory=dict)

    def pid(self, service: str) -> int:
        """Process id of one service, found among the children this stack started; 0 while there is none."""
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and _is_child(folder, self.process.pid, service):
                return int(folder.name)
        return 0

    def kill(self, service: str) -> None:
        """Crash one service with SIGKILL; the supervisor starts it again."""
        os.kill(self.pid(service), signal.SIGKILL)

    def bugs(self) -> list[str]:
        """Lines of the log that tell of a mistake of ours: errors and tracebacks."""
        return [line for line in self.log.read_text("utf-8").splitlines() if _BUG.search(line)]


def _is_child(folder: Path, parent: int, service: str) -> bool:
    try:
        stat = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        command = (folder / "cmdline").read_bytes().decode().split("\0")
    except (OSError, IndexError):
        return False
    return int(stat[1]) == parent and service in (command[-2], Path(command[0]).name)


def make_config(folder: Path, *, receiver_url: str, secret: str, more: str = "") -> Path:
    """The shipped rules and lexicons, one folder source, one webhook subscriber and those of the YAML in `more`."""
    config = folder / "config"
    shutil.copytree(DEFAULT_CONFIG, config)
    (config / "subscribers.yaml").write_text(SUBSCRIBERS.format(url=receiver_url, secret=secret) + more, "utf-8")
    return config


@asynccontextmanager
async def stack(
    folder: Path, *, more: str = "", variables: Mapping[str, str] = DEFAULT_VARIABLES
) -> AsyncIterator[Stack]:
    """Start everything, wait until it is ready, stop it at the end. `more`: YAML of further subscribers."""
    secret = new_secret()
    receiver = Receiver(secret, SystemClock(), asyncio.Event())
    async with serving(receiver.app) as receiver_url:
        config = make_config(folder, receiver_url=receiver_url, secret=secret, more=more)
        async with running(folder, config, receiver, receiver_url, variables=variables) as started:
            yield started


@asynccontextmanager
async def running(
    folder: Path,
    config: Path,
    receiver: Receiver,
    receiver_url: str,
    *,
    variables: Mapping[str, str] = DEFAULT_VARIABLES,
) -> AsyncIterator[Stack]:
    """`orewire up` on `config`, ready."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("OREWIRE_")} | dict(variables)
    log = folder / "up.log"
    argv = ["-m", "services", "up", "--json", "--config", str(config), "--data", str(folder / "data")]
    with log.open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *argv,
            "--port-base",
            str(free_port_base()),
            env=env,
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
        )
    try:
        yield Stack(process, await _ready(process, log), receiver, receiver_url, config, folder / "data", log, env)
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), 40)


async def _ready(process: asyncio.subprocess.Process, log: Path) -> dict[str, str]:
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), 60)
    if not line:
        raise AssertionError(f"orewire up ended before it was ready; see {log}")
    return dict(json.loads(line)["urls"])
