"""The legal text behind a measure: who issued it, by which number, and from when it says that it applies."""

from __future__ import annotations

from datetime import date

import pytest

from services.classify.dates import stated_start
from services.classify.decision import Finding
from services.classify.normalise import fold
from shared.events import Instrument
from tests.classify.kit import detect

TODAY = date(2026, 3, 4)


def only(title: str, text: str = "", tier: int = 2) -> Finding:
    (finding,) = detect(title, text, published=TODAY, tier=tier).signals
    return finding


def test_the_issuing_ministry_is_named_as_people_write_it() -> None:
    found = only(
        "Beijing to require licences for tungsten exports",
        "China's Ministry of Commerce said on Tuesday it will require licences for exports of tungsten. "
        "Announcement No. 19 of 2026 covers powders and rods.",
    )
    assert found.instrument == Instrument(authority="MOFCOM", number="19 of 2026", date=date(2026, 3, 3))


def test_the_issuer_is_a_body_of_the_acting_state() -> None:
    found = only(
        "",
        "Japan's industry ministry regretted that China's commerce ministry, by Announcement No. 19 of 2026, bans "
        "exports of tungsten.",
    )
    assert found.instrument is not None
    assert (found.actors, found.instrument.authority) == (("CN",), "MOFCOM")


def test_without_a_named_issuer_only_the_number_is_told() -> None:
    found = only("Zambia bans exports of copper ore under Statutory Instrument 21/2026")
    assert found.instrument == Instrument(number="21/2026")


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("", "Guinea's government banned exports of bauxite on Monday."),
        ("", "China's commerce ministry said on Monday it will restrict exports of tungsten."),
        ("商务部3月3日宣布对钨实施出口管制", ""),
    ],
)
def test_a_day_alone_is_no_instrument(title: str, text: str) -> None:
    assert only(title, text).instrument is None


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (
            "商务部公告2026年第19号 对钨相关物项实施出口管制",
            "商务部决定对钨相关物项实施出口管制。出口经营者应当提出申请。本公告自2026年4月15日起正式实施。",
        ),
        (
            "China restricts tungsten exports",
            "China's commerce ministry restricts exports of tungsten. This notice shall take effect on 15 April 2026.",
        ),
    ],
)
def test_a_text_that_says_when_it_starts_in_its_last_sentence_is_announced_from_then(title: str, text: str) -> None:
    found = only(title, text, tier=1)
    assert (found.effective_at, found.stage.value) == (date(2026, 4, 15), "announced")


@pytest.mark.parametrize(
    "text",
    [
        "本公告自2023年8月1日起施行",
        "the measure took effect on 15 April 2026",
        "this rule takes effect on 1 August 2023",
    ],
)
def test_the_start_of_an_older_text_is_not_taken(text: str) -> None:
    assert stated_start(fold(text).text, TODAY) is None
