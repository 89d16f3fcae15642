"""Comparing what came with what should have come."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from services.demo.expect import Observed, judge
from services.demo.expected import Expected
from shared.events import Alert

TODAY = date(2026, 11, 20)
MakeAlert = Callable[..., Alert]
EXPECTED = Expected.model_validate(
    {
        "stories": [
            {
                "id": "gallium",
                "articles": ["gallium-wire", "gallium-official"],
                "kind": "export_restriction",
                "direction": "tighten",
                "actors": ["CN"],
                "commodities": ["gallium"],
                "effective_in_days": 10,
                "slack": True,
                "revisions": [
                    {"wave": 1, "reason": "new_story", "stage": "announced"},
                    {"wave": 2, "reason": "official_confirmation", "stage": "announced"},
                ],
            }
        ],
        "silent": [{"article": "trap", "why": "sports"}],
    }
)


@pytest.fixture
def good(make_alert: MakeAlert) -> Observed:
    return Observed(
        alerts=[
            make_alert("gallium-wire", effective_at="2026-11-30"),
            make_alert(
                "gallium-wire",
                "gallium-official",
                revision=2,
                reason="official_confirmation",
                effective_at="2026-11-30",
            ),
        ],
        slack_messages=2,
        slack_problems=[],
        sources={"story-gallium-wire": frozenset({"gallium-wire", "gallium-official"})},
        unread=[],
        refused={"webhooks with a bad signature": 0},
    )


def differences(observed: Observed) -> tuple[str, ...]:
    return judge(EXPECTED, observed, today=TODAY).differences


def test_exactly_the_expected_alerts_pass(good: Observed) -> None:
    assert judge(EXPECTED, good, today=TODAY).passed


def test_a_missing_revision_is_named(good: Observed) -> None:
    assert "gallium: no alert came for official_confirmation (stage announced)" in differences(
        replace(good, alerts=good.alerts[:1])
    )


def test_a_revision_too_many_is_named(good: Observed, make_alert: MakeAlert) -> None:
    third = make_alert("gallium-wire", revision=3, reason="date_changed", effective_at="2026-11-30")
    assert differences(replace(good, alerts=[*good.alerts, third])) == (
        "gallium: one message too many: revision 3, date_changed, no change",
    )


def test_a_story_told_as_two_is_named(good: Observed) -> None:
    apart = good.alerts[1].model_copy(update={"story_id": "another"})
    assert "gallium: told as 2 stories, not as one" in differences(replace(good, alerts=[good.alerts[0], apart]))


def test_a_trap_that_alerts_is_named_with_the_reason_for_silence(good: Observed, make_alert: MakeAlert) -> None:
    observed = replace(good, alerts=[*good.alerts, make_alert("trap", headline="Cup ban")])
    assert differences(observed) == ("trap must stay silent (sports), but told: Cup ban",)


def test_an_alert_of_no_story_is_named(good: Observed, make_alert: MakeAlert) -> None:
    observed = replace(good, alerts=[*good.alerts, make_alert("stranger", headline="Who?")])
    assert differences(observed) == ("an alert that belongs to no expected story: Who?",)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("stage", "hint", "gallium: message 1: stage is hint, expected announced"),
        ("reason", "scope_changed", "gallium: message 1: reason is scope_changed, expected new_story"),
        ("direction", "ease", "gallium: revision 1: direction is ease, expected tighten"),
        ("actors", ["CN", "US"], "gallium: revision 1: actors is CN, US, expected CN"),
        ("commodities", [], "gallium: revision 1: commodities is none, expected gallium"),
        ("evidence", [], "gallium: revision 1: no evidence sentence"),
    ],
)
def test_a_wrong_field_is_named(good: Observed, make_alert: MakeAlert, field: str, value: object, told: str) -> None:
    first = make_alert("gallium-wire", **{field: value})
    assert differences(replace(good, alerts=[first, good.alerts[1]])) == (told,)


def test_a_wrong_date_is_named(good: Observed) -> None:
    last = good.alerts[1].model_copy(update={"effective_at": None})
    assert differences(replace(good, alerts=[good.alerts[0], last])) == (
        "gallium: effective date is None, expected 2026-11-30",
    )


def test_a_source_that_did_not_join_the_story_is_named(good: Observed) -> None:
    observed = replace(good, sources={"story-gallium-wire": frozenset({"gallium-wire"})})
    assert differences(observed) == ("gallium: its sources are gallium-wire, expected gallium-official, gallium-wire",)


def test_refusals_unread_articles_and_slack_faults_are_named(good: Observed) -> None:
    observed = replace(
        good,
        refused={"webhooks with a bad signature": 2},
        unread=["gallium-official"],
        slack_messages=1,
        slack_problems=["51 blocks, 50 allowed"],
    )
    assert differences(observed) == (
        "article gallium-official never reached the stream",
        "2 webhooks with a bad signature",
        "Slack message breaks a limit: 51 blocks, 50 allowed",
        "Slack got 1 messages, expected 2",
    )
