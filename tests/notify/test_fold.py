"""What a signal does to its story: the decision and its reason, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notify.fold import Decision, Silence, decide, fold
from services.notify.story import Story
from shared.events import SignalDetected
from shared.events.alert import Reason
from tests.notify.builders import NOW, make_signal


def _tell(*signals: SignalDetected) -> list[Decision]:
    """Fold signals one after the other into whatever stories they make."""
    stories: dict[str, Story] = {}
    decisions = []
    for signal in signals:
        decision = decide(list(stories.values()), signal, signal.article.fetched_at)
        if decision.story:
            stories[decision.story.story_id] = decision.story
        decisions.append(decision)
    return decisions


def _reasons(*signals: SignalDetected) -> list[str]:
    return [str(decision.reason) for decision in _tell(*signals)]


def test_ten_reports_of_one_act_are_one_alert() -> None:
    reports = [
        make_signal(1),
        make_signal(2, hours=1, commodities=("gallium",)),
        make_signal(3, hours=2, certainty="official_speech"),
        make_signal(4, hours=3, measure=None),
        make_signal(5, hours=4, effective_at=date(2026, 8, 1)),
        make_signal(6, hours=5, instrument={"authority": "MOFCOM", "number": "23 of 2026"}),
        make_signal(7, hours=6, stage="in_force", effective_at=date(2026, 8, 1)),
        make_signal(8, hours=7, targets=("US",)),
        make_signal(9, hours=8, stage="proposal", certainty="unnamed_report"),
        make_signal(10, hours=9, severity="medium", certainty="inference", tier=3, measure="export_ban"),
    ]
    decisions = _tell(*reports)
    assert [d.reason for d in decisions] == [Reason.NEW_STORY] + [Silence.CORROBORATED] * 9
    story = decisions[-1].story
    assert story is not None
    assert len(story.sources) == 10
    assert story.claim.effective_at == date(2026, 8, 1)
    assert story.claim.stage == "announced"
    assert story.claim.measure == "export_licence"


CHANGES: Sequence[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("an announcement after talk", {"stage": "hint"}, {"stage": "announced"}, "stage_changed"),
    ("entry into force", {}, {"stage": "in_force"}, "stage_changed"),
    ("the same rung", {"stage": "in_force"}, {"stage": "in_force"}, "corroborated"),
    ("a lower rung is an older view", {"stage": "in_force"}, {"stage": "announced"}, "corroborated"),
    ("talk after the act", {}, {"stage": "under_consideration"}, "corroborated"),
    ("a denial", {"stage": "rumour"}, {"stage": "denied", "direction": "neutral"}, "direction_changed"),
    (
        "a suspension turns the direction",
        {"stage": "in_force", "measure": "export_ban"},
        {"stage": "suspended", "direction": "ease", "measure": "export_ban"},
        "direction_changed",
    ),
    (
        "a soft report cannot move a firm story",
        {},
        {"stage": "in_force", "certainty": "unnamed_report"},
        "corroborated",
    ),
    ("commentary cannot move it either", {}, {"stage": "in_force", "tier": 3}, "corroborated"),
    (
        "a soft report moves a soft story",
        {"stage": "rumour", "certainty": "unnamed_report"},
        {"stage": "proposal", "certainty": "unnamed_report"},
        "stage_changed",
    ),
    ("more commodities", {"commodities": ("gallium",)}, {"commodities": ("gallium", "germanium")}, "scope_changed"),
    ("fewer commodities", {}, {"commodities": ("gallium",)}, "corroborated"),
    (
        "a member of a group that was told",
        {"commodities": ("rare_earths",)},
        {"commodities": ("dysprosium",)},
        "corroborated",
    ),
    ("a second target", {"targets": ("US",)}, {"targets": ("US", "JP")}, "scope_changed"),
    ("a target within all", {"targets": ("all",)}, {"targets": ("US",)}, "corroborated"),
    ("no target where one was told", {"targets": ("US",)}, {"targets": ("all",)}, "corroborated"),
    ("a date becomes known", {}, {"effective_at": date(2026, 8, 1)}, "corroborated"),
    (
        "a date is moved",
        {"effective_at": date(2026, 8, 1)},
        {"effective_at": date(2026, 10, 1)},
        "date_changed",
    ),
    (
        "a date is contradicted by weaker words",
        {"effective_at": date(2026, 8, 1), "certainty": "official_text"},
        {"effective_at": date(2026, 9, 1)},
        "corroborated",
    ),
    ("an official source", {}, {"tier": 1}, "official_confirmation"),
    ("a confirmation counts more than its severity", {}, {"tier": 1, "severity": "critical"}, "official_confirmation"),
    ("a second official source", {"tier": 1}, {"tier": 1}, "corroborated"),
    ("an official source that says less", {}, {"tier": 1, "stage": "hint"}, "corroborated"),
    ("higher severity", {}, {"severity": "critical"}, "severity_raised"),
    ("lower severity", {}, {"severity": "low"}, "corroborated"),
    (
        "talk is confirmed by officials",
        {"stage": "hint"},
        {"stage": "hint", "certainty": "official_speech"},
        "certainty_changed",
    ),
    ("a rumour gets a name", {"certainty": "unnamed_report"}, {"certainty": "named_report"}, "certainty_changed"),
    ("another country", {}, {"actors": ("ID",)}, "new_story"),
    ("another commodity", {}, {"commodities": ("nickel",)}, "new_story"),
    ("another kind", {}, {"kind": "price_floor_watch"}, "new_story"),
    (
        "another instrument",
        {"instrument": {"number": "61 of 2026"}},
        {"instrument": {"number": "62 of 2026"}},
        "new_story",
    ),
    (
        "the same instrument, written otherwise, on other commodities",
        {"instrument": {"number": "No. 61 of 2026"}},
        {"instrument": {"number": "2026年第61号"}, "commodities": ("tungsten",), "tier": 3},
        "corroborated",
    ),
    (
        "talk of easing is no part of the ban",
        {"stage": "in_force"},
        {"stage": "under_consideration", "direction": "ease"},
        "new_story",
    ),
    ("the actor is not named", {}, {"actors": ()}, "corroborated"),
    ("the actor becomes known", {"actors": ()}, {}, "scope_changed"),
]


@pytest.mark.parametrize(("why", "first", "second", "reason"), CHANGES, ids=[row[0] for row in CHANGES])
def test_a_second_report(why: str, first: dict[str, Any], second: dict[str, Any], reason: str) -> None:
    assert _reasons(make_signal(1, **first), make_signal(2, hours=2, **second))[1] == reason


def test_an_older_report_that_comes_late_does_not_turn_the_story_back() -> None:
    suspended = make_signal(1, hours=5, stage="suspended", direction="ease")
    late = make_signal(2, hours=1, stage="in_force")
    decision = _tell(suspended, late)[1]
    assert decision.reason == Silence.CORROBORATED
    assert decision.story is not None
    assert decision.story.claim.direction == "ease"


def test_two_sources_that_contradict_each_other_do_not_page_in_turn() -> None:
    dates = [date(2026, 8, 1), date(2026, 9, 1)] * 3
    reports = [make_signal(n, hours=n, effective_at=day) for n, day in enumerate(dates, 1)]
    assert _reasons(*reports) == ["new_story", "date_changed", *["corroborated"] * 4]


def test_a_weaker_report_does_not_downgrade_the_story() -> None:
    strong = make_signal(1, tier=1, certainty="official_text", severity="critical", stage="in_force", score=0.99)
    weak = make_signal(2, hours=1, tier=3, certainty="inference", severity="low", stage="rumour", score=0.2)
    before, after = (decision.story for decision in _tell(strong, weak))
    assert before is not None
    assert after is not None
    assert after.claim == before.claim


def test_a_revision_says_what_changed_and_keeps_the_story() -> None:
    first, second = _tell(
        make_signal(1, stage="proposal"), make_signal(2, hours=30, stage="announced", severity="critical")
    )
    assert second.story is not None
    assert first.story is not None
    assert second.story.story_id == first.story.story_id
    assert second.story.revision == 2
    told = [(change.field, change.before, change.after) for change in second.changes]
    assert told == [("stage", "proposal", "announced"), ("severity", "high", "critical")]


def test_the_window_ends_fourteen_days_after_the_last_report() -> None:
    assert _reasons(make_signal(1), make_signal(2, hours=14 * 24))[1] == "corroborated"
    assert _reasons(make_signal(1), make_signal(2, hours=14 * 24 + 1))[1] == "new_story"


def test_a_numbered_instrument_is_known_after_the_window() -> None:
    number = {"number": "61 of 2026"}
    later = make_signal(2, hours=24 * 60, instrument=number, stage="in_force")
    assert _reasons(make_signal(1, instrument=number), later)[1] == "stage_changed"


def test_a_contradicting_report_that_is_not_let_through_adds_its_source_only() -> None:
    rumour = make_signal(2, hours=1, stage="lifted", direction="ease", certainty="unnamed_report", tier=3)
    decision = _tell(make_signal(1, stage="in_force"), rumour)[1]
    assert decision.reason == Silence.CORROBORATED
    assert decision.story is not None
    assert decision.story.claim.direction == "tighten"
    assert len(decision.story.sources) == 2


@pytest.mark.parametrize(
    ("published", "tier", "reason"),
    [
        (NOW - timedelta(hours=96), 2, Reason.NEW_STORY),
        (NOW - timedelta(hours=96, seconds=1), 2, Silence.TOO_OLD),
        (NOW - timedelta(hours=97), 1, Silence.TOO_OLD),
        (NOW + timedelta(hours=1), 2, Reason.NEW_STORY),
        (NOW + timedelta(hours=1, seconds=1), 2, Silence.IN_THE_FUTURE),
        (None, 2, Silence.UNDATED),
        (None, 3, Silence.UNDATED),
        (None, 1, Reason.NEW_STORY),
    ],
)
def test_the_age_gate(published: Any, tier: int, reason: str) -> None:
    decision = fold(None, make_signal(1, tier=tier, published=published), NOW)
    assert decision.reason == reason
    assert (decision.story is None) == (not decision.tells)


JOINT = {"kind": "alliance_move", "direction": "advance", "stage": "signed", "actors": (), "commodities": ()}


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ({"parties": ("JP", "ZM")}, {"parties": ("ZM", "JP")}, "corroborated"),
        ({"parties": ("JP", "ZM")}, {"parties": ("JP", "AU")}, "new_story"),
        (
            {"initiative": "Pax Silica", "parties": ("VN",)},
            {"initiative": "Pax  Silica", "parties": ("VN",)},
            "corroborated",
        ),
        (
            {"initiative": "Pax Silica", "parties": ("VN",)},
            {"initiative": "Pax Silica", "parties": ("PH",)},
            "new_story",
        ),
        (
            {"initiative": "Pax Silica", "parties": ("VN",)},
            {"initiative": "Project Vault", "parties": ("VN",)},
            "new_story",
        ),
        ({"parties": ("GB",)}, {"parties": ("GB",)}, "corroborated"),
    ],
)
def test_pacts_are_told_apart_by_their_states_and_names(first: Any, second: Any, reason: str) -> None:
    measure = {"measure": "partnership_mou"}
    signals = make_signal(1, **JOINT, **measure, **first), make_signal(2, hours=1, **JOINT, **measure, **second)
    assert _reasons(*signals)[1] == reason


STAGES = st.sampled_from(["rumour", "hint", "proposal", "announced", "in_force", "suspended", "lifted"])
SIGNALS = st.builds(
    make_signal,
    st.integers(1, 8),
    hours=st.integers(0, 90),
    tier=st.sampled_from([1, 2, 3]),
    stage=STAGES,
    direction=st.sampled_from(["tighten", "ease"]),
    certainty=st.sampled_from(["official_text", "official_speech", "named_report", "unnamed_report"]),
    severity=st.sampled_from(["low", "high", "critical"]),
    commodities=st.sampled_from([("gallium",), ("gallium", "germanium"), ("rare_earths",), ()]),
    effective_at=st.sampled_from([None, date(2026, 8, 1), date(2026, 9, 1)]),
)


@given(st.lists(SIGNALS, min_size=1, max_size=12))
@settings(max_examples=80, deadline=None)
def test_folding_a_signal_twice_changes_nothing(signals: list[SignalDetected]) -> None:
    story: Story | None = None
    for signal in signals:
        once = fold(story, signal, NOW + timedelta(hours=91))
        twice = fold(once.story, signal, NOW + timedelta(hours=91))
        if once.story is not None:
            assert twice.story == once.story
            assert not twice.tells
        story = once.story or story


@given(st.lists(SIGNALS, min_size=1, max_size=8, unique_by=lambda signal: signal.id))
@settings(max_examples=80, deadline=None)
def test_every_revision_has_a_reason_and_only_revisions_count_up(signals: list[SignalDetected]) -> None:
    stories: dict[str, Story] = {}
    for signal in signals:
        decision = decide(list(stories.values()), signal, NOW + timedelta(hours=91))
        if decision.story is None:
            continue
        before = stories.get(decision.story.story_id)
        assert decision.story.revision == (before.revision if before else 0) + decision.tells
        stories[decision.story.story_id] = decision.story
