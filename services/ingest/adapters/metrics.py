"""What ingest tells Prometheus."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from prometheus_client import Counter, Gauge

from services.ingest.age import Age
from services.ingest.found import Origin
from services.ingest.health import History, usual_gap
from services.ingest.novelty import Status, Verdict
from services.ingest.polling import PollReport
from shared.clock import Clock
from shared.events import Trouble

ARTICLES: Final = Counter(
    "orewire_ingest_articles", "Articles by source, status and reason.", ("source", "status", "reason")
)
DATES_REFUSED: Final = Counter(
    "orewire_ingest_dates_refused", "New articles whose date cannot be true, by source and why.", ("source", "reason")
)
AGES: Final = Counter(
    "orewire_ingest_article_ages",
    "New articles, by source and what their date says.",
    ("source", "age"),
)
POLLS: Final = Counter("orewire_ingest_polls", "Polls by source and outcome.", ("source", "outcome"))
PROBLEMS: Final = Counter("orewire_ingest_unreadable", "Pieces that could not be read, by source.", ("source",))
LAST_SUCCESS: Final = Gauge(
    "orewire_ingest_source_last_success_timestamp_seconds",
    "When a poll of the source last went well; `time() - …` is its age.",
    ("source",),
)
LAST_NEW: Final = Gauge(
    "orewire_ingest_source_last_new_timestamp_seconds", "When the source last had something new.", ("source",)
)
USUAL_GAP: Final = Gauge(
    "orewire_ingest_source_usual_gap_seconds", "Time that usually passes between two new items.", ("source",)
)
UNHEALTHY: Final = Gauge(
    "orewire_ingest_source_unhealthy",
    "1 while the source is in this trouble, and people know.",
    ("source", "trouble"),
)


class ArticleTally:
    """A `Tally`. Clients choose source ids freely, so those not configured are counted as `other`."""

    def __init__(self, is_known: Callable[[str], bool]) -> None:
        self._is_known = is_known

    def __call__(self, origin: Origin, verdict: Verdict) -> None:
        """Count one article."""
        source = origin.source_id if self._is_known(origin.source_id) else "other"
        ARTICLES.labels(source, verdict.status.value, verdict.reason.value).inc()
        if verdict.status is Status.ACCEPTED and verdict.date_refused:
            DATES_REFUSED.labels(source, verdict.date_refused).inc()


class AgeTally:
    """An `Ages`; sources as in `ArticleTally`."""

    def __init__(self, is_known: Callable[[str], bool]) -> None:
        self._is_known = is_known

    def __call__(self, origin: Origin, age: Age) -> None:
        """Count one article."""
        AGES.labels(origin.source_id if self._is_known(origin.source_id) else "other", age.value).inc()


class PollCounter:
    """Hears of every poll."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self, report: PollReport) -> None:
        """Count one poll that has just ended."""
        POLLS.labels(report.source_id, "failed" if report.error else "ok").inc()
        PROBLEMS.labels(report.source_id).inc(len(report.problems))
        if report.error is None:
            LAST_SUCCESS.labels(report.source_id).set(self._clock.now().timestamp())
        if report.history is not None:
            _show(report.source_id, report.history)


def _show(source: str, history: History) -> None:
    if history.last_new_at is not None:
        LAST_NEW.labels(source).set(history.last_new_at.timestamp())
    if usual := usual_gap(history.gaps):
        USUAL_GAP.labels(source).set(usual.total_seconds())
    for trouble in Trouble:
        UNHEALTHY.labels(source, trouble.value).set(history.trouble is trouble)
