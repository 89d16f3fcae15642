"""Revisions, copies and backfilled articles: what they do to a story, and whom they alert."""

from __future__ import annotations

from typing import Any

import pytest

from services.notify.fold import Quiet, decide, fold
from services.notify.notice import alert_of
from services.notify.story import begin, independent
from shared.events import SignalDetected
from shared.events.alert import AlertRaised, Reason, StorySource
from tests.notify.builders import NOW, make_signal


def edited(signal: SignalDetected, **article: Any) -> SignalDetected:
    """The signal with another article around it; its id follows the revision."""
    changed = signal.article.model_copy(update=article)
    number = changed.revision
    return signal.model_copy(update={"article": changed, "id": signal.id + (f".{number}" if number > 1 else "")})


def test_a_revision_that_says_the_same_alerts_nobody_twice() -> None:
    story = begin(make_signal(1))
    decision = fold(story, edited(make_signal(1, hours=2), revision=2))
    assert decision.reason is Quiet.CORROBORATED
    assert decision.story is not None
    assert len(decision.story.sources) == 1


def test_a_revision_that_says_more_is_told_as_a_revision_of_the_story() -> None:
    decision = fold(begin(make_signal(1)), edited(make_signal(1, hours=2, stage="in_force"), revision=2))
    assert (decision.reason, decision.story.revision if decision.story else 0) == (Reason.STAGE_CHANGED, 2)


def test_an_edit_long_after_the_window_makes_no_new_story() -> None:
    first = make_signal(1, tier=1, published=None)
    late = edited(make_signal(1, hours=24 * 40, tier=1, published=None), revision=2)
    assert decide([], late).reason is Reason.NEW_STORY
    assert decide([], late, earlier=begin(first)).reason is Quiet.CORROBORATED


def test_an_article_rewritten_into_another_act_begins_its_own_story() -> None:
    other = edited(make_signal(1, hours=24 * 40, actors=("CL",), commodities=("lithium",)), revision=2)
    assert decide([], other, earlier=begin(make_signal(1))).reason is Reason.NEW_STORY


def test_the_signals_of_earlier_revisions_are_known_by_their_ids() -> None:
    assert edited(make_signal(1), revision=3).earlier_ids == ("signal_1", "signal_1.2")
    assert make_signal(1).earlier_ids == ()


def test_a_backfilled_article_feeds_the_story_and_alerts_nobody() -> None:
    decision = decide([], edited(make_signal(1, hours=-24 * 30), backfill=True))
    assert (decision.reason, decision.tells) == (Quiet.BACKFILL, False)
    assert decision.story is not None
    assert not decision.story.told


def test_the_state_of_a_backfilled_story_follows_its_articles_in_silence() -> None:
    story = decide([], edited(make_signal(1, hours=-240), backfill=True)).story
    assert story is not None
    moved = fold(story, edited(make_signal(2, hours=-48, stage="in_force"), backfill=True))
    assert (moved.reason, moved.story.claim.stage if moved.story else "") == (Quiet.BACKFILL, "in_force")


def test_a_story_people_were_told_of_is_not_moved_by_a_backfill() -> None:
    told = begin(make_signal(1))
    decision = fold(told, edited(make_signal(2, hours=1, stage="in_force"), backfill=True))
    assert decision.story is not None
    assert (decision.story.claim.stage, decision.story.revision) == ("announced", 1)
    assert len(decision.story.sources) == 2
    assert fold(decision.story, make_signal(3, hours=2, stage="in_force")).reason is Reason.STAGE_CHANGED


def test_the_first_fresh_article_on_a_backfilled_story_raises_it() -> None:
    story = decide([], edited(make_signal(1, hours=-240), backfill=True)).story
    assert story is not None
    decision = fold(story, make_signal(2, stage="in_force"))
    assert decision.reason is Reason.NEW_STORY
    alert = alert_of(decision, NOW)
    assert isinstance(alert, AlertRaised)
    assert (alert.revision, alert.stage, len(alert.sources)) == (1, "in_force", 2)
    assert fold(decision.story, make_signal(3, hours=1)).tells is False


@pytest.mark.parametrize(("age", "reason"), [(240, Quiet.CORROBORATED), (2, Reason.NEW_STORY)])
def test_what_was_backfilled_and_is_told_again_is_old_news_only_when_it_is_old(age: int, reason: object) -> None:
    story = decide([], edited(make_signal(1, hours=-age), backfill=True)).story
    assert fold(story, make_signal(2)).reason is reason


def source(number: int, *, of: str = "", copy_of: str | None = None) -> StorySource:
    return StorySource(article_id=f"a{number}", source_id=of or f"s{number}", first_seen_at=NOW, copy_of=copy_of)


@pytest.mark.parametrize(
    ("sources", "count"),
    [
        ([source(1)], 1),
        ([source(1), source(2)], 2),
        ([source(1), source(2, copy_of="a1")], 1),
        ([source(2, copy_of="a1"), source(3, copy_of="a1")], 1),
        ([source(1), source(2, of="s1")], 1),
        ([source(1), source(2), source(3, of="s1", copy_of="a2")], 1),
        ([source(1), source(2, copy_of="a9"), source(3)], 3),
    ],
)
def test_copies_of_one_text_and_reports_of_one_source_count_once(sources: list[StorySource], count: int) -> None:
    assert independent(sources) == independent(sources[::-1]) == count


def test_an_alert_says_how_many_sources_are_independent() -> None:
    copied = fold(begin(make_signal(1)), edited(make_signal(2, stage="in_force", hours=1), copy_of="article_1"))
    alert = alert_of(copied, NOW)
    assert (len(alert.sources), alert.independent_sources) == (2, 1)
