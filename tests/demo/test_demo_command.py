"""`orewire demo` as people run it."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.system, pytest.mark.timeout(150)]


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[Process]:
    """A running demo whose temporary files go to `tmp_path`; ended by its own id if the test fails."""
    env = os.environ | {"TMPDIR": str(tmp_path)}
    command = (sys.executable, "-P", "-m", "services", "demo", "--json")
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE, env=env)
    yield process
    if process.returncode is None:
        process.terminate()
    await process.communicate()


async def line_of(process: Process, wanted: str) -> dict[str, Any]:
    """The next line of this kind."""
    assert process.stdout is not None
    while raw := await process.stdout.readline():
        line: dict[str, Any] = json.loads(raw)
        if line["line"] == wanted:
            return line
    raise AssertionError(f"ended without a line `{wanted}`: {(await process.communicate())[1].decode()}")


def left_in(folder: Path) -> list[Path]:
    """Files in the folder."""
    return list(folder.iterdir())


def using(folder: Path) -> list[str]:
    """Command lines of processes that work in the folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes().decode().replace("\0", " ") if entry.name.isdigit() else ""
        except OSError:
            continue
        if str(folder) in command:
            found.append(command)
    return found


async def test_exactly_the_expected_alerts_arrive(process: Process, tmp_path: Path) -> None:
    summary = await line_of(process, "summary")
    assert summary["differences"] == []
    assert summary["alerts"] > 0
    assert await process.wait() == 0
    assert left_in(tmp_path) == []
    assert using(tmp_path) == []


async def test_a_signal_stops_every_process_and_leaves_no_file(process: Process, tmp_path: Path) -> None:
    assert "Starting" in (await line_of(process, "step"))["text"]
    await line_of(process, "step")
    assert using(tmp_path)
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 1
    assert left_in(tmp_path) == []
    assert using(tmp_path) == []
