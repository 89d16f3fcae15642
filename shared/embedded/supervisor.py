"""Starts child processes in order, restarts what dies, stops them in reverse order.

Children die with the supervisor even when it is killed with -9 (Linux: parent death signal).
"""

from __future__ import annotations

import asyncio
import ctypes
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import structlog

from shared.errors import ConfigError, Unreachable

log = structlog.get_logger(__name__)
RESTART_SECONDS: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
CALM_SECONDS: Final = 30.0
"""A child that ran this long has recovered; its next crash starts the backoff anew."""
MAX_FIRST_CRASHES: Final = 3
"""A child that crashes so often before it was ever ready will not become so by itself."""
READY_SECONDS: Final = 60.0
STOP_SECONDS: Final = 20.0
CLEAN: Final = frozenset({0, -signal.SIGTERM, -signal.SIGINT})
BAD_CONFIGURATION: Final = 2


@dataclass(frozen=True)
class Child:
    """One process: how to start it, and the URL that answers 200 once it is ready."""

    name: str
    argv: Sequence[str]
    ready_url: str
    env: Mapping[str, str] = field(default_factory=dict)


class Supervisor:
    """Keeps children alive until it is told to stop."""

    def __init__(self) -> None:
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._watches: list[asyncio.Task[None]] = []
        self._stopping = False
        self._once_ready: set[str] = set()
        self.failed: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def start(self, children: Sequence[Child]) -> None:
        """Start `children` side by side and return when all are ready.

        Raises:
            ConfigError: a child refused its configuration (it has said why on stderr).
            Unreachable: a child was not ready in time.
        """
        for child in children:
            self._processes[child.name] = await _spawn(child)
            self._watches.append(asyncio.create_task(self._watch(child), name=f"watch {child.name}"))
        await asyncio.gather(*(self._ready(child) for child in children))

    async def _ready(self, child: Child) -> None:
        waiting: asyncio.Future[None] = asyncio.ensure_future(wait_ready(child.ready_url))
        race: list[asyncio.Future[Any]] = [waiting, self.failed]
        await asyncio.wait(race, timeout=READY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if self.failed.done():
            waiting.cancel()
            raise ConfigError.one(child.name, self.failed.result())
        if not waiting.done():
            waiting.cancel()
            raise Unreachable(f"{child.name} was not ready within {READY_SECONDS:.0f} s; its log above says why")
        self._once_ready.add(child.name)

    async def _watch(self, child: Child) -> None:
        loop = asyncio.get_running_loop()
        crashes = 0
        while True:
            began = loop.time()
            code = await self._processes[child.name].wait()
            if self._stopping:
                return
            if code == BAD_CONFIGURATION and child.name not in self._once_ready:
                self._give_up(f"{child.name} cannot run with this configuration")
                return
            crashes = 1 if loop.time() - began > CALM_SECONDS else crashes + 1
            if crashes >= MAX_FIRST_CRASHES and child.name not in self._once_ready:
                self._give_up(f"{child.name} crashes at start (exit code {code}); its log above says why")
                return
            delay = RESTART_SECONDS[min(crashes, len(RESTART_SECONDS)) - 1]
            log.warning("child_died", child=child.name, code=code, restart_in=delay)
            await asyncio.sleep(delay)
            if not self._stopping:
                self._processes[child.name] = await _spawn(child)

    def _give_up(self, why: str) -> None:
        if not self.failed.done():
            self.failed.set_result(why)

    async def stop(self) -> None:
        """Stop all children, last started first, each with time to finish what it has in hand."""
        self._stopping = True
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        names = list(self._processes)
        # The first child is the one all others talk to: it goes last, alone.
        for group in (names[1:], names[:1]):
            await asyncio.gather(*(_end(self._processes[name], name) for name in group))


async def _spawn(child: Child) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *child.argv,
        env=dict(child.env),
        stdin=asyncio.subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C reaches the supervisor only; it stops the children in order
        preexec_fn=die_with_parent if sys.platform == "linux" else None,
    )


def die_with_parent() -> None:
    """Ask Linux to end this process when its parent dies; called in a child between fork and exec."""
    ctypes.CDLL("libc.so.6", use_errno=True).prctl(1, signal.SIGTERM)  # 1 = PR_SET_PDEATHSIG


async def _end(process: asyncio.subprocess.Process, name: str) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        code = await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        log.warning("child_killed", child=name)
        process.kill()
        await process.wait()
        return
    if code not in CLEAN:
        log.warning("child_ended", child=name, code=code)


async def wait_ready(url: str, *, pause: float = 0.05) -> None:
    """Ask `url` until it answers 200."""
    async with httpx.AsyncClient(trust_env=False, timeout=2.0) as client:
        while True:
            try:
                if (await client.get(url)).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(pause)


async def until_stopped(run: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run `run` with an event that SIGINT and SIGTERM set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await run(stop)
