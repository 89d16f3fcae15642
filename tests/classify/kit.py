"""What the tests of classify share: the shipped rules, compiled once, and short ways to make articles."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from services.classify.adapters.rulefiles import load
from services.classify.decision import Decision
from services.classify.detect import Detector
from services.classify.ruleset import RuleSet
from shared.events import Article

CONFIG = Path(__file__).resolve().parents[2] / "deploy" / "config"
FETCHED = datetime(2026, 11, 1, 8, tzinfo=UTC)


@cache
def shipped() -> RuleSet:
    """The rule set in deploy/config."""
    return load(CONFIG, {}, strict=True)


@cache
def detector() -> Detector:
    """A detector with the shipped rules."""
    return Detector(shipped())


def article(
    title: str = "", text: str = "", *, lang: str | None = None, published: date | None = None, tier: int = 2
) -> Article:
    """An article as ingest would publish it."""
    when = datetime(published.year, published.month, published.day, 12, tzinfo=UTC) if published else None
    fields: dict[str, Any] = {"title": title, "text": text, "lang": lang, "published_at": when, "source_tier": tier}
    return Article(id="a1", source_id="test", fetched_at=FETCHED, **fields)


def detect(title: str = "", text: str = "", **fields: Any) -> Decision:
    """The decision of the shipped rules on an article."""
    return detector().detect(article(title, text, **fields))
