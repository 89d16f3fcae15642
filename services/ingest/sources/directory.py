"""A folder: each .txt, .html, .pdf, .json or .jsonl file in it is one article, or many.

What it does: looks through the folder (not its subfolders) at each interval and takes the files it has not
seen before. A file that is still being written is left until it has not changed for a second.
When to use it: for texts that other programs drop, and to try things out.
Example: `{id: inbox, type: directory, path: inbox, interval: 5s}`
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Final, Literal

from pydantic import Field

from services.ingest.files import SUFFIXES, FileReading, read_file
from services.ingest.found import Found
from services.ingest.ports import FolderFile, Reach
from services.ingest.source import ConfiguredSource, Cursor, Polled
from shared.errors import PermanentError

MAX_FILE: Final = 16 * 1024 * 1024
"""Bytes; as much as one request to the API may carry."""
MAX_FILES: Final = 200
"""Files a poll takes; the rest follows at once."""
MAX_BYTES: Final = 32 * 1024 * 1024
"""Bytes a poll takes."""
PDF: Final = ".pdf"
SETTLED: Final = 1.0
"""Seconds without a change after which a file counts as complete."""


class Source(ConfiguredSource):
    """A folder on this machine, relative to the data directory."""

    EXAMPLE: ClassVar[Mapping[str, Any]] = {"id": "inbox", "type": "directory", "path": "inbox", "interval": "5s"}

    type: Literal["directory"]
    path: str = Field(min_length=1)

    async def poll(self, cursor: Cursor, reach: Reach) -> Polled:
        """See `ConfiguredSource.poll`."""
        choice = choose(await reach.folder.scan(self.path, suffixes=(*SUFFIXES, PDF)), cursor)
        found: list[Found] = []
        problems: list[str] = []
        for file in choice.take:
            try:
                body = await reach.folder.read(self.path, file.name, max_bytes=MAX_FILE)
            except PermanentError as error:
                problems.append(f"{file.name}: {error}")
                continue
            reading = await asyncio.to_thread(_read, file.name, body)
            found += reading.articles
            problems += reading.problems
        again_in = timedelta(seconds=SETTLED) if choice.more else None
        return Polled(tuple(found), choice.cursor, tuple(problems), again_in)


def _read(name: str, body: bytes) -> FileReading:
    """A PDF is handed on as it is: only a worker that can be killed may open it."""
    return FileReading((Found(html=body),)) if name.lower().endswith(PDF) else read_file(name, body)


@dataclass(frozen=True)
class Choice:
    """Which files to take now. `more` is True when some are left for the next poll."""

    take: tuple[FolderFile, ...]
    cursor: Cursor
    more: bool


def choose(files: Sequence[FolderFile], cursor: Cursor) -> Choice:
    """Take the files that are new (or changed) and complete; forget those that are gone."""
    done: Mapping[str, str] = cursor.get("done", {})
    waiting: Mapping[str, str] = cursor.get("waiting", {})
    fresh = [file for file in files if done.get(file.name) != file.stamp]
    ready = [file for file in fresh if file.age >= SETTLED or waiting.get(file.name) == file.stamp]
    take = _first(ready)
    left = [file for file in fresh if file not in take]
    kept = {file.name: done[file.name] for file in files if file.name in done}
    return Choice(
        take,
        {
            "done": kept | {file.name: file.stamp for file in take},
            "waiting": {file.name: file.stamp for file in left if file not in ready},
        },
        more=bool(left),
    )


def _first(ready: Sequence[FolderFile]) -> tuple[FolderFile, ...]:
    """As many as one poll may take, at least one."""
    take: list[FolderFile] = []
    size = 0
    for file in ready[:MAX_FILES]:
        size += min(file.size, MAX_FILE)
        if take and size > MAX_BYTES:
            break
        take.append(file)
    return tuple(take)
