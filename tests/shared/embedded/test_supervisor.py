"""The supervisor with real child processes."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from shared.embedded.supervisor import Child, Supervisor
from shared.errors import ConfigError
from tests.kit.ports import free_port
from tests.kit.wait import until

SERVER = """
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = str(os.getpid()).encode()
        self.send_response(200); self.send_header("content-length", str(len(body))); self.end_headers()
        self.wfile.write(body)
    def log_message(self, *a): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def _child(name: str) -> Child:
    port = free_port()
    return Child(name, (sys.executable, "-c", SERVER, str(port)), f"http://127.0.0.1:{port}/", dict(os.environ))


def _pid(child: Child) -> int:
    try:
        return int(httpx.get(child.ready_url, trust_env=False).text)
    except httpx.HTTPError:
        return 0


def _alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


@pytest.fixture
async def supervisor() -> AsyncIterator[Supervisor]:
    made = Supervisor()
    yield made
    await made.stop()


async def test_a_killed_child_is_started_again(supervisor: Supervisor) -> None:
    child = _child("web")
    await supervisor.start([child])
    first = _pid(child)
    os.kill(first, signal.SIGKILL)
    second = await until(lambda: (pid := _pid(child)) not in (0, first) and pid)
    assert second != first


async def test_stop_ends_every_child(supervisor: Supervisor) -> None:
    children = [_child("first"), _child("second")]
    await supervisor.start(children)
    pids = [_pid(child) for child in children]
    await supervisor.stop()
    assert not any(_alive(pid) for pid in pids)


async def test_a_child_that_crashes_at_every_start_is_given_up(supervisor: Supervisor) -> None:
    child = Child("broken", (sys.executable, "-c", "raise SystemExit(1)"), "http://127.0.0.1:1/", dict(os.environ))
    with pytest.raises(ConfigError, match="broken crashes at start"):
        await supervisor.start([child])


async def test_a_child_that_refuses_its_configuration_is_named(supervisor: Supervisor) -> None:
    child = Child("picky", (sys.executable, "-c", "raise SystemExit(2)"), "http://127.0.0.1:1/", dict(os.environ))
    with pytest.raises(ConfigError, match="picky cannot run with this configuration"):
        await supervisor.start([child])


def test_children_do_not_outlive_a_killed_supervisor() -> None:
    child = _child("orphan")
    script = f"""
import asyncio, os
from shared.embedded.supervisor import Child, Supervisor
async def main():
    await Supervisor().start([Child("orphan", {child.argv!r}, {child.ready_url!r}, dict(os.environ))])
    print("ready", flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    pid = _pid(child)
    process.kill()
    process.wait()
    process.stdout.close()
    asyncio.run(until(lambda: not _alive(pid)))
