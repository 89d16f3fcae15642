"""Worker processes for hostile input. A parser that does not come back is killed, and its worker replaced.

A signal cannot interrupt the C code of a parser; only another process can. The pool starts with its first
job. Workers are forked from a small server process that has the parsers loaded, never from the service
itself, whose threads would not survive that.
"""

from __future__ import annotations

import asyncio
import fcntl
import multiprocessing
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Final, ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from shared.errors import OrewireError, PermanentError, TransientError

P = ParamSpec("P")
T = TypeVar("T")
MEMORY: Final = 2 * 1024**3
"""Bytes of address space of one worker."""
GRACE: Final = 10.0
"""Seconds for starting a worker, or putting another one in its place."""
LONGEST_TMPDIR: Final = 70
"""Bytes that leave room for `/pymp-xxxxxxxx/listener-xxxxxxxx`."""
PRELOADED: Final = (
    "__main__", "trafilatura", "feedparser", "jmespath", "lxml.html", "services.ingest.webpage",
    "services.ingest.parsers.feed", "services.ingest.parsers.pdf",
)  # fmt: skip


def _keep_socket_paths_short() -> None:
    """The fork server listens on a socket below TMPDIR, and a socket's path may have 107 bytes and no more."""
    if len(os.fsencode(tempfile.gettempdir())) > LONGEST_TMPDIR:
        tempfile.tempdir = "/tmp"  # noqa: S108  # below it a folder of our own is made, readable by us alone


class WorkerPool:
    """See `Isolate`. `timeout` is in seconds of one job, waiting not counted."""

    def __init__(self, *, workers: int, timeout: float) -> None:
        self._workers, self._timeout = workers, timeout
        self._slots = asyncio.Semaphore(2 * workers)
        self._pool: ProcessPool | None = None
        self._jobs: set[ProcessFuture[Any]] = set()

    async def __call__(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Isolate`."""
        async with self._slots:
            pool = self._started()
            try:
                # In a thread, because the first job starts the processes.
                job: ProcessFuture[T] = await asyncio.to_thread(
                    pool.schedule, function, args=args, kwargs=kwargs, timeout=self._timeout
                )
                return await self._ended(pool, job)
            except (BrokenProcessPool, RuntimeError) as error:
                await self._abandon(pool)
                raise TransientError("the worker processes died; new ones are started") from error

    async def close(self) -> None:
        """Kill the workers."""
        pool, self._pool = self._pool, None
        jobs, self._jobs = self._jobs, set()
        if pool is not None:
            await asyncio.to_thread(_stop, pool)
        for job in jobs:  # a pool that is stopped forgets them, and they would be waited for without end
            job.cancel()  # type: ignore[no-untyped-call]

    async def _abandon(self, pool: ProcessPool) -> None:
        """Let the next job start a new pool; several jobs may notice the end of the same one."""
        if self._pool is pool:
            await self.close()

    def _started(self) -> ProcessPool:
        if self._pool is None:
            _keep_socket_paths_short()
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(list(PRELOADED))
            self._pool = ProcessPool(max_workers=self._workers, initializer=_prepare, context=context)
        return self._pool

    async def _ended(self, pool: ProcessPool, job: ProcessFuture[T]) -> T:
        """Wait for the job, but not for ever: for as long as the one before it and itself may take."""
        self._jobs.add(job)
        result = asyncio.wrap_future(job)
        try:
            if self._pool is pool:  # else it was stopped while the job was handed in
                await asyncio.wait({result}, timeout=2 * self._timeout + GRACE)
            if not result.done():
                await self._abandon(pool)  # a pool that hangs would hang for whoever comes next as well
            if not result.done() or result.cancelled():
                raise TransientError("the worker processes were stopped, or hang")
            return self._result(result)
        finally:
            self._jobs.discard(job)
            result.cancel()

    def _result(self, job: asyncio.Future[T]) -> T:
        try:
            return job.result()
        except TimeoutError as error:
            raise PermanentError("too_slow", f"not parsed within {self._timeout:g} s") from error
        except (ProcessExpired, MemoryError) as error:
            raise PermanentError("too_heavy", "the parser used too much memory or crashed") from error
        except ValueError as error:
            raise PermanentError("unreadable", str(error).split("\n", 1)[0][:200]) from error
        except (OrewireError, BrokenProcessPool):
            raise
        except Exception as error:  # parsers fail in every way there is; none of them may stop the service
            raise PermanentError("unreadable", f"the parser failed: {type(error).__name__}") from error


def _stop(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


def _prepare() -> None:
    """Limits of a worker: bounded memory, deaf to Ctrl-C, and dead when the service is."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # pebble's handler would wait for C code to come back
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _die_with_service()
    import feedparser  # noqa: F401 - loaded before the clock of the first job starts
    import trafilatura  # noqa: F401


def _die_with_service() -> None:
    """Have the kernel end this worker once the service is gone, however it went.

    The service holds one end of a pipe. When that closes, SIGIO ends us even inside C code, where no thread
    of ours would get a turn. PR_SET_PDEATHSIG does not help: our parent is the fork server, which stays for
    as long as we do.
    """
    service = multiprocessing.parent_process()
    if sys.platform != "linux" or service is None:
        return
    fcntl.fcntl(service.sentinel, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(service.sentinel, fcntl.F_GETFL)
    fcntl.fcntl(service.sentinel, fcntl.F_SETFL, flags | os.O_ASYNC)
