"""Alerts as the demo's webhook would get them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.events import Alert

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def _make_alert(*slugs: str, **fields: Any) -> Alert:
    """An alert about the articles with these slugs; a story has the id of its first slug."""
    given: dict[str, Any] = {
        "story_id": f"story-{slugs[0]}",
        "revision": 1,
        "reason": "new_story",
        "headline": "China restricts gallium exports",
        "summary": "China requires licences.",
        "kind": "export_restriction",
        "stage": "announced",
        "direction": "tighten",
        "certainty": "named_report",
        "severity": "high",
        "score": 0.9,
        "actors": ["CN"],
        "commodities": ["gallium"],
        "evidence": [{"sentence": "China restricts gallium.", "start": 0, "end": 24, "rule": "r"}],
        "sources": [
            {"article_id": slug, "url": f"http://x/articles/s/{slug}", "source_id": "s", "first_seen_at": NOW}
            for slug in slugs
        ],
        "first_seen_at": NOW,
        "rules_digest": "d",
        "clock": {"collected_at": NOW},
    }
    return Alert.model_validate(given | fields)


@pytest.fixture
def make_alert() -> Callable[..., Alert]:
    return _make_alert
