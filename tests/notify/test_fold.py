"""What a signal does to its story: the decision and its reason, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notify.fold import Decision, Quiet, decide, fold
from services.notify.story import Story
from shared.events import SignalDetected
from shared.events.alert import Reason
from tests.notify.builders import NOW, make_signal


def _tell(*signals: SignalDetected) -> list[Decision]:
    """Fold signals one after the other into whatever stories they make."""
    stories: dict[str, Story] = {}
    decisions = []
    for signal in signals:
        decision = decide(list(stories.values()), signal)
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
    assert [d.reason for d in decisions] == [Reason.NEW_STORY] + [Quiet.CORROBORATED] * 9
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
        {"instrument": {"number": "No. 61 of 2026", "authority": "MOFCOM"}},
        {"instrument": {"number": "2026年第61号", "authority": "Mofcom"}, "commodities": ("tungsten",), "tier": 3},
        "corroborated",
    ),
    (
        "the same number of another ministry",
        {"instrument": {"number": "10 of 2026", "authority": "Ministry of Trade"}},
        {"instrument": {"number": "10 of 2026", "authority": "Ministry of Energy"}},
        "new_story",
    ),
    (
        "the same number without a ministry, on other commodities",
        {"instrument": {"number": "10 of 2026"}},
        {"instrument": {"number": "10 of 2026", "authority": "MOFCOM"}, "commodities": ("tungsten",)},
        "new_story",
    ),
    (
        "the same number without a year, on other commodities",
        {"instrument": {"number": "61", "authority": "MOFCOM"}},
        {"instrument": {"number": "61", "authority": "MOFCOM"}, "commodities": ("tungsten",)},
        "new_story",
    ),
    (
        "another metal beside a known one, from the press after an official text",
        {"tier": 1, "certainty": "official_text"},
        {"commodities": ("gallium", "antimony")},
        "scope_changed",
    ),
    (
        "another metal from commentary",
        {"tier": 1, "certainty": "official_text"},
        {"commodities": ("gallium", "antimony"), "tier": 3},
        "corroborated",
    ),
    (
        "higher severity from the press after an official text",
        {"tier": 1, "certainty": "official_text"},
        {"severity": "critical"},
        "severity_raised",
    ),
    ("another name while it is fresh", {}, {"measure": "export_ban"}, "corroborated"),
    ("states in another order", {"actors": ("US", "NL")}, {"actors": ("NL", "US")}, "corroborated"),
    ("one of two states", {"actors": ("US", "NL")}, {"actors": ("NL",)}, "corroborated"),
    ("a second state", {"actors": ("US",)}, {"actors": ("NL", "US")}, "scope_changed"),
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


OFFICIAL = {"tier": 1, "certainty": "official_text"}
LATER: Sequence[tuple[str, float, dict[str, Any], dict[str, Any], str]] = [
    (
        "a ban on one metal after licences for three",
        12,
        {**OFFICIAL, "commodities": ("gallium", "germanium", "antimony"), "targets": ("all",)},
        {"measure": "export_ban", "severity": "critical", "commodities": ("antimony",), "targets": ("US",)},
        "new_story",
    ),
    ("the same measure", 12, OFFICIAL, {}, "corroborated"),
    ("a measure not named", 12, OFFICIAL, {"measure": None}, "corroborated"),
    ("another measure at once", 2, OFFICIAL, {"measure": "export_ban"}, "corroborated"),
    ("another measure", 2.1, OFFICIAL, {"measure": "export_ban"}, "new_story"),
    (
        "another target",
        5,
        {**OFFICIAL, "commodities": ("rare_earths",), "targets": ("US",)},
        {"commodities": ("rare_earths",), "targets": ("JP",)},
        "scope_changed",
    ),
    (
        "another metal where minerals in general were told",
        5,
        {"tier": 1, "certainty": "official_speech", "stage": "hint", "commodities": ("critical_minerals",)},
        {"stage": "hint", "commodities": ("antimony",)},
        "scope_changed",
    ),
    ("another metal beside a known one", 10, OFFICIAL, {"commodities": ("gallium", "antimony")}, "scope_changed"),
    (
        "its suspension, under another name",
        10,
        {**OFFICIAL, "measure": "export_ban"},
        {"measure": "suspension", "stage": "suspended", "direction": "ease"},
        "direction_changed",
    ),
    (
        "an easing for others than those it is aimed at",
        3,
        {**OFFICIAL, "targets": ("US",)},
        {"measure": "general_licence", "stage": "eased", "direction": "ease", "targets": ("NL",)},
        "new_story",
    ),
]


@pytest.mark.parametrize(("why", "days", "first", "second", "reason"), LATER, ids=[row[0] for row in LATER])
def test_a_report_days_later(why: str, days: float, first: dict[str, Any], second: dict[str, Any], reason: str) -> None:
    assert _reasons(make_signal(1, **first), make_signal(2, hours=24 * days, **second))[1] == reason


def test_a_later_metal_is_written_into_the_claim() -> None:
    story = _tell(make_signal(1, **OFFICIAL), make_signal(2, hours=240, commodities=("gallium", "antimony")))[1].story
    assert story is not None
    assert story.claim.commodities == ("gallium", "germanium", "antimony")


@pytest.mark.parametrize("names", [("announced", "announced"), ("announced", "in_force")])
def test_a_ban_that_was_suspended_and_is_told_again_pages_nobody(names: tuple[str, str]) -> None:
    easing = {"stage": "suspended", "direction": "ease"}
    reports = [
        make_signal(1, stage=names[0]),
        make_signal(2, hours=24, **easing),
        make_signal(3, hours=30, stage=names[0]),
        make_signal(4, hours=36, **easing),
        make_signal(5, hours=20, stage=names[1]),
    ]
    assert _reasons(*reports) == ["new_story", "direction_changed", *["corroborated"] * 3]


@pytest.mark.parametrize("backing", [{"tier": 1}, {"certainty": "official_speech"}])
def test_officials_may_bring_back_what_was_left(backing: dict[str, Any]) -> None:
    reports = [
        make_signal(1),
        make_signal(2, hours=24, stage="suspended", direction="ease"),
        make_signal(3, hours=90, **backing),
    ]
    assert _reasons(*reports)[2] == "direction_changed"


def test_a_denial_and_the_talk_before_it_do_not_page_in_turn() -> None:
    stages = ["under_consideration", "denied"] * 3
    reports = [make_signal(n, hours=2 * n, stage=stage) for n, stage in enumerate(stages)]
    assert _reasons(*reports) == ["new_story", "stage_changed", *["corroborated"] * 4]


def test_a_late_report_does_not_move_the_stage() -> None:
    late = make_signal(2, hours=1, stage="in_force")
    assert _reasons(make_signal(1, hours=5), late)[1] == "corroborated"


def test_an_older_report_that_comes_late_does_not_turn_the_story_back() -> None:
    suspended = make_signal(1, hours=5, stage="suspended", direction="ease")
    late = make_signal(2, hours=1, stage="in_force")
    decision = _tell(suspended, late)[1]
    assert decision.reason == Quiet.CORROBORATED
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


def test_silent_reports_do_not_keep_a_story_open() -> None:
    days = [0, 10, 20, 25]
    reports = [make_signal(n, hours=24 * day, stage="in_force" if day else "announced") for n, day in enumerate(days)]
    decisions = _tell(*reports)
    assert [str(d.reason) for d in decisions] == ["new_story", "stage_changed", "corroborated", "new_story"]
    seen = decisions[2].story
    assert seen is not None
    assert (seen.last_moved_at, seen.last_seen_at) == (NOW + timedelta(days=10), NOW + timedelta(days=20))


def test_the_window_ends_fourteen_days_after_the_last_revision() -> None:
    assert _reasons(make_signal(1), make_signal(2, hours=14 * 24))[1] == "corroborated"
    assert _reasons(make_signal(1), make_signal(2, hours=14 * 24 + 1))[1] == "new_story"


def test_a_numbered_instrument_is_known_after_the_window() -> None:
    number = {"number": "61 of 2026", "authority": "MOFCOM"}
    later = make_signal(2, hours=24 * 60, instrument=number, stage="in_force")
    assert _reasons(make_signal(1, instrument=number), later)[1] == "stage_changed"


def test_a_contradicting_report_that_is_not_let_through_adds_its_source_only() -> None:
    rumour = make_signal(2, hours=1, stage="lifted", direction="ease", certainty="unnamed_report", tier=3)
    decision = _tell(make_signal(1, stage="in_force"), rumour)[1]
    assert decision.reason == Quiet.CORROBORATED
    assert decision.story is not None
    assert decision.story.claim.direction == "tighten"
    assert len(decision.story.sources) == 2


@pytest.mark.parametrize(
    ("published", "tier", "reason"),
    [
        (NOW - timedelta(hours=96), 2, Reason.NEW_STORY),
        (NOW - timedelta(hours=96, seconds=1), 2, Quiet.TOO_OLD),
        (NOW - timedelta(hours=97), 1, Quiet.TOO_OLD),
        (NOW + timedelta(hours=1), 2, Reason.NEW_STORY),
        (NOW + timedelta(hours=1, seconds=1), 2, Quiet.IN_THE_FUTURE),
        (None, 2, Quiet.UNDATED),
        (None, 3, Quiet.UNDATED),
        (None, 1, Reason.NEW_STORY),
    ],
)
def test_the_age_gate(published: Any, tier: int, reason: str) -> None:
    decision = fold(None, make_signal(1, tier=tier, published=published))
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


@pytest.mark.parametrize("days", [0.1, 5])
def test_other_measures_of_the_same_signatories_are_stories_of_their_own(days: float) -> None:
    measures = ["partnership_mou", "stockpile_created", "price_floor", "partnership_mou"]
    states = [("US", "JP"), ("JP", "US")] * 2
    pact = {**JOINT, "commodities": ("rare_earths",)}
    reports = [
        make_signal(n, hours=24 * days * n, **{**pact, "measure": measure, "parties": parties})
        for n, (measure, parties) in enumerate(zip(measures, states, strict=True))
    ]
    assert _reasons(*reports) == [*["new_story"] * 3, "corroborated" if days < 1 else "new_story"]


def test_a_paper_goes_by_many_names_while_it_is_fresh() -> None:
    names = ["framework_agreement", "partnership_mou", "joint_statement", None]
    pact = {**JOINT, "parties": ("US", "JP"), "commodities": ("rare_earths",)}
    reports = [make_signal(n, hours=n, **{**pact, "measure": name}) for n, name in enumerate(names)]
    assert _reasons(*reports) == ["new_story", *["corroborated"] * 3]
    later = make_signal(9, hours=72, **{**pact, "measure": "joint_statement"})
    assert _reasons(reports[0], later)[1] == "new_story"


NAMES_OF_ONE_ACT = st.fixed_dictionaries(
    {
        "hours": st.floats(0, 47),
        "tier": st.sampled_from([2, 3]),
        "measure": st.sampled_from([None, "export_licence", "export_ban", "technology_control", "legal_framework"]),
        "certainty": st.sampled_from(["official_speech", "named_report", "unnamed_report", "inference"]),
        "severity": st.sampled_from(["low", "medium", "high"]),
        "stage": st.sampled_from(["hint", "proposal", "announced"]),
        "commodities": st.sampled_from([("gallium", "germanium"), ("gallium",), ("germanium",)]),
        "effective_at": st.sampled_from([None, date(2026, 8, 1)]),
        "instrument": st.sampled_from([None, {"number": "23 of 2026"}, {"number": "23", "authority": "MOFCOM"}]),
    }
)


@given(st.lists(NAMES_OF_ONE_ACT, max_size=9))
@settings(max_examples=80, deadline=None)
def test_however_reporters_word_one_act_it_is_one_alert(wordings: list[dict[str, Any]]) -> None:
    reports = [make_signal(n, **wording) for n, wording in enumerate(wordings, 2)]
    assert _reasons(make_signal(1), *reports) == ["new_story", *["corroborated"] * len(reports)]


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
        once = fold(story, signal)
        twice = fold(once.story, signal)
        if once.story is not None:
            assert twice.story == once.story
            assert not twice.tells
        story = once.story or story


@given(st.lists(SIGNALS, min_size=1, max_size=8, unique_by=lambda signal: signal.id))
@settings(max_examples=80, deadline=None)
def test_every_revision_has_a_reason_and_only_revisions_count_up(signals: list[SignalDetected]) -> None:
    stories: dict[str, Story] = {}
    for signal in signals:
        decision = decide(list(stories.values()), signal)
        if decision.story is None:
            continue
        before = stories.get(decision.story.story_id)
        assert decision.story.revision == (before.revision if before else 0) + decision.tells
        stories[decision.story.story_id] = decision.story
