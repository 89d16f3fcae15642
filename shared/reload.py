"""Notices that the files of a folder have changed, whichever way: an edit, a replaced file, a swapped link.

File system events tell within milliseconds. Some mounts send none, so the content is looked at regularly too.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

import structlog
from watchfiles import awatch

log = structlog.get_logger(__name__)
POLL_SECONDS: Final = 1.0
"""The longest that an edit stays unnoticed where events do not arrive."""
DEBOUNCE_MS: Final = 200
STEP_MS: Final = 20
SETTLE_SECONDS: Final = 0.05
SETTLE_LOOKS: Final = 5
"""Somebody who copies many files is waited for, but not for longer than so many looks."""


def fingerprint(folder: Path, patterns: Sequence[str]) -> str:
    """Digest of the names and bytes of all files that match; two equal ones mean: nothing has changed."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in folder.glob(pattern)}):
        digest.update(hashlib.sha256(os.fsencode(path.relative_to(folder))).digest())
        digest.update(hashlib.sha256(_content(path)).digest())
    return digest.hexdigest()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        return f"unreadable: {error.errno}".encode()


class Watch:
    """Calls `changed` after each change of the files in `folder` that match `patterns`.

    What the files hold when the watch is made counts as known: make it before reading them, and no edit is lost.
    """

    def __init__(self, folder: Path, patterns: Sequence[str], changed: Callable[[], Awaitable[None]]) -> None:
        self._folder, self._patterns, self._changed = folder, patterns, changed
        self._seen = fingerprint(folder, patterns)

    async def run(self) -> None:
        """Watch until cancelled."""
        told = False
        while True:
            try:
                async for _ in awatch(
                    self._folder,
                    debounce=DEBOUNCE_MS,
                    step=STEP_MS,
                    rust_timeout=int(POLL_SECONDS * 1000),
                    yield_on_timeout=True,
                ):
                    await self.look()
            except OSError as error:  # the folder is away for now, or the system has no watches left
                if not told:
                    log.warning("folder_only_polled", folder=str(self._folder), why=type(error).__name__)
                told = True
            await asyncio.sleep(POLL_SECONDS)
            await self.look()

    async def look(self) -> bool:
        """Compare now; returns whether something had changed."""
        found = await self._fingerprint()
        if found == self._seen:
            return False
        found = await self._settled(found)
        await self._changed()
        self._seen = found
        return True

    async def _settled(self, found: str) -> str:
        """The fingerprint once it stands still, so that files copied one by one count as one edit."""
        for _ in range(SETTLE_LOOKS):
            await asyncio.sleep(SETTLE_SECONDS)
            again = await self._fingerprint()
            if again == found:
                break
            found = again
        return found

    async def _fingerprint(self) -> str:
        return await asyncio.to_thread(fingerprint, self._folder, self._patterns)
