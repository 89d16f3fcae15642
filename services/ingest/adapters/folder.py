"""Reads the files of a folder on this machine. Disk work runs in threads."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Sequence
from pathlib import Path

from services.ingest.ports import FolderFile
from shared.clock import Clock
from shared.errors import PermanentError, TransientError


class LocalFolder:
    """See `Folder`. Relative paths start at the data directory."""

    def __init__(self, data: Path, clock: Clock) -> None:
        self._data, self._clock = data, clock

    async def scan(self, path: str, *, suffixes: Collection[str]) -> Sequence[FolderFile]:
        """See `Folder.scan`."""
        return await asyncio.to_thread(self._scan, path, tuple(suffixes))

    async def read(self, path: str, name: str, *, max_bytes: int) -> bytes:
        """See `Folder.read`."""
        return await asyncio.to_thread(_read, self._data / path / name, max_bytes)

    def _scan(self, path: str, suffixes: tuple[str, ...]) -> list[FolderFile]:
        folder = self._data / path
        now = self._clock.now().timestamp()
        try:
            if not Path(path).is_absolute():
                folder.mkdir(parents=True, exist_ok=True)
            with os.scandir(folder) as entries:
                files = [_file(entry, now) for entry in entries if _is_article(entry, suffixes)]
        except OSError as error:
            raise TransientError(f"folder {path} cannot be read: {error.strerror}") from error
        return sorted((file for file in files if file), key=lambda file: file.name)


def _is_article(entry: os.DirEntry[str], suffixes: tuple[str, ...]) -> bool:
    """A visible regular file, whose name is text, with one of the suffixes."""
    named = entry.name.lower().endswith(suffixes) and not entry.name.startswith((".", "~"))
    return named and entry.name.isprintable() and entry.is_file(follow_symlinks=False)


def _file(entry: os.DirEntry[str], now: float) -> FolderFile | None:
    try:
        stat = entry.stat(follow_symlinks=False)
    except FileNotFoundError:  # gone since the listing
        return None
    return FolderFile(entry.name, stat.st_size, f"{stat.st_size}:{stat.st_mtime_ns}", now - stat.st_mtime)


def _read(path: Path, max_bytes: int) -> bytes:
    try:
        with path.open("rb") as file:
            body = file.read(max_bytes + 1)
    except OSError as error:
        raise PermanentError("unreadable_file", f"cannot be read: {error.strerror}") from error
    if len(body) > max_bytes:
        raise PermanentError("too_large", f"larger than {max_bytes // 1024 // 1024} MiB")
    return body
