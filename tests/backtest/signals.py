"""Made-up signals and filters."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.backtest.parts import Wants
from shared.events import Article, ArticleCollected, Evidence, Hops, RuleRef, SignalDetected

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)


def article(ident: str, title: str = "A title", text: str = "") -> ArticleCollected:
    """An article as ingest publishes it."""
    url = f"https://news.example/{ident}"
    found = Article(id=ident, url=url, title=title, text=text, source_id="wire", lang="en", fetched_at=AT)
    return ArticleCollected(article=found, collected_at=AT)


def signal(ident: str = "a1", **fields: Any) -> SignalDetected:
    """A signal about an article."""
    told: dict[str, Any] = {
        "kind": "export_restriction",
        "stage": "announced",
        "direction": "tighten",
        "certainty": "named_report",
        "severity": "high",
        "score": 0.8,
        "actors": ("CN",),
        "commodities": ("gallium",),
        "evidence": (Evidence(sentence="China bans gallium exports.", start=0, end=27, rule="imposes-curb"),),
    }
    return SignalDetected.model_validate(
        {
            "id": f"sig_{ident}_{fields.get('kind', '')}",
            "article": article(ident).article.ref(),
            "rules": (RuleRef(id="imposes-curb", version="1"),),
            "rules_digest": "d" * 64,
            "clock": Hops(collected_at=AT),
            **told,
            **fields,
        }
    )


def least(severity: int) -> Wants:
    """A filter that lets through what is at least so severe: 0 is low, 3 is critical."""
    return lambda claim: claim.severity.rank >= severity
