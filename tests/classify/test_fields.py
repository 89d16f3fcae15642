"""Dates, instruments, severity and the event that is published."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from services.classify.dates import DateRole, mentions
from services.classify.instrument import cite
from services.classify.normalise import fold
from services.classify.severity import Case
from services.classify.signal import to_event
from shared.events import SignalDetected
from shared.events.vocabulary import Certainty, Direction, Severity, Stage
from tests.classify.kit import article, detector, shipped

WEDNESDAY = date(2023, 7, 5)


@pytest.mark.parametrize(
    ("text", "day", "role"),
    [
        ("from 1 August", date(2023, 8, 1), DateRole.EFFECTIVE),
        ("effective August 1, 2024", date(2024, 8, 1), DateRole.EFFECTIVE),
        ("until 10 November 2026", date(2026, 11, 10), DateRole.UNTIL),
        ("said on Monday", date(2023, 7, 3), DateRole.EVENT),
        ("told us on Wednesday", date(2023, 7, 5), DateRole.EVENT),
        ("from 2029", date(2029, 1, 1), DateRole.EFFECTIVE),
        ("next month", date(2023, 8, 1), DateRole.EVENT),
        ("2026-11-27", date(2026, 11, 27), DateRole.EVENT),
        ("自2025年12月1日起施行", date(2025, 12, 1), DateRole.EFFECTIVE),
        ("至2026年11月10日", date(2026, 11, 10), DateRole.UNTIL),
        ("8月1日起", date(2023, 8, 1), DateRole.EFFECTIVE),
        ("今天宣布", date(2023, 7, 5), DateRole.EVENT),
        ("with immediate effect", date(2023, 7, 5), DateRole.EFFECTIVE),
        ("自公布之日起", date(2023, 7, 5), DateRole.EFFECTIVE),
        ("open to public comment until 20 August", date(2023, 8, 20), DateRole.DEADLINE),
        ("comments are due by 20 August", date(2023, 8, 20), DateRole.DEADLINE),
        ("the public has until 20 August to comment", date(2023, 8, 20), DateRole.DEADLINE),
        ("a consultation from 1 August", date(2023, 8, 1), DateRole.DEADLINE),
        ("after a consultation, the ban lasts until 20 August", date(2023, 8, 20), DateRole.UNTIL),
        ("a consulted draft, in force from 1 August", date(2023, 8, 1), DateRole.EFFECTIVE),
        ("意见反馈截止日期为2023年8月20日", date(2023, 8, 20), DateRole.DEADLINE),
        ("公开征求意见，截至8月20日", date(2023, 8, 20), DateRole.DEADLINE),
        ("禁令有效期至2023年8月20日", date(2023, 8, 20), DateRole.UNTIL),
    ],
)
def test_dates_and_their_roles(text: str, day: date, role: DateRole) -> None:
    found = mentions(fold(text).text, WEDNESDAY)
    assert [(mention.date, mention.role) for mention in found] == [(day, role)]


def test_relative_dates_need_the_day_of_publication() -> None:
    assert mentions("on monday, from 1 august", None) == ()
    assert mentions("on 31 june 2024", WEDNESDAY) == ()


@pytest.mark.parametrize(
    ("text", "authority", "number"),
    [
        ("MOFCOM Announcement No. 61 of 2025", "MOFCOM", "61 of 2025"),
        ("Ministry of Commerce Notice No. 23 (2023)", "MOFCOM", "23 of 2023"),
        ("商务部公告2025年第61号", "MOFCOM", "61 of 2025"),
        ("商务部 海关总署公告2025年第18号", "MOFCOM", "18 of 2025"),
        ("不可靠实体清单工作机制公告〔2025〕7号", "UEL mechanism", "7 of 2025"),
        ("海关总署公告2024年第9号", "GACC", "9 of 2024"),
        ("Regulation (EU) 2024/1252", "EU", "2024/1252"),
        ("Statutory Instrument 213/2022", None, "213/2022"),
        ("Ministerial Decision No. 693 of 2025", None, "693 of 2025"),
        ("Announcement No. 19 of 2026", None, "19 of 2026"),
    ],
)
def test_instruments_are_cited_by_authority_and_number(text: str, authority: str | None, number: str) -> None:
    assert [(c.authority, c.number) for c in cite(fold(text).text)] == [(authority, number)]


def test_numbers_alone_are_no_instruments() -> None:
    assert cite("the no. 1 exporter of 2025 shipped 61 tonnes") == ()


@pytest.mark.parametrize(
    ("stage", "certainty", "tier", "level"),
    [
        (Stage.IN_FORCE, Certainty.OFFICIAL_TEXT, 1, Severity.CRITICAL),
        (Stage.ANNOUNCED, Certainty.NAMED_REPORT, 2, Severity.CRITICAL),
        (Stage.ANNOUNCED, Certainty.NAMED_REPORT, 3, Severity.MEDIUM),
        (Stage.PROPOSAL, Certainty.NAMED_REPORT, 2, Severity.MEDIUM),
        (Stage.HINT, Certainty.INFERENCE, 2, Severity.LOW),
        (Stage.RUMOUR, Certainty.UNNAMED_REPORT, 2, Severity.LOW),
    ],
)
def test_severity_follows_the_policy_file(stage: Stage, certainty: Certainty, tier: int, level: Severity) -> None:
    case = Case("export_restriction", stage, Direction.TIGHTEN, certainty, tier, ("gallium",))
    assert shipped().severity.level(case) is level


def test_event_carries_every_field_and_a_stable_id() -> None:
    source = article("China bans exports of gallium to the United States", published=WEDNESDAY)
    finding = detector().detect(source).signals[0]
    at = datetime(2023, 7, 5, 13, tzinfo=UTC)
    event = to_event(finding, source, digest=detector().digest, detected_at=at, collected_at=at)
    again = to_event(finding, source, digest="another", detected_at=at.replace(hour=15), collected_at=at)
    assert event.event_id == again.event_id
    assert event.subject == "orewire.signal.detected.export_restriction.critical"
    assert (event.actors, event.targets, event.commodities, event.hs_codes[0]) == (
        ("CN",),
        ("US",),
        ("gallium",),
        "2853.90",
    )
    assert event.rules[0].id == "curbs-exports"
    assert SignalDetected.model_validate_json(event.body()) == event


def test_background_of_an_old_act_is_context_with_its_reason() -> None:
    text = (
        "The plant opened on Monday. It employs 500 people. The mayor cut a ribbon. Wafers will be made there. "
        "The firm needs gallium, which China restricted exports of after a quarrel."
    )
    decision = detector().detect(article("Chip plant opens", text, published=WEDNESDAY))
    assert decision.signals == ()
    assert [context.context_class for context in decision.context] == ["background"]
    assert text[decision.context[0].start : decision.context[0].end] == decision.context[0].sentence
