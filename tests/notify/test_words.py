"""What people read: headline and summary of an alert, and its next date."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from services.notify.facts import title
from services.notify.fold import fold
from services.notify.headline import MAX_HEADLINE, headline
from services.notify.notice import alert_of, next_date
from services.notify.story import begin, claim_of
from services.notify.summary import summary
from shared.events import AlertRaised, AlertUpdated
from shared.events.alert import Reason
from shared.events.vocabulary import ALLIANCE_MEASURES, RESTRICTION_MEASURES, Stage
from tests.notify.builders import NOW, make_alert, make_signal

PACT: dict[str, Any] = {"kind": "alliance_move", "direction": "advance", "actors": ()}
WORDS = [
    (
        {"effective_at": date(2026, 8, 1)},
        "Export restriction: China, gallium + germanium — announced, export licence requirement, from 1 Aug 2026",
        (
            "China announced an export licence requirement on gallium and germanium, from 1 Aug 2026, according to a "
            "named report."
        ),
    ),
    (
        {
            "stage": "suspended",
            "direction": "ease",
            "measure": "export_ban",
            "until": date(2026, 11, 27),
            "targets": ("US",),
        },
        (
            "Export restriction easing: China → United States, gallium + germanium — suspended, export ban, "
            "until 27 Nov 2026"
        ),
        (
            "China suspended the export ban on gallium and germanium, towards the United States, until 27 Nov 2026, "
            "according to a named report."
        ),
    ),
    (
        {"stage": "hint", "measure": None, "commodities": ("rare_earths",), "certainty": "official_speech"},
        "Export restriction: China, rare earths — hint",
        "China hinted at an export restriction on rare earths, according to officials.",
    ),
    (
        {"stage": "announced", "direction": "ease", "measure": "general_licence"},
        "Export restriction easing: China, gallium + germanium — announced, general export licence",
        "China announced a general export licence on gallium and germanium, according to a named report.",
    ),
    (
        {**PACT, "parties": ("JP", "ZM"), "measure": "partnership_mou", "stage": "signed", "commodities": ("cobalt",)},
        "Alliance move: Japan + Zambia, cobalt — signed, minerals memorandum",
        "Japan and Zambia signed a minerals memorandum on cobalt, according to a named report.",
    ),
    (
        {
            **PACT,
            "parties": ("VN",),
            "initiative": "pax_silica",
            "measure": "join",
            "stage": "joined",
            "commodities": (),
        },
        "Alliance move: Vietnam, Pax Silica — joined, accession",
        "Vietnam joined Pax Silica, according to a named report.",
    ),
    (
        {"kind": "mine_accident", "actors": (), "measure": None, "commodities": ("copper",)},
        "Mine accident: copper — announced",
        "Mine accident: a government not named, copper, announced, according to a named report.",
    ),
    (
        {"instrument": {"authority": "MOFCOM", "number": "Announcement No. 61 of 2026"}, "targets": ("US", "JP")},
        (
            "Export restriction: China → United States + Japan, gallium + germanium — announced, "
            "export licence requirement"
        ),
        (
            "China announced an export licence requirement on gallium and germanium, aimed at the United States and "
            "Japan, MOFCOM Announcement No. 61 of 2026, according to a named report."
        ),
    ),
]


@pytest.mark.parametrize(("claim", "first_line", "sentence"), WORDS, ids=[row[1][:40] for row in WORDS])
def test_an_alert_is_understood_at_first_sight(claim: dict[str, Any], first_line: str, sentence: str) -> None:
    alert = make_alert(**claim)
    assert (alert.headline, alert.summary) == (first_line, sentence)


def test_every_stage_and_measure_has_words() -> None:
    for stage in Stage:
        for measure in (None, *sorted(RESTRICTION_MEASURES | ALLIANCE_MEASURES)):
            told = claim_of(make_signal(stage=stage, measure=measure))
            assert "_" not in headline(told) + summary(told)


def test_a_headline_never_outgrows_a_slack_header() -> None:
    long = make_alert(
        actors=tuple(f"Q{n:02}" for n in range(60)),
        commodities=tuple(f"commodity_{n}_with_a_long_name" for n in range(60)),
        initiative="An initiative with a name " * 30,
    )
    assert len(long.headline) <= MAX_HEADLINE


def test_a_new_story_raises_and_a_revision_updates() -> None:
    first = fold(None, make_signal(1))
    second = fold(first.story, make_signal(2, stage="in_force"))
    assert isinstance(alert_of(first, NOW), AlertRaised)
    assert isinstance(alert_of(second, NOW), AlertUpdated)
    silent = fold(second.story, make_signal(3))
    with pytest.raises(ValueError, match="nothing to tell: corroborated"):
        alert_of(silent, NOW)


def test_the_next_date_is_the_first_one_still_to_come() -> None:
    story = begin(make_signal(effective_at=date(2026, 7, 10), until=date(2026, 9, 1)))
    assert next_date(story, NOW) is not None
    assert str(next_date(story, NOW)).startswith("date=datetime.date(2026, 7, 10)")
    later = next_date(story, NOW + timedelta(days=30))
    assert later is not None
    assert (later.date, later.what) == (date(2026, 9, 1), "it expires")
    assert next_date(story, NOW + timedelta(days=90)) is None


def test_overlong_texts_of_a_signal_are_bounded_in_the_story() -> None:
    claim = claim_of(make_signal(initiative="x" * 5000, instrument={"authority": "y" * 5000}, hs_codes=("2805",) * 500))
    assert claim.initiative == "x" * 120
    assert claim.instrument is not None
    assert claim.instrument.authority == "y" * 120
    assert len(claim.hs_codes) == 64


@pytest.mark.parametrize(
    ("reason", "headline", "shown"),
    [
        ("retracted", "Retracted: Tin", "🟠 Retracted: Tin"),
        ("denied", "Denied: Tin", "🟠 Denied: Tin"),
        ("corrected", "Corrected: Tin", "🟠 Corrected: Tin"),
        ("reminder", "Tin", "🟠 Reminder: Tin"),
        ("stage_changed", "Tin", "🟠 Update: Tin"),
        ("new_story", "Tin", "🟠 Tin"),
    ],
)
def test_a_title_says_once_what_it_is_to_readers(reason: str, headline: str, shown: str) -> None:
    alert = make_alert().model_copy(update={"reason": Reason(reason), "headline": headline})
    assert title(alert) == shown
