"""Invented alerts that templates are tried on: a full one, and one that knows as little as an alert can. Pure data."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from typing import Final

from shared.events import Alert, AlertRaised, AlertUpdated, Evidence, Hops, Instrument, Term
from shared.events.alert import Change, NextDate, Reason, StorySource
from shared.events.vocabulary import Certainty, Direction, Severity, Stage

_AT: Final = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
_SENTENCE: Final = "The ministry will require licences for exports of gallium & germanium <from 1 August>."
_WORD: Final = "exports"


@cache
def specimens() -> tuple[Alert, ...]:
    """The alerts, the same in every process."""
    return (_full(), _sparse())


def _full() -> Alert:
    start = _SENTENCE.index(_WORD)
    term = Term(text=_WORD, start=start, end=start + len(_WORD), role="export")
    return AlertUpdated(
        kind="export_restriction",
        measure="export_licence",
        stage=Stage.ANNOUNCED,
        direction=Direction.TIGHTEN,
        certainty=Certainty.OFFICIAL_TEXT,
        severity=Severity.HIGH,
        score=0.93,
        actors=("CN",),
        targets=("US", "JP"),
        commodities=("gallium", "germanium"),
        hs_codes=("811292",),
        instrument=Instrument(authority="Ministry of Commerce", number="12 of 2026", date=date(2026, 7, 1)),
        effective_at=date(2026, 8, 1),
        until=date(2027, 8, 1),
        story_id="story_specimen",
        revision=2,
        reason=Reason.STAGE_CHANGED,
        changes=(Change(field="stage", before="proposal", after="announced"),),
        headline="Export restriction: China → United States + Japan, gallium + germanium — announced",
        summary="China announced an export licence requirement on gallium and germanium, from 1 Aug 2026.",
        evidence=(Evidence(sentence=_SENTENCE, start=0, end=len(_SENTENCE), rule="specimen", terms=(term,)),),
        sources=tuple(_source(n) for n in (1, 2)),
        signal_ids=("signal_1", "signal_2"),
        first_seen_at=_AT,
        next_date=NextDate(date=date(2026, 8, 1), what="it takes effect"),
        rules_digest="specimen",
        clock=Hops(collected_at=_AT, detected_at=_AT, raised_at=_AT),
    )


def _sparse() -> Alert:
    return AlertRaised(
        kind="mine_accident",
        stage=Stage.RUMOUR,
        direction=Direction.NEUTRAL,
        certainty=Certainty.INFERENCE,
        severity=Severity.LOW,
        score=0,
        story_id="story_sparse",
        revision=1,
        reason=Reason.NEW_STORY,
        headline="Mine accident: actor not named",
        summary="Mine accident: a government not named.",
        evidence=(),
        sources=(),
        first_seen_at=_AT,
        rules_digest="specimen",
        clock=Hops(collected_at=_AT),
    )


def _source(number: int) -> StorySource:
    return StorySource(
        article_id=f"article_{number}",
        url=f"https://news.example/{number}?a=1&b=2",
        title=f"Report {number} <on> gallium & germanium",
        source_id=f"source-{number}",
        source_tier=1 if number == 1 else 2,
        first_seen_at=_AT,
    )
