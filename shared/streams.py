"""The JetStream topology as data: what is kept where, for how long, and who reads it.

`provision` applies it; services only bind to it. Change it here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

MINUTE: Final = timedelta(minutes=1)
DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Stream:
    """One JetStream stream, kept on file and limited by age.

    `duplicate_window` is how long JetStream remembers message ids. It must outlast the longest pause
    between two publishes of the same event: a retry budget, or a redelivery after a crash.
    """

    name: str
    subjects: tuple[str, ...]
    max_age: timedelta
    duplicate_window: timedelta
    about: str


@dataclass(frozen=True)
class Consumer:
    """One durable pull consumer. Every replica of a service binds to the same one and shares its work."""

    stream: str
    durable: str
    subject: str
    ack_wait: timedelta = timedelta(seconds=15)
    max_ack_pending: int = 1024


STREAMS: Final = (
    Stream("ORE_ARTICLES", ("orewire.article.collected.*",), 7 * DAY, 30 * MINUTE, "New articles, as collected."),
    Stream("ORE_SIGNALS", ("orewire.signal.detected.*.*",), 90 * DAY, 120 * MINUTE, "One article says one thing."),
    Stream("ORE_ALERTS", ("orewire.alert.*.*.*",), 365 * DAY, 120 * MINUTE, "What people are told, with revisions."),
    Stream("ORE_DELIVERIES", ("orewire.delivery.*.*",), 30 * DAY, 120 * MINUTE, "How each attempt to tell ended."),
    Stream("ORE_SOURCES", ("orewire.source.*.*",), 90 * DAY, 120 * MINUTE, "How sources are doing, for operators."),
    Stream("ORE_DEAD", ("orewire.dead.*",), 90 * DAY, 120 * MINUTE, "What could not be processed, and why."),
)

CLASSIFY: Final = Consumer("ORE_ARTICLES", "classify", "orewire.article.collected.*")
NOTIFY: Final = Consumer("ORE_SIGNALS", "notify", "orewire.signal.detected.*.*")
CONSUMERS: Final = (CLASSIFY, NOTIFY)


def stream_of(subject: str) -> str:
    """Name of the stream that keeps `subject`.

    Raises:
        LookupError: no stream does, so a publish would be lost.
    """
    for stream in STREAMS:
        if any(matches(pattern, subject) for pattern in stream.subjects):
            return stream.name
    raise LookupError(f"no stream keeps subject {subject}")


def matches(pattern: str, subject: str) -> bool:
    """Whether a NATS pattern (`*` one token, `>` the rest) covers a subject."""
    wanted, given = pattern.split("."), subject.split(".")
    for index, token in enumerate(wanted):
        if token == ">":
            return len(given) > index
        if index >= len(given) or token not in ("*", given[index]):
            return False
    return len(wanted) == len(given)
