"""One-line builders for notify's tests: a call tells only what matters to the test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from services.notify.fold import fold
from services.notify.notice import alert_of
from shared.events import Alert, ArticleRef, Evidence, Hops, RuleRef, SignalDetected, Term
from shared.events.envelope import Envelope

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
SENTENCE = "China will require export licences for gallium and germanium from August."


def make_signal(
    number: int = 1, *, hours: float = 0, tier: int = 2, published: Any = "now", **claim: Any
) -> SignalDetected:
    """Signal `number`, told `hours` after NOW by a source of the given tier."""
    at = NOW + timedelta(hours=hours)
    fields: dict[str, Any] = {
        "kind": "export_restriction",
        "measure": "export_licence",
        "stage": "announced",
        "direction": "tighten",
        "certainty": "named_report",
        "severity": "high",
        "score": 0.9,
        "actors": ("CN",),
        "commodities": ("gallium", "germanium"),
    }
    article = ArticleRef(
        id=f"article_{number}",
        url=f"https://news.example/{number}",
        title=f"Report {number}",
        source_id=f"source-{number}",
        source_tier=tier,  # type: ignore[arg-type]
        published_at=at if published == "now" else published,
        fetched_at=at,
    )
    return SignalDetected(
        id=f"signal_{number}",
        article=article,
        evidence=claim.pop("evidence", (make_evidence(),)),
        rules=(RuleRef(id="government-restricts-exports", version="1"),),
        rules_digest="digest",
        clock=Hops(collected_at=at, detected_at=at),
        **{**fields, **claim},
    )


def make_evidence(
    sentence: str = SENTENCE, *, bold: tuple[str, ...] = ("export", "gallium"), start: int = 100
) -> Evidence:
    """Evidence with the first occurrence of each bold word as a matched term."""
    spans = [(sentence.index(word) + start, word) for word in bold if word in sentence]
    terms = tuple(Term(text=word, start=at, end=at + len(word), role="cue") for at, word in spans)
    return Evidence(
        sentence=sentence, start=start, end=start + len(sentence), rule="government-restricts-exports", terms=terms
    )


def make_alert(**claim: Any) -> Alert:
    """The first alert of a story."""
    return alert_of(fold(None, make_signal(**claim)), NOW)


def make_envelope(signal: SignalDetected) -> Envelope:
    """The envelope a signal arrives in."""
    return Envelope(
        id=signal.event_id, type=signal.TYPE, source="orewire/classify", time=NOW, correlation_id=signal.article.id
    )
