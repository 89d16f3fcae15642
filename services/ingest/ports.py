"""What the use cases and sources need from the world. The adapters implement it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, ParamSpec, Protocol, TypeVar

from services.ingest.found import Extracted, Found
from services.ingest.health import History
from services.ingest.lookalike import Seen, Sketch
from services.ingest.novelty import Known
from shared.errors import TransientError
from shared.events import Article

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Page:
    """What an address answered, and when. `url` is that of the last redirect."""

    url: str
    body: bytes
    content_type: str = ""
    etag: str | None = None
    last_modified: str | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Ask:
    """A request that is more than a plain GET."""

    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


PLAIN: Final = Ask()


class Fetch(Protocol):
    """Gets what stands at a public address."""

    async def __call__(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None, ask: Ask = PLAIN
    ) -> Page | None:
        """The page, or None when it has not changed since the given validators.

        Raises:
            TransientError: no answer, or one that says to come back later.
            PermanentError: an answer that will stay the same (reason `gone` or `refused`).
        """
        ...


class HostBusy(TransientError):
    """The host is to be left alone for a while: others are in line, or it asked for it. Nobody is to blame."""


class Errand(Fetch, Protocol):
    """Fetching for one poll: remembers what the answers said about themselves."""

    @property
    def requests(self) -> int:
        """Answers there were."""
        ...

    @property
    def fresh_for(self) -> timedelta | None:
        """How long they said to stay as they are, the shortest of them; None where none said so."""
        ...


class Isolate(Protocol):
    """Runs a function on hostile input in a process that can be killed."""

    async def __call__(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The function's result; function and arguments must be picklable.

        Raises:
            PermanentError: it took too long (`too_slow`), used too much memory, or could make nothing of the
                input (`unreadable`).
        """
        ...


@dataclass(frozen=True)
class FolderFile:
    """A file as a scan sees it. `age` is in seconds since the last change, `stamp` changes with the content."""

    name: str
    size: int
    stamp: str
    age: float


class Folder(Protocol):
    """Reads the files of a folder."""

    async def scan(self, path: str, *, suffixes: Collection[str]) -> Sequence[FolderFile]:
        """The folder's own regular files with these suffixes, by name. A relative path is created if missing.

        Raises:
            TransientError: the folder cannot be read.
        """
        ...

    async def read(self, path: str, name: str, *, max_bytes: int) -> bytes:
        """One file.

        Raises:
            PermanentError: it cannot be read, or is too large.
        """
        ...


class Arrivals(Protocol):
    """Sees what came out at the other end of the pipeline."""

    def now(self) -> datetime:
        """The time, in UTC."""
        ...

    async def arrived(self, article_id: str, *, since: datetime) -> bool:
        """Whether a message that this article led to was taken by a subscriber after `since`.

        Raises:
            TransientError: it cannot be seen now.
        """
        ...


@dataclass(frozen=True)
class Reach:
    """All of the world that a source may touch. `arrivals` is None where nothing is published."""

    fetch: Fetch
    isolate: Isolate
    folder: Folder
    arrivals: Arrivals | None = None


class ReadPage(Protocol):
    """Gets the article out of a page: fetches it first where only its address is known."""

    async def __call__(self, found: Found) -> Extracted:
        """The article in `found.html`, or on the page at `found.url`.

        Raises:
            TransientError: the page cannot be had now.
            PermanentError: there is no article on it.
        """
        ...


@dataclass(frozen=True, eq=False)
class Entry:
    """A published article with what will tell it again; see `Known`."""

    article: Article
    stamp: str
    said: str
    headline: str
    aliases: tuple[str, ...] = ()
    sketch: Sketch | None = None


class Ledger(Protocol):
    """Remembers which articles were published, and what they said."""

    async def known(self, keys: Collection[str]) -> Mapping[str, Known]:
        """What is known under these ids and aliases, by the key it was found under."""
        ...

    async def record(self, entries: Sequence[Entry]) -> frozenset[str]:
        """Remember them; returns the ids that nobody had recorded before in this revision or a later one."""
        ...

    async def note(self, stamps: Mapping[str, str], aliases: Mapping[str, str]) -> None:
        """Remember of articles that were looked at and had not changed what their source says of them now, by id,
        and further keys under which they were found.
        """
        ...


class Copies(Protocol):
    """Knows the sketches of the texts of the last days; the ledger writes them down."""

    async def meeting(self, keys: Sequence[int]) -> Sequence[Seen]:
        """Texts that have one of these band keys, the one seen first in front."""
        ...


@dataclass(frozen=True)
class Backfilled:
    """How far a backfill has come. `pause`: seconds the source wants to be left alone now."""

    cursor: Mapping[str, Any] = field(default_factory=dict)
    polls: int = 0
    published: int = 0
    done: bool = False
    pause: float = 0.0


@dataclass(frozen=True)
class Lease:
    """The right to poll one source until the lease ends. A higher fence makes a lower one void.

    `failures` and `waits` count the polls in a row, up to the last one, that failed or left articles for later.
    `until` is when the lease ends, unless it is renewed.
    """

    source_id: str
    fence: int
    cursor: Mapping[str, Any]
    failures: int
    until: datetime
    waits: int = 0
    history: History = field(default_factory=History)


@dataclass(frozen=True)
class Settlement:
    """How a poll ended. `cursor` is None when it stays as it was; `error` is None when all went well.

    `failures`, `waits` and `history` are what the next lease is to say, `pace` is what decided `next_poll_at`.
    """

    at: datetime
    next_poll_at: datetime
    pace: str = ""
    history: History = field(default_factory=History)
    cursor: Mapping[str, Any] | None = None
    error: str | None = None
    failures: int = 0
    waits: int = 0


@dataclass(frozen=True)
class SourceState:
    """What is known about one source, for people."""

    source_id: str
    next_poll_at: datetime
    lease_until: datetime
    failures: int
    history: History
    last_error: str | None = None
    last_error_at: datetime | None = None
    pace: str = ""


class SourceStates(Protocol):
    """Who polls which source when, across all replicas."""

    async def claim(self, source_id: str, fingerprint: str, *, now: datetime, until: datetime) -> Lease | SourceState:
        """The lease; or, when the source is not due or another replica polls it, its state.

        A source whose entry has another fingerprint than at its last claim is due, and begins anew; only its
        history stays.

        Raises:
            TransientError: the database cannot be reached.
        """
        ...

    async def renew(self, lease: Lease, *, until: datetime) -> bool:
        """Keep the lease until then; False (and no effect) when it was settled, or passed to another replica.

        Raises:
            TransientError: the database cannot be reached.
        """
        ...

    async def settle(self, lease: Lease, settlement: Settlement) -> bool:
        """End the lease; False (and no effect) when it has passed to another replica meanwhile."""
        ...

    async def look(self, source_ids: Collection[str]) -> Mapping[str, SourceState]:
        """What is known about sources; nothing about one before its first claim."""
        ...
