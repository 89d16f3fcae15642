"""What was sent against what the rules say now."""

from __future__ import annotations

from datetime import date

import pytest

from services.backtest.compare import Difference, Field, What, compare
from shared.events import Instrument, SignalDetected
from tests.backtest.signals import signal


def only(sent: list[SignalDetected], found: list[SignalDetected]) -> Difference:
    (difference,) = compare(sent, found)
    return difference


def test_a_signal_that_was_not_sent_is_new() -> None:
    assert only([], [signal()]).what is What.NEW


def test_a_signal_that_is_not_found_any_more_is_gone() -> None:
    difference = only([signal()], [])
    assert difference.what is What.GONE
    assert difference.shown == signal()


def test_a_signal_with_the_same_fields_is_the_same_whatever_rule_score_or_evidence_it_has() -> None:
    now = signal(score=0.9, rules=(), evidence=(), rules_digest="e" * 64, hs_codes=("811292",))
    assert only([signal()], [now]).what is What.SAME


@pytest.mark.parametrize(
    ("field", "before", "after", "shown"),
    [
        ("stage", "announced", "in_force", ("announced", "in_force")),
        ("direction", "tighten", "ease", ("tighten", "ease")),
        ("certainty", "named_report", "official_text", ("named_report", "official_text")),
        ("severity", "high", "low", ("high", "low")),
        ("measure", None, "export_ban", ("", "export_ban")),
        ("initiative", "pax_silica", None, ("pax_silica", "")),
        ("actors", ("CN",), ("CN", "US"), ("CN", "CN, US")),
        ("targets", ("all",), ("JP",), ("all", "JP")),
        ("parties", (), ("JP", "KZ"), ("", "JP, KZ")),
        ("commodities", ("gallium",), (), ("gallium", "")),
        ("effective_at", None, date(2026, 12, 1), ("", "2026-12-01")),
        ("until", date(2026, 12, 1), date(2026, 12, 2), ("2026-12-01", "2026-12-02")),
        (
            "instrument",
            Instrument(number="61 of 2025"),
            Instrument(authority="MOFCOM", number="61 of 2025"),
            ("61 of 2025", "MOFCOM 61 of 2025"),
        ),
    ],
)
def test_each_field_that_people_are_told_counts_as_a_change(
    field: str, before: object, after: object, shown: tuple[str, str]
) -> None:
    difference = only([signal(**{field: before})], [signal(**{field: after})])
    assert difference.what is What.CHANGED
    assert difference.fields == (Field(field, *shown),)


def test_the_order_of_a_list_is_no_change() -> None:
    assert only([signal(actors=("CN", "US"))], [signal(actors=("US", "CN"))]).what is What.SAME


def test_kinds_are_compared_one_by_one() -> None:
    found = compare(
        [signal(kind="alliance_move"), signal()], [signal(), signal(kind="price_floor")]
    )  # an article may signal several kinds
    assert [(it.shown.kind, it.what) for it in found] == [
        ("alliance_move", What.GONE),
        ("export_restriction", What.SAME),
        ("price_floor", What.NEW),
    ]


def test_of_two_signals_sent_about_one_article_and_kind_the_last_one_counts() -> None:
    assert only([signal(stage="hint"), signal()], [signal()]).what is What.SAME
