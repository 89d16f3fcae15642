"""The command `orewire` as a child process, the way operators call it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str

    def lines(self) -> list[dict[str, Any]]:
        """Its JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


def variables(**extra: str) -> dict[str, str]:
    """The environment without the user's own orewire settings, plus `extra`."""
    return {name: value for name, value in os.environ.items() if not name.startswith("OREWIRE_")} | extra


async def orewire(*arguments: str, env: Mapping[str, str] | None = None, seconds: float = 30) -> Ended:
    """Run a verb to its end."""
    async with started(*arguments, env=env) as process:
        out, err = await asyncio.wait_for(process.communicate(), seconds)
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode())


@asynccontextmanager
async def started(*arguments: str, env: Mapping[str, str] | None = None) -> AsyncIterator[asyncio.subprocess.Process]:
    """A verb that runs while the block does; killed at its end if it is still there."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services",
        *arguments,
        env=dict(env if env is not None else variables()),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
